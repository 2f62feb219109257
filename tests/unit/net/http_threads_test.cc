#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <latch>
#include <thread>

#include "net/http.h"
#include "tests/unit/net/loopback_server.h"

namespace headgate::net {
namespace {

TEST(HttpThreads, SendsFromManyThreads) {
  test::Loopback<httplib::Server> server;
  server->Get("/", [](const httplib::Request&, httplib::Response& response) {
    response.set_content("x", "text/plain");
  });
  server.Listen();
  Http http;
  std::atomic<int> answered = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&] {
        for (int round = 0; round < 20; ++round) {
          Request request;
          request.url = server.Url("/");
          // Identities come and go, and their pools with them.
          if (round % 4 == 0) request.identity = std::make_shared<Identity>();
          if (http.Send(request).ok()) ++answered;
        }
      });
    }
  }
  EXPECT_EQ(answered, 160);
}

// A server that takes requests and answers none before the test is over.
class SilentServer {
 public:
  SilentServer() {
    server_->Get("/", [this](const httplib::Request&, httplib::Response&) {
      arrived_.count_down();
      over_.wait();
    });
    server_.Listen();
  }
  ~SilentServer() { over_promise_.set_value(); }

  Request request() const {
    Request request;
    request.url = server_.Url("/");
    return request;
  }
  void WaitForRequests() { arrived_.wait(); }
  static constexpr int kRequests = 10;

 private:
  std::promise<void> over_promise_;
  std::shared_future<void> over_ = over_promise_.get_future().share();
  std::latch arrived_{kRequests};
  test::Loopback<httplib::Server> server_;
};

TEST(HttpThreads, EndsAllWhenDestroyed) {
  std::vector<std::unique_ptr<Http::Exchange>> exchanges;  // outlive the Http
  std::atomic<int> cancelled = 0;
  SilentServer server;
  {
    Http http;
    for (int i = 0; i < SilentServer::kRequests; ++i) {
      Http::Callbacks callbacks;
      callbacks.end = [&](const core::Result<Response>& result) {
        if (!result.ok() && result.error().fault() == core::Fault::kCancelled) ++cancelled;
      };
      exchanges.push_back(http.Start(server.request(), std::move(callbacks)));
    }
    server.WaitForRequests();
  }
  EXPECT_EQ(cancelled, SilentServer::kRequests);
}

TEST(HttpThreads, LetsSendReturnWhenDestroyed) {
  SilentServer server;
  auto http = std::make_unique<Http>();
  std::atomic<int> cancelled = 0;
  std::vector<std::jthread> threads;
  for (int i = 0; i < SilentServer::kRequests; ++i) {
    threads.emplace_back([&, client = http.get()] {
      const core::Result<Response> result = client->Send(server.request());
      if (!result.ok() && result.error().fault() == core::Fault::kCancelled) ++cancelled;
    });
  }
  server.WaitForRequests();
  http.reset();
  threads.clear();
  EXPECT_EQ(cancelled, SilentServer::kRequests);
}

TEST(HttpThreads, DropsExchangesAtAnyMoment) {
  test::Loopback<httplib::Server> server;
  server->Get("/", [](const httplib::Request&, httplib::Response& response) {
    response.set_content(std::string(100'000, 'x'), "text/plain");
  });
  server.Listen();
  Http http;
  for (int i = 0; i < 200; ++i) {
    auto bytes_seen = std::make_unique<std::atomic<size_t>>(0);
    Request request;
    request.url = server.Url("/");
    Http::Callbacks callbacks;
    callbacks.bytes = [seen = bytes_seen.get()](std::string_view bytes) {
      *seen += bytes.size();
      return true;
    };
    std::unique_ptr<Http::Exchange> exchange = http.Start(std::move(request), std::move(callbacks));
    while (i % 2 == 1 && *bytes_seen == 0) std::this_thread::yield();
    exchange.reset();
    bytes_seen.reset();  // a late callback would write into freed memory
  }
  Request request;
  request.url = server.Url("/");
  EXPECT_EQ(http.Send(request)->body.size(), 100'000U);
}

}  // namespace
}  // namespace headgate::net
