#include "net/http.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "tests/unit/net/loopback_server.h"

namespace headgate::net {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using testing::HasSubstr;
using testing::Not;

class HttpTest : public testing::Test {
 protected:
  HttpTest() {
    server_->Get("/hello", [](const httplib::Request& request, httplib::Response& response) {
      response.set_header("X-Seen", request.get_header_value("X-Sent"));
      response.set_content("hello", "text/plain");
    });
    const auto echo = [](const httplib::Request& request, httplib::Response& response) {
      response.set_content(request.method + " " + request.get_header_value("Content-Type") + " " +
                               request.get_header_value("Content-Length") + " " + request.body,
                           "text/plain");
    };
    server_->Post("/echo", echo);
    server_->Patch("/echo", echo);
    server_->Delete("/echo", echo);
    server_->Get("/who", [](const httplib::Request& request, httplib::Response& response) {
      response.set_content(request.get_header_value("Authorization"), "text/plain");
    });
    server_->Get("/missing", [](const httplib::Request&, httplib::Response& response) {
      response.status = 404;
      response.set_content("nobody here", "text/plain");
    });
    server_->Get("/large", [](const httplib::Request&, httplib::Response& response) {
      response.set_content(std::string(300'000, 'x'), "text/plain");  // gzip where accepted
    });
    // Says one word, then nothing more until the test is over.
    server_->Get("/stalls", [this](const httplib::Request&, httplib::Response& response) {
      response.set_chunked_content_provider("text/plain",
                                            [this](size_t offset, httplib::DataSink& sink) {
                                              if (offset == 0) return sink.write("word", 4);
                                              over_.get_future().wait();
                                              sink.done();
                                              return false;
                                            });
    });
    server_.Listen();
  }
  ~HttpTest() override { over_.set_value(); }

  Request Get(const std::string& path) const {
    Request request;
    request.url = server_.Url(path);
    return request;
  }

  test::Loopback<httplib::Server> server_;
  std::promise<void> over_;
  Http http_;
};

TEST_F(HttpTest, GivesStatusHeadersAndBody) {
  Request request = Get("/hello");
  request.headers = {{"X-Sent", "value"}};
  const core::Result<Response> response = http_.Send(request);
  ASSERT_TRUE(response.ok()) << response.error().text();
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(response->Header("x-seen"), "value");
  EXPECT_EQ(response->Header("content-type"), "text/plain");
  EXPECT_EQ(response->Header("absent"), "");
  EXPECT_EQ(response->body, "hello");
}

TEST_F(HttpTest, GivesAnErrorStatusAsAValue) {
  const core::Result<Response> response = http_.Send(Get("/missing"));
  ASSERT_TRUE(response.ok());
  EXPECT_EQ(response->status, 404);
  EXPECT_EQ(response->body, "nobody here");
}

TEST_F(HttpTest, SendsMethodsAndBodies) {
  Request request = Get("/echo");
  request.method = "PATCH";
  request.body = "{}";
  request.headers = {{"Content-Type", "application/apply-patch+yaml"}};
  EXPECT_EQ(http_.Send(request)->body, "PATCH application/apply-patch+yaml 2 {}");
  request.method = "POST";
  request.body = "";
  request.headers = {};
  EXPECT_EQ(http_.Send(request)->body, "POST  0 ");
  request.method = "DELETE";
  request.body = "{}";
  EXPECT_EQ(http_.Send(request)->body, "DELETE  2 {}");
}

TEST_F(HttpTest, SendsCredentials) {
  auto identity = std::make_shared<Identity>();
  identity->basic_user = "user";
  identity->basic_password = "pass";
  Request request = Get("/who");
  request.identity = identity;
  EXPECT_EQ(http_.Send(request)->body, "Basic dXNlcjpwYXNz");

  int asked = 0;
  auto rotating = std::make_shared<Identity>();
  rotating->bearer_token = [&] { return core::Result<std::string>(std::to_string(++asked)); };
  request.identity = rotating;
  EXPECT_EQ(http_.Send(request)->body, "Bearer 1");
  EXPECT_EQ(http_.Send(request)->body, "Bearer 2");

  request = Get("/who");
  request.url.insert(strlen("http://"), "user:pass@");
  EXPECT_EQ(http_.Send(request)->body, "Basic dXNlcjpwYXNz");
}

TEST_F(HttpTest, FailsWithTheErrorOfTheToken) {
  auto identity = std::make_shared<Identity>();
  identity->bearer_token = [] { return core::Result<std::string>(core::NotFound("no file")); };
  Request request = Get("/who");
  request.identity = identity;
  const core::Result<Response> response = http_.Send(request);
  ASSERT_FALSE(response.ok());
  EXPECT_EQ(response.error().fault(), core::Fault::kNotFound);
  EXPECT_THAT(response.error().text(), HasSubstr("get a token: no file"));
}

TEST_F(HttpTest, RefusesWhatCannotBeSent) {
  Request request = Get("/hello");
  request.headers = {{"X-Sent", "a\r\nX-Smuggled: b"}};
  EXPECT_EQ(http_.Send(request).error().fault(), core::Fault::kInvalid);
  request = {};
  for (const char* url : {"", "no url", "ftp://host/", "file:///etc/passwd", "http://u:pw@a b/"}) {
    request.url = url;
    const core::Result<Response> response = http_.Send(request);
    ASSERT_FALSE(response.ok()) << url;
    EXPECT_EQ(response.error().fault(), core::Fault::kInvalid) << url;
    EXPECT_THAT(response.error().text(), Not(HasSubstr("pw")));
  }
}

TEST_F(HttpTest, BoundsTheBodyAfterDecompression) {
  Request request = Get("/large");
  const core::Result<Response> whole = http_.Send(request);
  ASSERT_TRUE(whole.ok());
  EXPECT_EQ(whole->body.size(), 300'000U);
  EXPECT_EQ(whole->Header("content-encoding"), "gzip");
  request.body_bytes_max = 299'999;
  const core::Result<Response> bounded = http_.Send(request);
  ASSERT_FALSE(bounded.ok());
  EXPECT_EQ(bounded.error().fault(), core::Fault::kInvalid);
  EXPECT_THAT(bounded.error().text(), HasSubstr("larger than 299999 bytes"));
}

TEST_F(HttpTest, EndsAtItsDeadline) {
  Request request = Get("/stalls");
  request.deadline = 100ms;
  const core::Result<Response> response = http_.Send(request);
  ASSERT_FALSE(response.ok());
  EXPECT_EQ(response.error().fault(), core::Fault::kUnavailable);
  EXPECT_THAT(response.error().text(), HasSubstr("no whole answer within 100ms"));
}

TEST_F(HttpTest, EndsWhenNoByteComes) {
  Request request = Get("/stalls");
  request.deadline = 0s;
  request.idle_max = 100ms;
  const core::Result<Response> response = http_.Send(request);
  ASSERT_FALSE(response.ok());
  EXPECT_EQ(response.error().fault(), core::Fault::kUnavailable);
  EXPECT_THAT(response.error().text(), HasSubstr("not a byte received for 100ms"));
}

TEST_F(HttpTest, StopsWhenAsked) {
  std::stop_source stop;
  Request request = Get("/stalls");
  std::promise<void> sent;
  auto identity = std::make_shared<Identity>();
  identity->bearer_token = [&] {
    sent.set_value();
    return core::Result<std::string>("token");
  };
  request.identity = identity;
  std::jthread stopper([&] {
    sent.get_future().wait();
    stop.request_stop();
  });
  const core::Result<Response> response = http_.Send(request, stop.get_token());
  ASSERT_FALSE(response.ok());
  EXPECT_EQ(response.error().fault(), core::Fault::kCancelled);
  EXPECT_EQ(http_.Send(request, stop.get_token()).error().fault(), core::Fault::kCancelled);
}

TEST_F(HttpTest, SaysWhoIsAway) {
  Request request;
  request.url = "http://user:secret@127.0.0.1:1/path?token=secret";
  const core::Result<Response> response = http_.Send(request);
  ASSERT_FALSE(response.ok());
  EXPECT_EQ(response.error().fault(), core::Fault::kUnavailable);
  EXPECT_THAT(response.error().text(), HasSubstr("GET http://127.0.0.1:1/path: "));
  EXPECT_THAT(response.error().text(), Not(HasSubstr("secret")));
}

TEST_F(HttpTest, TakesNoProxyFromTheEnvironment) {
  setenv("http_proxy", "http://127.0.0.1:1", 1);
  EXPECT_TRUE(http_.Send(Get("/hello")).ok());
  unsetenv("http_proxy");
}

TEST_F(HttpTest, StreamsHeadThenBytesThenEnd) {
  std::promise<std::string> first_bytes;
  std::promise<void> ended;
  int status = 0;
  Http::Callbacks callbacks;
  callbacks.head = [&](const Response& head) {
    status = head.status;
    return true;
  };
  callbacks.bytes = [&](std::string_view bytes) {
    first_bytes.set_value(std::string(bytes));
    return true;
  };
  callbacks.end = [&](const core::Result<Response>&) { ended.set_value(); };
  Request request = Get("/stalls");
  request.deadline = 0s;
  std::unique_ptr<Http::Exchange> exchange = http_.Start(request, callbacks);
  EXPECT_EQ(first_bytes.get_future().get(), "word");
  EXPECT_EQ(status, 200);
  exchange.reset();
  // Nothing was called after the end of the exchange, and nothing will be.
  EXPECT_EQ(ended.get_future().wait_for(0s), std::future_status::timeout);
}

TEST_F(HttpTest, EndsAStreamThatItsReaderEnds) {
  std::promise<core::Result<Response>> ended;
  Http::Callbacks callbacks;
  callbacks.bytes = [](std::string_view) { return false; };
  callbacks.end = [&](core::Result<Response> result) { ended.set_value(std::move(result)); };
  const std::unique_ptr<Http::Exchange> exchange = http_.Start(Get("/hello"), callbacks);
  EXPECT_EQ(ended.get_future().get().error().fault(), core::Fault::kCancelled);
}

TEST_F(HttpTest, LetsACallbackDestroyItsExchange) {
  std::promise<void> dropped;
  std::unique_ptr<Http::Exchange> exchange;
  std::promise<void> assigned;
  Http::Callbacks callbacks;
  callbacks.bytes = [&, ready = assigned.get_future().share()](std::string_view) {
    ready.wait();
    exchange.reset();
    dropped.set_value();
    return true;
  };
  callbacks.end = [](const core::Result<Response>&) { FAIL() << "called after the end"; };
  exchange = http_.Start(Get("/hello"), callbacks);
  assigned.set_value();
  dropped.get_future().wait();
  EXPECT_TRUE(http_.Send(Get("/hello")).ok());
}

}  // namespace
}  // namespace headgate::net
