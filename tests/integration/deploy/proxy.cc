#include "proxy.h"

#include <httplib.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "environment.h"

namespace headgate::deploy {
namespace {

// One watch on its way through.
struct Through {
  std::mutex mutex;
  std::condition_variable changed;
  std::string bytes;          // guarded by mutex
  bool ended = false;         // guarded by mutex
  std::optional<int> status;  // guarded by mutex
  std::unique_ptr<net::Http::Exchange> exchange;
};

std::shared_ptr<Through> Open(net::Request request) {
  auto through = std::make_shared<Through>();
  Through* raw = through.get();
  net::Http::Callbacks callbacks;
  callbacks.head = [raw](const net::Response& head) {
    const std::lock_guard lock(raw->mutex);
    raw->status = head.status;
    raw->changed.notify_all();
    return true;
  };
  callbacks.bytes = [raw](std::string_view bytes) {
    const std::lock_guard lock(raw->mutex);
    raw->bytes.append(bytes);
    raw->changed.notify_all();
    return true;
  };
  callbacks.end = [raw](core::Result<net::Response>) {
    const std::lock_guard lock(raw->mutex);
    raw->ended = true;
    raw->changed.notify_all();
  };
  through->exchange = TestHttp().Start(std::move(request), std::move(callbacks));
  return through;
}

}  // namespace

struct Proxy::State {
  httplib::Server server;
  int port = 0;
  std::jthread thread;

  std::atomic<int> cuts = 0;
  mutable std::mutex mutex;
  Fault fault;                        // guarded by mutex
  std::vector<std::string> requests;  // guarded by mutex

  void Handle(const httplib::Request& in, httplib::Response& out);
  void Forward(net::Request request, httplib::Response& out);
  void ForwardStream(net::Request request, httplib::Response& out);
};

void Proxy::State::Handle(const httplib::Request& in, httplib::Response& out) {
  const std::string line = in.method + " " + in.target;
  Fault wanted;
  {
    const std::lock_guard lock(mutex);
    requests.push_back(line);
    wanted = fault;
  }
  if (const std::optional<Answer> answer = wanted ? wanted(line) : std::nullopt) {
    out.status = answer->status;
    for (const auto& [name, value] : answer->headers) out.set_header(name.c_str(), value);
    out.set_content(answer->body, "application/json");
    return;
  }
  net::Request request;
  request.method = in.method;
  request.url = TestCluster().server + in.target;
  request.identity = TestCluster().identity;
  request.body = in.body;
  for (const char* name : {"Accept", "Content-Type", "Impersonate-User"}) {
    if (in.has_header(name)) request.headers.emplace_back(name, in.get_header_value(name));
  }
  if (in.target.find("watch=true") != std::string::npos) {
    ForwardStream(std::move(request), out);
  } else {
    Forward(std::move(request), out);
  }
}

void Proxy::State::Forward(net::Request request, httplib::Response& out) {
  const core::Result<net::Response> answer = TestHttp().Send(request);
  out.status = answer ? answer->status : 502;
  if (answer) out.set_content(answer->body, "application/json");
}

void Proxy::State::ForwardStream(net::Request request, httplib::Response& out) {
  request.deadline = core::Duration(0);
  std::shared_ptr<Through> through = Open(std::move(request));
  {
    std::unique_lock lock(through->mutex);
    through->changed.wait(lock, [&] { return through->status || through->ended; });
    out.status = through->status.value_or(502);
  }
  const int cuts_before = cuts;
  out.set_chunked_content_provider(
      "application/json", [this, through, cuts_before](size_t, httplib::DataSink& sink) {
        std::unique_lock lock(through->mutex);
        through->changed.wait_for(lock, std::chrono::milliseconds(10),
                                  [&] { return !through->bytes.empty() || through->ended; });
        if (cuts != cuts_before || !server.is_running()) return false;
        const std::string bytes = std::exchange(through->bytes, "");
        if (bytes.empty() && through->ended) {
          sink.done();
          return true;
        }
        return bytes.empty() || sink.write(bytes.data(), bytes.size());
      });
}

Proxy::Proxy() : state_(std::make_unique<State>()) {
  State* state = state_.get();
  const auto handle = [state](const httplib::Request& in, httplib::Response& out) {
    state->Handle(in, out);
  };
  state->server.Get(".*", handle);
  state->server.Put(".*", handle);
  state->server.Post(".*", handle);
  state->server.Patch(".*", handle);
  state->server.Delete(".*", handle);
  state->server.set_keep_alive_max_count(10000);
  state->server.set_keep_alive_timeout(1);
  state->server.new_task_queue = [] { return new httplib::ThreadPool(32); };
  state->port = state->server.bind_to_any_port("127.0.0.1");
  state->thread = std::jthread([state] { state->server.listen_after_bind(); });
  Eventually([state] { return state->server.is_running(); });
}

Proxy::~Proxy() {
  state_->server.stop();
  state_->thread.join();
}

Cluster Proxy::cluster() const {
  Cluster cluster;
  cluster.name = "proxy";
  cluster.server = "http://127.0.0.1:" + std::to_string(state_->port);
  cluster.identity = std::make_shared<net::Identity>();
  return cluster;
}

void Proxy::SetFault(Fault fault) {
  const std::lock_guard lock(state_->mutex);
  state_->fault = std::move(fault);
}

void Proxy::CutStreams() { ++state_->cuts; }

std::vector<std::string> Proxy::requests() const {
  const std::lock_guard lock(state_->mutex);
  return state_->requests;
}

size_t Proxy::Count(const std::string& beginning) const {
  const std::lock_guard lock(state_->mutex);
  size_t n = 0;
  for (const std::string& request : state_->requests) n += request.starts_with(beginning) ? 1 : 0;
  return n;
}

}  // namespace headgate::deploy
