#include "rollout/metrics/credentials.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include <thread>

#include "core/hash.h"

namespace headgate::rollout::metrics {
namespace {

core::Value SecretOf(const std::vector<std::pair<std::string, std::string>>& data) {
  core::Map encoded;
  for (const auto& [key, value] : data) encoded.Set(key, core::ToBase64(value));
  return core::Map{
      {"metadata", core::Map{{"name", "prom"}, {"namespace", "shop"}, {"resourceVersion", "1"}}},
      {"data", std::move(encoded)}};
}

struct Case {
  const char* name;
  std::vector<std::pair<std::string, std::string>> data;
  const char* want;  // part of the error; "" where it is well
};
const Case kCases[] = {
    {"TakesNothing", {}, ""},
    {"TakesBasic", {{"username", "u"}, {"password", "p"}}, ""},
    {"TakesABearerTokenWithItsLineEnd", {{"bearerToken", "sesame\n"}}, ""},
    {"TakesOAuth2",
     {{"oauth2TokenURL", "https://t"}, {"oauth2ClientID", "i"}, {"oauth2ClientSecret", "s"}},
     ""},
    {"TakesHeaders", {{"headers", "X-Scope-OrgID: shop\n\nX-A : b c\n"}}, ""},
    {"RefusesAnUnknownKey", {{"bearer", "x"}}, "has no use for the key bearer"},
    {"RefusesTwoWays", {{"username", "u"}, {"bearerToken", "x"}}, "keep one"},
    {"RefusesHalfAnOAuth2", {{"oauth2ClientID", "i"}}, "OAuth2 needs the keys"},
    {"RefusesAFileAsTokenUrl",
     {{"oauth2TokenURL", "file:///etc/passwd"},
      {"oauth2ClientID", "i"},
      {"oauth2ClientSecret", "s"}},
     "no http or https URL"},
    {"RefusesHalfACertificate", {{"tls.crt", "x"}}, "needs both keys"},
    {"RefusesAPasswordAlone", {{"password", "sesame"}}, "no username"},
    {"RefusesNoHeader", {{"headers", "sesame"}}, "expected lines of"},
    {"RefusesOurOwnHeaders", {{"headers", "Host: x"}}, "Host is not for Secrets"},
};
class CredentialsTest : public testing::TestWithParam<Case> {};
TEST_P(CredentialsTest, AreReadFromASecret) {
  const auto read = ReadCredentials(SecretOf(GetParam().data));
  const std::string error = read ? "" : read.error().text();
  if (!*GetParam().want) {
    EXPECT_EQ(error, "");
  } else {
    EXPECT_THAT(error, testing::HasSubstr(GetParam().want));
  }
  EXPECT_THAT(error, testing::Not(testing::HasSubstr("sesame")));
}
INSTANTIATE_TEST_SUITE_P(Rollout, CredentialsTest, testing::ValuesIn(kCases),
                         [](const auto& test) { return test.param.name; });

// A token server and a Prometheus behind it.
class AccessesTest : public testing::Test {
 protected:
  AccessesTest() {
    server_.Post("/token", [this](const httplib::Request& request, httplib::Response& response) {
      token_asked_ += request.get_header_value("Authorization") + " " + request.body + "\n";
      response.status = token_status_;
      response.set_content(token_answer_, "application/json");
    });
    server_.Post(
        "/api/v1/query", [this](const httplib::Request& request, httplib::Response& response) {
          asked_ += request.get_header_value("Authorization") + " " +
                    request.get_header_value("X-Scope-OrgID") + "\n";
          response.set_content(R"({"status":"success","data":{"resultType":"matrix","result":[]}})",
                               "application/json");
        });
    server_.set_keep_alive_max_count(1);
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::jthread([this] { server_.listen_after_bind(); });
  }
  ~AccessesTest() override {
    while (!server_.is_running()) std::this_thread::yield();
    server_.stop();
  }
  std::string Url(const std::string& path) const {
    return "http://127.0.0.1:" + std::to_string(port_) + path;
  }
  core::Value OAuth2() const {
    return SecretOf({{"oauth2TokenURL", Url("/token")},
                     {"oauth2ClientID", "me"},
                     {"oauth2ClientSecret", "sesame"},
                     {"oauth2Scopes", "read all"}});
  }
  std::string AskWith(const core::Value& secret) {
    const auto access = accesses_.For(secret, std::chrono::seconds(5), &http_, clock_, {});
    if (!access) return access.error().text();
    const Query query{"m", Query::Which::kBad, "x[1s]", core::HandClock::kStart};
    const auto answer = Prometheus(&http_, Url(""), *access).Ask(query);
    return answer ? "asked" : answer.error().text();
  }

  httplib::Server server_;
  int port_ = 0;
  int token_status_ = 200;
  std::string token_answer_ = R"({"access_token":"abc","expires_in":600})";
  std::string token_asked_, asked_;
  net::Http http_;
  core::HandClock clock_;
  Accesses accesses_;
  std::jthread thread_;
};

TEST_F(AccessesTest, SendBasicAuthenticationAndHeaders) {
  EXPECT_EQ(
      AskWith(SecretOf({{"username", "u"}, {"password", "p"}, {"headers", "X-Scope-OrgID: shop"}})),
      "asked");
  EXPECT_EQ(asked_, "Basic dTpw shop\n");
}

TEST_F(AccessesTest, SendABearerToken) {
  EXPECT_EQ(AskWith(SecretOf({{"bearerToken", "t"}})), "asked");
  EXPECT_EQ(asked_, "Bearer t \n");
}

TEST_F(AccessesTest, GetATokenOnceAndRenewItInTime) {
  EXPECT_EQ(AskWith(OAuth2()), "asked");
  EXPECT_EQ(AskWith(OAuth2()), "asked");
  EXPECT_EQ(asked_, "Bearer abc \nBearer abc \n");
  EXPECT_EQ(token_asked_, "Basic bWU6c2VzYW1l grant_type=client_credentials&scope=read%20all\n");
  clock_.Move(std::chrono::seconds(545));
  token_answer_ = R"({"access_token":"def"})";
  EXPECT_EQ(AskWith(OAuth2()), "asked");
  EXPECT_THAT(asked_, testing::EndsWith("Bearer def \n"));
}

TEST_F(AccessesTest, SayThatNoTokenIsGivenAndKeepTheSecret) {
  token_status_ = 401;
  token_answer_ = R"({"error":"invalid_client","error_description":"sesame"})";
  const std::string text = AskWith(OAuth2());
  EXPECT_THAT(text, testing::HasSubstr("no token is given (HTTP 401: invalid_client)"));
  EXPECT_THAT(text, testing::Not(testing::HasSubstr("sesame")));
  EXPECT_EQ(asked_, "");
}

}  // namespace
}  // namespace headgate::rollout::metrics
