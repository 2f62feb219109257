#include "reconciler/daemon.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <thread>

#include "git/mirrors.h"
#include "net/http.h"
#include "reconciler/http_server.h"

namespace headgate::reconciler {
namespace {

constexpr int kAnswersBeforeStop = 20;

int FreePort() {
  const auto server = HttpServer::Start("127.0.0.1:0", {});
  return server ? (*server)->port() : 0;
}

std::string Get(net::Http& http, const std::string& url) {
  net::Request request;
  request.url = url;
  const core::Result<net::Response> response = http.Send(request);
  return response ? std::to_string(response->status) + " " + response->body : "";
}

// Under tsan: /readyz was answered by a watch that was not there yet, or no longer.
TEST(Daemon, SaysWhetherItIsReadyFromItsFirstMomentToItsLast) {
  net::Http http;
  git::Mirrors mirrors(std::filesystem::path(testing::TempDir()) / "daemon_test", &http, {});
  const std::string at = "127.0.0.1:" + std::to_string(FreePort());
  const deploy::Cluster nobody{"test", "http://127.0.0.1:1", nullptr, "default"};
  DaemonOptions options;
  options.listen = at;
  options.identity = "test";
  const core::RealClock clock;
  std::stop_source stop;
  core::Status ended = core::Internal("does not run");
  std::jthread daemon([&] {
    ended = RunDaemon(deploy::Client(nobody, &http), &mirrors, options, &clock, stop.get_token());
  });
  const core::BootTime until = clock.SinceBoot() + std::chrono::seconds(60);
  int answers = 0;
  for (std::string answer; clock.SinceBoot() < until;) {
    answer = Get(http, "http://" + at + "/readyz");
    if (answer.empty() && stop.stop_requested()) break;
    if (answer.empty()) continue;
    EXPECT_EQ(answer, "503 Applications are not listed yet\n");
    if (++answers == kAnswersBeforeStop) stop.request_stop();
  }
  stop.request_stop();
  daemon.join();
  EXPECT_TRUE(ended.ok()) << ended.error().text();
  EXPECT_GE(answers, kAnswersBeforeStop);
}

}  // namespace
}  // namespace headgate::reconciler
