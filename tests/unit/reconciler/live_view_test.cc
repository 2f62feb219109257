#include "reconciler/live_view.h"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <thread>

#include "net/http.h"
#include "tests/unit/net/loopback_server.h"

namespace headgate::reconciler {
namespace {

constexpr int kAsking = 8;

// Serves ConfigMaps, of which there are none. Says what it serves only after all have asked.
class ApiServer {
 public:
  ApiServer() {
    server_->Get("/api/v1", [this](const httplib::Request&, httplib::Response& response) {
      std::unique_lock lock(mutex_);
      ++asking_;
      changed_.notify_all();
      changed_.wait_for(lock, std::chrono::seconds(10), [&] { return asking_ == kAsking; });
      const char* served =
          R"({"resources":[{"name":"configmaps","kind":"ConfigMap","namespaced":true}]})";
      response.set_content(served, "application/json");
    });
    server_->Get("/api/v1/configmaps",
                 [this](const httplib::Request& request, httplib::Response& response) {
                   if (request.has_param("watch")) return;
                   ++lists;
                   response.set_content(R"({"metadata":{"resourceVersion":"1"},"items":[]})",
                                        "application/json");
                 });
    server_.Listen();
  }

  deploy::Cluster cluster() const { return {"test", server_.Url(""), nullptr, "default"}; }

  std::atomic<int> lists = 0;

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int asking_ = 0;  // guarded by mutex_
  test::Loopback<httplib::Server> server_;
};

// One too many was ended under the lock that its callback may be waiting for.
TEST(LiveView, OpensOneWatchOfAKindHoweverManyNeedItAtOnce) {
  ApiServer server;
  net::Http http;
  LiveView view(deploy::Client(server.cluster(), &http), [](const std::string&) {});
  std::atomic<int> covered = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kAsking; ++i) {
      threads.emplace_back([&] {
        if (view.Cover({{"v1", "ConfigMap"}}, {}).ok()) ++covered;
      });
    }
  }
  EXPECT_EQ(covered, kAsking);
  EXPECT_EQ(server.lists, 1);
}

}  // namespace
}  // namespace headgate::reconciler
