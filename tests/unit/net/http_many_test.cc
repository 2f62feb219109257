#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <latch>
#include <set>
#include <sstream>

#include "net/http.h"
#include "tests/unit/net/certificates.h"
#include "tests/unit/net/child_process.h"

namespace headgate::net {
namespace {

constexpr int kRequests = 200;
constexpr size_t kFileBytes = 50'000;

struct Seen {
  int right = 0;                      // whole answers
  std::set<std::string> protocols;    // as the server's log says
  std::set<std::string> connections;  // their serial numbers
};

// Two hundred requests at once to an nginx of its own, which has a large backlog.
class HttpManyTest : public testing::Test {
 protected:
  HttpManyTest() {
    const test::Certificate own = authority_.Issue("server");
    test::WriteFile(directory_.path() / "cert.pem", own.cert_pem);
    test::WriteFile(directory_.path() / "key.pem", own.key_pem);
    test::WriteFile(directory_.path() / "file", std::string(kFileBytes, 'x'));
    identity_->ca_pem = authority_.ca_pem();
  }

  Seen Ask(const std::string& scheme, const std::string& listen_options) {
    const std::string at = directory_.path().string();
    const std::string address = "127.0.0.1:" + std::to_string(test::FreePort());
    Seen seen;
    {
      test::ChildProcess nginx(test::NginxCommand(
          directory_.path(), "listen " + address + listen_options + ";\nssl_certificate " + at +
                                 "/cert.pem;\nssl_certificate_key " + at + "/key.pem;\nroot " + at +
                                 ";\n"));
      const int port = std::stoi(address.substr(address.find(':') + 1));
      EXPECT_TRUE(test::WaitUntilListening(port)) << test::ReadFile(at + "/error.log");
      seen.right = CountRightAnswers(scheme + "://" + address + "/file");
      nginx.Stop(SIGQUIT);
    }
    std::istringstream log(test::ReadFile(at + "/access.log"));
    for (std::string protocol, connection, rest; log >> protocol >> connection;) {
      std::getline(log, rest);
      seen.protocols.insert(protocol);
      seen.connections.insert(connection);
    }
    return seen;
  }

 private:
  int CountRightAnswers(const std::string& url) {
    Http http;
    Request request;
    request.url = url;
    request.identity = identity_;
    std::latch all_ended(kRequests);
    std::atomic<int> right = 0;
    std::vector<std::unique_ptr<Http::Exchange>> exchanges;
    for (int i = 0; i < kRequests; ++i) {
      Http::Callbacks callbacks;
      callbacks.end = [&](const core::Result<Response>& result) {
        if (result.ok() && result->status == 200 && result->body.size() == kFileBytes) ++right;
        all_ended.count_down();
      };
      exchanges.push_back(http.Start(request, std::move(callbacks)));
    }
    all_ended.wait();
    return right;
  }

  const test::TemporaryDirectory directory_;
  const test::Authority authority_{"Test authority"};
  const std::shared_ptr<Identity> identity_ = std::make_shared<Identity>();
};

TEST_F(HttpManyTest, AreAnsweredOverFewConnectionsWithHttp2) {
  const Seen seen = Ask("https", " ssl http2");
  EXPECT_EQ(seen.right, kRequests);
  EXPECT_EQ(seen.protocols, std::set<std::string>{"HTTP/2.0"});
  EXPECT_LE(seen.connections.size(), 4U);  // as many as one host may have
}

TEST_F(HttpManyTest, AreAnsweredOverHttp1) {
  const Seen seen = Ask("http", "");
  EXPECT_EQ(seen.right, kRequests);
  EXPECT_EQ(seen.protocols, std::set<std::string>{"HTTP/1.1"});
}

TEST_F(HttpManyTest, AreAnsweredOverHttp1WithTls) {
  const Seen seen = Ask("https", " ssl");
  EXPECT_EQ(seen.right, kRequests);
  EXPECT_EQ(seen.protocols, std::set<std::string>{"HTTP/1.1"});
}

}  // namespace
}  // namespace headgate::net
