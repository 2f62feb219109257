#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <set>
#include <sstream>

#include "net/http.h"
#include "tests/unit/net/certificates.h"
#include "tests/unit/net/child_process.h"

namespace headgate::net {
namespace {

TEST(Http2, SendsManyRequestsOverFewConnections) {
  const test::TemporaryDirectory directory;
  const std::string at = directory.path().string();
  const test::Authority authority("Test authority");
  const test::Certificate own = authority.Issue("server");
  test::WriteFile(directory.path() / "cert.pem", own.cert_pem);
  test::WriteFile(directory.path() / "key.pem", own.key_pem);
  test::WriteFile(directory.path() / "file", std::string(50'000, 'x'));
  const int port = test::FreePort();
  constexpr int kRequests = 200;
  std::atomic<int> right = 0;
  {
    const test::ChildProcess nginx(test::NginxCommand(
        directory.path(), "listen 127.0.0.1:" + std::to_string(port) + " ssl http2;\n" +
                              "ssl_certificate " + at + "/cert.pem;\nssl_certificate_key " + at +
                              "/key.pem;\nroot " + at + ";\n"));
    ASSERT_TRUE(test::WaitUntilListening(port)) << test::ReadFile(directory.path() / "error.log");
    Http http;
    auto identity = std::make_shared<Identity>();
    identity->ca_pem = authority.ca_pem();
    Request request;
    request.url = "https://127.0.0.1:" + std::to_string(port) + "/file";
    request.identity = identity;
    std::latch all_ended(kRequests);
    std::vector<std::unique_ptr<Http::Exchange>> exchanges;
    for (int i = 0; i < kRequests; ++i) {
      Http::Callbacks callbacks;
      callbacks.end = [&](const core::Result<Response>& result) {
        if (result.ok() && result->status == 200 && result->body.size() == 50'000) ++right;
        all_ended.count_down();
      };
      exchanges.push_back(http.Start(request, std::move(callbacks)));
    }
    all_ended.wait();
  }
  EXPECT_EQ(right, kRequests);
  // The log's lines: protocol, connection, ...
  std::istringstream log(test::ReadFile(directory.path() / "access.log"));
  std::set<std::string> protocols, connections;
  for (std::string protocol, connection, rest; log >> protocol >> connection;) {
    std::getline(log, rest);
    protocols.insert(protocol);
    connections.insert(connection);
  }
  EXPECT_EQ(protocols, std::set<std::string>{"HTTP/2.0"});
  EXPECT_LE(connections.size(), 4U);  // as many as one host may have
}

}  // namespace
}  // namespace headgate::net
