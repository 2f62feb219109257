#include "reconciler/http_server.h"

#include <httplib.h>

#include <algorithm>
#include <charconv>
#include <thread>

namespace headgate::reconciler {

struct HttpServer::State {
  Handlers handlers;
  httplib::Server server;
  int port = 0;
  std::jthread thread;
};

namespace {

constexpr int kStartMs = 5000;  // for the thread to begin to listen

void Answer(const core::Status& status, httplib::Response* response) {
  response->status = status ? 200 : 503;
  response->set_content(status ? "ok\n" : status.error().text() + "\n",
                        "text/plain; charset=utf-8");
}

HookCall CallOf(const httplib::Request& request) {
  HookCall call{request.matches[1].str(), {}, request.body};
  for (const auto& [name, value] : request.headers) {
    std::string lower = name;
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    call.headers.emplace(std::move(lower), value);  // of a header given twice the first counts
  }
  return call;
}

}  // namespace

HttpServer::HttpServer(std::unique_ptr<State> state) : state_(std::move(state)) {}

HttpServer::~HttpServer() { state_->server.stop(); }

int HttpServer::port() const { return state_->port; }

core::Result<std::unique_ptr<HttpServer>> HttpServer::Start(const std::string& listen,
                                                            Handlers handlers) {
  const size_t colon = listen.rfind(':');
  const std::string address = listen.substr(0, colon);
  int port = -1;
  if (colon != std::string::npos) {
    std::from_chars(listen.data() + colon + 1, listen.data() + listen.size(), port);
  }
  if (port < 0 || port > 65535) {
    return core::Invalid(
        "\"" + listen +
        "\" is no address to listen at; expected ADDRESS:PORT, such as 127.0.0.1:9090");
  }
  auto state = std::make_unique<State>();
  state->handlers = std::move(handlers);
  State* const raw = state.get();
  state->server.set_payload_max_length(1024 * 1024);
  state->server.set_keep_alive_max_count(1);  // a stop would wait for idle connections
  state->server.set_read_timeout(5);
  state->server.set_write_timeout(5);
  state->server.Get("/metrics", [raw](const httplib::Request&, httplib::Response& response) {
    response.set_content(raw->handlers.metrics(), "text/plain; version=0.0.4; charset=utf-8");
  });
  state->server.Get("/healthz", [raw](const httplib::Request&, httplib::Response& response) {
    Answer(raw->handlers.healthy(), &response);
  });
  state->server.Get("/readyz", [raw](const httplib::Request&, httplib::Response& response) {
    Answer(raw->handlers.ready(), &response);
  });
  if (state->handlers.hook) {
    state->server.Post(
        R"(/hooks/([^/]+))", [raw](const httplib::Request& request, httplib::Response& response) {
          const Webhook::Answer answer = raw->handlers.hook(CallOf(request));
          response.status = answer.status;
          if (answer.retry_after_seconds > 0)
            response.set_header("Retry-After", std::to_string(answer.retry_after_seconds));
          response.set_content(answer.text, "text/plain; charset=utf-8");
        });
  }
  state->port = port == 0 ? state->server.bind_to_any_port(address) : port;
  if (port != 0 && !state->server.bind_to_port(address, port)) state->port = -1;
  if (state->port < 0)
    return core::Unavailable("cannot listen at " + listen + "; is another process there?");
  state->thread = std::jthread([raw] { raw->server.listen_after_bind(); });
  // A stop that came before the start would be lost, and the thread never end.
  for (int i = 0; i < kStartMs && !state->server.is_running(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(state)));
}

}  // namespace headgate::reconciler
