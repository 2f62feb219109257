#include "reconciler/http_server.h"

#include <gtest/gtest.h>

#include "net/http.h"
#include "reconciler/metrics.h"

namespace headgate::reconciler {
namespace {

TEST(HttpServer, AnswersWhetherItLivesAndWhatItCounted) {
  Metrics metrics;
  metrics.Looked("ok", std::chrono::milliseconds(3));
  metrics.Application("shop/web", true, core::Position(core::Trial{.weight = 10}));
  bool ready = false;
  core::Result<std::unique_ptr<HttpServer>> server = HttpServer::Start(
      "127.0.0.1:0",
      {[&] { return metrics.Text(); }, [] { return core::Ok(); },
       [&] { return ready ? core::Ok() : core::Status(core::Unavailable("not listed yet")); }});
  ASSERT_TRUE(server.ok()) << server.error().text();
  net::Http http;
  const auto get = [&](const std::string& path) {
    net::Request request;
    request.url = "http://127.0.0.1:" + std::to_string((*server)->port()) + path;
    core::Result<net::Response> response = http.Send(request);
    return response ? std::to_string(response->status) + " " + response->body
                    : response.error().text();
  };
  EXPECT_EQ(get("/healthz"), "200 ok\n");
  EXPECT_EQ(get("/readyz"), "503 not listed yet\n");
  ready = true;
  EXPECT_EQ(get("/readyz"), "200 ok\n");
  EXPECT_NE(get("/metrics").find("headgate_reconciles_total{result=\"ok\"} 1"), std::string::npos)
      << get("/metrics");
  EXPECT_NE(get("/metrics").find("headgate_rollout_weight_percent{application=\"shop/web\"} 10"),
            std::string::npos);
  metrics.Forget("shop/web");
  EXPECT_EQ(get("/metrics").find("shop/web"), std::string::npos);
}

TEST(HttpServer, SaysWhatIsWrongWithAnAddress) {
  const auto server = HttpServer::Start("localhost", {});
  ASSERT_FALSE(server.ok());
  EXPECT_NE(server.error().text().find("expected ADDRESS:PORT"), std::string::npos);
}

}  // namespace
}  // namespace headgate::reconciler
