#include "reconciler/webhook.h"

#include <gtest/gtest.h>

namespace headgate::reconciler {
namespace {

// From the documentation of GitHub ("Validating webhook deliveries").
constexpr const char* kSecret = "It's a Secret to Everybody";
constexpr const char* kBody = "Hello, World!";
constexpr const char* kSignature =
    "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";

struct Case {
  const char* name;
  std::map<std::string, std::string> headers;
  const char* body;
  bool let_in;
};

core::Time At(int64_t seconds) { return core::Time(std::chrono::seconds(seconds)); }

std::string Timed(const char* stamp) {
  return "sha256=" + HmacSha256(kSecret, std::string(stamp) + "." + kBody);
}

const Case kCases[] = {
    {"TakesGitHubs", {{"x-hub-signature-256", std::string("sha256=") + kSignature}}, kBody, true},
    {"TakesGiteas", {{"x-gitea-signature", kSignature}}, kBody, true},
    {"TakesGitLabs", {{"x-gitlab-token", kSecret}}, kBody, true},
    {"TakesATimedOne",
     {{"x-headgate-timestamp", "1000"}, {"x-headgate-signature", Timed("1000")}},
     kBody,
     true},
    {"RefusesAnotherBody",
     {{"x-hub-signature-256", std::string("sha256=") + kSignature}},
     "Hello, World",
     false},
    {"RefusesAShorterSignature", {{"x-gitea-signature", "757107"}}, kBody, false},
    {"RefusesAnEmptySignature", {{"x-hub-signature-256", "sha256="}}, kBody, false},
    {"RefusesAnotherToken", {{"x-gitlab-token", "secret"}}, kBody, false},
    {"RefusesWhatIsOld",
     {{"x-headgate-timestamp", "600"}, {"x-headgate-signature", Timed("600")}},
     kBody,
     false},
    {"RefusesWhatIsOfTheFuture",
     {{"x-headgate-timestamp", "1400"}, {"x-headgate-signature", Timed("1400")}},
     kBody,
     false},
    {"RefusesAnotherTimestamp",
     {{"x-headgate-timestamp", "1001"}, {"x-headgate-signature", Timed("1000")}},
     kBody,
     false},
    {"RefusesATimedOneWithoutATime", {{"x-headgate-signature", Timed("1000")}}, kBody, false},
    {"RefusesNoSignature", {}, kBody, false},
};

class CheckHookTest : public testing::TestWithParam<Case> {};

TEST_P(CheckHookTest, Decides) {
  const HookCall call{"shop", GetParam().headers, GetParam().body};
  const core::Result<std::string> checked = CheckHook(call, kSecret, At(1000));
  EXPECT_EQ(checked.ok(), GetParam().let_in) << (checked ? *checked : checked.error().text());
  const std::string said = checked ? "" : checked.error().text();
  EXPECT_EQ(said.find(kSecret), std::string::npos);
  EXPECT_FALSE(CheckHook(call, "", At(1000)).ok());
}

INSTANTIATE_TEST_SUITE_P(Webhook, CheckHookTest, testing::ValuesIn(kCases),
                         [](const auto& test) { return test.param.name; });

class WebhookTest : public testing::Test {
 protected:
  std::string Hear(const std::string& name, const std::string& token, const std::string& body) {
    const Webhook::Answer answer = webhook_.Hear({name, {{"x-gitlab-token", token}}, body});
    std::string text = std::to_string(answer.status);
    for (const std::string& each : woken_) text += " " + each;
    woken_.clear();
    return text;
  }

  core::HandClock clock_;
  std::vector<std::string> woken_;
  int secrets_read_ = 0;
  Webhook webhook_{{.receivers =
                        [](const std::string& name) {
                          std::vector<Webhook::Receiver> all;
                          if (name != "push") return all;
                          all = {{"a", "a/one", "https://git.example.com/a.git"},
                                 {"a", "a/two", "https://git.example.com/a.git"},
                                 {"b", "b/one", "https://git.example.com/b.git"}};
                          return all;
                        },
                    .secret =
                        [this](const std::string& space, const std::string&) {
                          ++secrets_read_;
                          return core::Result<std::string>("token of " + space);
                        },
                    .wake =
                        [this](const std::vector<Webhook::Receiver>& all) {
                          for (const auto& each : all) woken_.push_back(each.application);
                        }},
                   &clock_};
};

TEST_F(WebhookTest, WakesThoseWhoseSecretSignedIt) {
  EXPECT_EQ(Hear("push", "token of a", "1"), "202 a/one a/two");
  EXPECT_EQ(Hear("push", "token of b", "1"), "202 b/one");
  EXPECT_EQ(Hear("push", "token of c", "1"), "403");
  EXPECT_EQ(Hear("other", "token of a", "1"), "403");
  EXPECT_EQ(secrets_read_, 2);  // each once
}

TEST_F(WebhookTest, HearsADeliveryOnce) {
  EXPECT_EQ(Hear("push", "token of b", "1"), "202 b/one");
  EXPECT_EQ(Hear("push", "token of b", "1"), "202");
  EXPECT_EQ(Hear("push", "token of b", "2"), "202 b/one");
}

TEST_F(WebhookTest, RefusesWhatIsTooLargeOrTooOften) {
  EXPECT_EQ(Hear("push", "token of b", std::string(kHookBodyBytesMax + 1, 'x')), "413");
  int let_in = 0;
  for (int i = 0; i < 100; ++i) let_in += Hear("push", "no", std::to_string(i)) == "403";
  EXPECT_EQ(let_in, 30);
  EXPECT_EQ(Hear("push", "token of b", "1"), "429");
  clock_.Move(std::chrono::seconds(2));
  EXPECT_EQ(Hear("push", "token of b", "1"), "202 b/one");
}

}  // namespace
}  // namespace headgate::reconciler
