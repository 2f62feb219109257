#include "rollout/metrics/webhook.h"

#include <gtest/gtest.h>
#include <httplib.h>

#include <thread>

#include "core/json.h"
#include "net/http.h"
#include "tests/unit/rollout/world.h"

// A server on loopback in a webhook's place.
namespace headgate::rollout::metrics {
namespace {

using Says = GateSeen::Says;

class WebhookTest : public testing::Test {
 protected:
  WebhookTest() {
    const auto answer = [this](const httplib::Request& request, httplib::Response& response) {
      bodies_.push_back(request.body);
      authorization_ += request.get_header_value("Authorization");
      if (slow_.count() > 0) std::this_thread::sleep_for(slow_);
      response.status = status_;
      if (!location_.empty()) response.set_header("Location", location_);
      response.set_content(answer_, "text/plain");
    };
    server_.Post("/gate", answer);
    server_.Post("/other", [this](const httplib::Request&, httplib::Response&) { ++elsewhere_; });
    server_.Get("/other", [this](const httplib::Request&, httplib::Response&) { ++elsewhere_; });
    server_.set_keep_alive_max_count(1);  // a stop would wait for idle connections
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::jthread([this] { server_.listen_after_bind(); });
  }
  ~WebhookTest() override {
    while (!server_.is_running())
      std::this_thread::yield();  // a stop before its start would be lost
    server_.stop();
  }

  GateSeen Ask() {
    core::Gate gate;
    gate.url = "http://127.0.0.1:" + std::to_string(port_) + "/gate";
    gate.timeout = std::chrono::seconds(1);
    core::Trial trial;
    trial.candidate.revision = "2222222bbbb";
    return AskGate(SpecOf({gate}), gate, trial, &http_);
  }

  httplib::Server server_;
  int port_ = 0;
  int status_ = 200;
  std::chrono::milliseconds slow_{0};
  std::string location_, answer_, authorization_;
  std::vector<std::string> bodies_;
  int elsewhere_ = 0;
  net::Http http_;
  std::jthread thread_;
};

TEST_F(WebhookTest, IsPostedToOnceAndItsStatusCounts) {
  EXPECT_EQ(Ask().says, Says::kGo);
  ASSERT_EQ(bodies_.size(), 1u);
  const core::Result<core::Value> body = core::ParseJson(bodies_[0]);
  ASSERT_TRUE(body);
  EXPECT_EQ(body->StringAt("name"), "shop");
  EXPECT_EQ(body->StringAt("revision"), "2222222bbbb");
  EXPECT_EQ(authorization_, "");
  status_ = 403;
  EXPECT_EQ(Ask().says, Says::kRefused);
  status_ = 500;
  EXPECT_EQ(Ask().says, Says::kUnknown);
  EXPECT_EQ(bodies_.size(), 3u);
}

TEST_F(WebhookTest, IsFollowedNowhere) {
  for (const int status : {301, 302, 307, 308}) {
    status_ = status;
    location_ = "http://127.0.0.1:" + std::to_string(port_) + "/other";
    EXPECT_EQ(Ask().says, Says::kUnknown) << status;
  }
  EXPECT_EQ(elsewhere_, 0);
}

TEST_F(WebhookTest, SaysNothingWhenItIsSlowHugeOrAway) {
  slow_ = std::chrono::milliseconds(1500);
  EXPECT_EQ(Ask().says, Says::kUnknown);
  slow_ = std::chrono::milliseconds(0);
  answer_ = std::string(1 << 20, 'x');
  const GateSeen huge = Ask();
  EXPECT_EQ(huge.says, Says::kUnknown);
  EXPECT_EQ(huge.why.find("xxx"), std::string::npos);
  answer_ = "s3cret";
  status_ = 403;
  EXPECT_EQ(Ask().why.find("s3cret"), std::string::npos);
  port_ = 1;  // nobody listens there
  EXPECT_EQ(Ask().says, Says::kUnknown);
}

}  // namespace
}  // namespace headgate::rollout::metrics
