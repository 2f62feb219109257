#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/http.h"
#include "tests/unit/net/loopback_server.h"

namespace headgate::net {
namespace {

using testing::HasSubstr;

// "here" redirects to itself and to "there", another port: another origin.
class HttpRedirectTest : public testing::Test {
 protected:
  HttpRedirectTest() {
    const auto tell = [](const httplib::Request& request, httplib::Response& response) {
      response.set_content(request.method + "|" + request.get_header_value("Authorization") + "|" +
                               request.get_header_value("X-Token") + "|" +
                               request.get_header_value("Accept") + "|" + request.body,
                           "text/plain");
    };
    there_->Get("/tell", tell);
    there_->Post("/tell", tell);
    there_->Get("/back", [this](const httplib::Request&, httplib::Response& response) {
      response.set_redirect(here_.Url("/tell"));
    });
    there_.Listen();
    const auto redirect = [](std::string to, int status) {
      return [=](const httplib::Request&, httplib::Response& response) {
        response.set_redirect(to, status);
        response.body = "moved";
      };
    };
    here_->Get("/tell", tell);
    here_->Post("/tell", tell);
    here_->Get("/near", redirect("/tell", 302));
    here_->Post("/near", redirect("tell", 302));
    here_->Post("/near307", redirect("tell", 307));
    here_->Get("/far", redirect(there_.Url("/tell"), 301));
    here_->Post("/far308", redirect(there_.Url("/tell"), 308));
    here_->Get("/there-and-back", redirect(there_.Url("/back"), 302));
    here_->Get("/loop", redirect("/loop", 302));
    here_->Get("/file", redirect("file:///etc/passwd", 302));
    here_.Listen();
  }

  core::Result<Response> Send(const std::string& method, const std::string& path) {
    auto identity = std::make_shared<Identity>();
    identity->basic_user = "user";
    identity->basic_password = "pass";
    Request request;
    request.method = method;
    request.url = here_.Url(path);
    request.headers = {{"X-Token", "secret"}, {"Accept", "text/plain"}};
    if (method == "POST") request.body = "body";
    request.identity = identity;
    request.redirects_max = redirects_max_;
    return http_.Send(request);
  }

  int redirects_max_ = 5;
  test::Loopback<httplib::Server> here_, there_;
  Http http_;
};

TEST_F(HttpRedirectTest, KeepsCredentialsWithinTheOrigin) {
  EXPECT_EQ(Send("GET", "/near")->body, "GET|Basic dXNlcjpwYXNz|secret|text/plain|");
  EXPECT_EQ(Send("POST", "/near")->body, "GET|Basic dXNlcjpwYXNz|secret|text/plain|");
  EXPECT_EQ(Send("POST", "/near307")->body, "POST|Basic dXNlcjpwYXNz|secret|text/plain|body");
}

TEST_F(HttpRedirectTest, SendsNoCredentialToAnotherOrigin) {
  EXPECT_EQ(Send("GET", "/far")->body, "GET|||text/plain|");
  EXPECT_EQ(Send("POST", "/far308")->body, "POST|||text/plain|body");
}

TEST_F(HttpRedirectTest, SaysWhereTheAnswerCameFrom) {
  EXPECT_EQ(Send("GET", "/near")->url, here_.Url("/tell"));
  EXPECT_EQ(Send("GET", "/far")->url, there_.Url("/tell"));
}

TEST_F(HttpRedirectTest, DoesNotTrustTheWayBack) {
  EXPECT_EQ(Send("GET", "/there-and-back")->body, "GET|||text/plain|");
}

TEST_F(HttpRedirectTest, GivesTheRedirectWhereNoneIsAllowed) {
  redirects_max_ = 0;
  const core::Result<Response> response = Send("GET", "/near");
  EXPECT_EQ(response->status, 302);
  EXPECT_EQ(response->body, "moved");
}

TEST_F(HttpRedirectTest, EndsALoop) {
  const core::Result<Response> response = Send("GET", "/loop");
  ASSERT_FALSE(response.ok());
  EXPECT_EQ(response.error().fault(), core::Fault::kInvalid);
  EXPECT_THAT(response.error().text(), HasSubstr("redirected more than 5 times"));
}

TEST_F(HttpRedirectTest, GoesToNoOtherScheme) {
  const core::Result<Response> response = Send("GET", "/file");
  ASSERT_FALSE(response.ok());
  EXPECT_EQ(response.error().fault(), core::Fault::kInvalid);
  EXPECT_THAT(response.error().text(), HasSubstr("which is not followed from here"));
}

}  // namespace
}  // namespace headgate::net
