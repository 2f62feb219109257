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

// Lists none, tells of one ConfigMap that comes and goes, and then of nothing.
class ComesAndGoes {
 public:
  ComesAndGoes() {
    server_->Get("/api/v1", [](const httplib::Request&, httplib::Response& response) {
      response.set_content(
          R"({"resources":[{"name":"configmaps","kind":"ConfigMap","namespaced":true}]})",
          "application/json");
    });
    server_->Get("/api/v1/configmaps",
                 [this](const httplib::Request& request, httplib::Response& response) {
                   const bool first = request.has_param("watch") && !told_.exchange(true);
                   if (first) return response.set_content(kEvents, "application/json");
                   if (request.has_param("watch")) std::this_thread::sleep_for(kQuiet);
                   response.set_content(R"({"metadata":{"resourceVersion":"1"},"items":[]})",
                                        "application/json");
                 });
    server_.Listen();
  }

  deploy::Cluster cluster() const { return {"test", server_.Url(""), nullptr, "default"}; }

 private:
  static constexpr std::chrono::milliseconds kQuiet{200};
  static constexpr const char* kEvents =
      R"({"type":"ADDED","object":{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","namespace":"x","uid":"u","resourceVersion":"5","annotations":{"headgate.dev/application":"x/app"}}}}
{"type":"DELETED","object":{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","namespace":"x","uid":"u","resourceVersion":"7","annotations":{"headgate.dev/application":"x/app"}}}}
)";
  std::atomic<bool> told_ = false;
  test::Loopback<httplib::Server> server_;
};

std::shared_ptr<const core::Value> ConfigMapOf(const char* version) {
  return std::make_shared<const core::Value>(core::Map{
      {"apiVersion", "v1"},
      {"kind", "ConfigMap"},
      {"metadata", core::Map{{"name", "a"}, {"namespace", "x"}, {"resourceVersion", version}}}});
}

// An object that was deleted at once after it was healed stayed away for ever: the answer to our
// write was kept although the watch had told of the deletion before it.
TEST(LiveView, KnowsThatAWriteWasOvertakenByADeletion) {
  ComesAndGoes server;
  net::Http http;
  std::atomic<int> told = 0;
  LiveView view(deploy::Client(server.cluster(), &http), [&](const std::string&) { ++told; });
  ASSERT_TRUE(view.Cover({{"v1", "ConfigMap"}}, {}).ok());
  for (int i = 0; i < 5000 && told < 2; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  ASSERT_EQ(told, 2);
  const core::ObjectRef ref{"", "ConfigMap", "x", "a"};
  view.Put(ref, ConfigMapOf("6"));
  EXPECT_EQ(view.Get(ref), nullptr);
  view.Put(ref, ConfigMapOf("8"));  // made anew
  ASSERT_NE(view.Get(ref), nullptr);
  EXPECT_EQ(view.Get(ref)->StringAt("metadata", "resourceVersion"), "8");
}

}  // namespace
}  // namespace headgate::reconciler
