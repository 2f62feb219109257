#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <future>
#include <latch>

#include "net/http.h"
#include "tests/unit/net/certificates.h"
#include "tests/unit/net/loopback_server.h"

namespace headgate::net {
namespace {

using testing::HasSubstr;
using testing::Not;

// Reads PEM into a server's context; the server asks for a certificate of `client_ca` where given.
bool Configure(SSL_CTX& context, const test::Certificate& own, const std::string& client_ca) {
  const auto memory = [](const std::string& pem) {
    return BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  };
  BIO* cert_bio = memory(own.cert_pem);
  BIO* key_bio = memory(own.key_pem);
  X509* cert = PEM_read_bio_X509(cert_bio, nullptr, nullptr, nullptr);
  EVP_PKEY* key = PEM_read_bio_PrivateKey(key_bio, nullptr, nullptr, nullptr);
  const bool taken =
      SSL_CTX_use_certificate(&context, cert) == 1 && SSL_CTX_use_PrivateKey(&context, key) == 1;
  X509_free(cert);
  EVP_PKEY_free(key);
  BIO_free(cert_bio);
  BIO_free(key_bio);
  if (client_ca.empty()) return taken;
  BIO* ca_bio = memory(client_ca);
  X509* ca = PEM_read_bio_X509(ca_bio, nullptr, nullptr, nullptr);
  X509_STORE_add_cert(SSL_CTX_get_cert_store(&context), ca);
  SSL_CTX_set_verify(&context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  X509_free(ca);
  BIO_free(ca_bio);
  return taken;
}

class TlsServer : public test::Loopback<httplib::SSLServer> {
 public:
  explicit TlsServer(const test::Certificate& own, const std::string& client_ca = "")
      : Loopback([&](SSL_CTX& context) { return Configure(context, own, client_ca); }) {
    (**this).Get("/", [](const httplib::Request& request, httplib::Response& response) {
      response.set_content("over TLS " + request.get_header_value("Authorization"), "text/plain");
    });
    Listen();
  }
};

class HttpTlsTest : public testing::Test {
 protected:
  core::Result<Response> Send(const std::string& url, const Identity& identity) {
    Request request;
    request.url = url;
    request.identity = std::make_shared<Identity>(identity);
    return http_.Send(request);
  }

  const test::Authority authority_{"Test authority"};
  const test::Authority stranger_{"Another authority"};
  Http http_;
};

TEST_F(HttpTlsTest, TrustsTheGivenAuthority) {
  TlsServer server(authority_.Issue("server"));
  Identity identity;
  identity.ca_pem = authority_.ca_pem();
  const core::Result<Response> response = Send(server.Url("/"), identity);
  ASSERT_TRUE(response.ok()) << response.error().text();
  EXPECT_EQ(response->body, "over TLS ");
}

TEST_F(HttpTlsTest, RefusesAnotherAuthority) {
  TlsServer server(authority_.Issue("server"));
  for (const std::string& ca : {stranger_.ca_pem(), std::string()}) {
    Identity identity;
    identity.ca_pem = ca;
    identity.basic_user = "user";
    identity.basic_password = "secret";
    const core::Result<Response> response = Send(server.Url("/"), identity);
    ASSERT_FALSE(response.ok());
    EXPECT_EQ(response.error().fault(), core::Fault::kUnavailable);
    EXPECT_THAT(response.error().text(), HasSubstr("certificate"));
    EXPECT_THAT(response.error().text(), Not(HasSubstr("secret")));
  }
}

TEST_F(HttpTlsTest, RefusesAnotherHost) {
  TlsServer server(authority_.Issue("server"));
  Identity identity;
  identity.ca_pem = authority_.ca_pem();
  const core::Result<Response> response = Send(server.Url("/", "127.0.0.2"), identity);
  ASSERT_FALSE(response.ok());
  EXPECT_EQ(response.error().fault(), core::Fault::kUnavailable);
}

TEST_F(HttpTlsTest, ShowsItsCertificate) {
  TlsServer server(authority_.Issue("server"), authority_.ca_pem());
  const test::Certificate client = authority_.Issue("client");
  Identity identity;
  identity.ca_pem = authority_.ca_pem();
  EXPECT_EQ(Send(server.Url("/"), identity).error().fault(), core::Fault::kUnavailable);
  identity.client_cert_pem = client.cert_pem;
  identity.client_key_pem = client.key_pem;
  const core::Result<Response> response = Send(server.Url("/"), identity);
  ASSERT_TRUE(response.ok()) << response.error().text();
  EXPECT_EQ(response->body, "over TLS ");
}

// The nobody who asks after a certified client gets no use of that client's connection.
TEST_F(HttpTlsTest, SharesNoConnectionBetweenIdentities) {
  TlsServer server(authority_.Issue("server"), authority_.ca_pem());
  const test::Certificate client = authority_.Issue("client");
  Identity certified{authority_.ca_pem(), client.cert_pem, client.key_pem, "", "", {}};
  ASSERT_TRUE(Send(server.Url("/"), certified).ok());
  Identity nobody;
  nobody.ca_pem = authority_.ca_pem();
  EXPECT_FALSE(Send(server.Url("/"), nobody).ok());
}

// A server without HTTP/2, and watches that never end: each has a connection of its own.
TEST_F(HttpTlsTest, OpensAConnectionForEachStreamOverHttp1) {
  constexpr int kStreams = 20;
  std::promise<void> over_promise;
  std::shared_future<void> over = over_promise.get_future().share();
  TlsServer server(authority_.Issue("server"));
  server->Get("/watch", [&](const httplib::Request&, httplib::Response& response) {
    response.set_chunked_content_provider("text/plain",
                                          [&](size_t offset, httplib::DataSink& sink) {
                                            if (offset == 0) return sink.write("word", 4);
                                            over.wait();
                                            sink.done();
                                            return false;
                                          });
  });
  Request request;
  request.url = server.Url("/watch");
  request.deadline = std::chrono::seconds(0);
  auto identity = std::make_shared<Identity>();
  identity->ca_pem = authority_.ca_pem();
  request.identity = identity;
  std::latch all_began(kStreams);
  std::vector<std::unique_ptr<Http::Exchange>> exchanges;
  for (int i = 0; i < kStreams; ++i) {
    Http::Callbacks callbacks;
    callbacks.bytes = [&](std::string_view) {
      all_began.count_down();
      return true;
    };
    exchanges.push_back(http_.Start(request, std::move(callbacks)));
  }
  all_began.wait();
  exchanges.clear();
  over_promise.set_value();
}

TEST_F(HttpTlsTest, SaysThatAKeyIsNone) {
  TlsServer server(authority_.Issue("server"));
  Identity identity{authority_.ca_pem(), "not PEM", "not PEM", "", "", {}};
  const core::Result<Response> response = Send(server.Url("/"), identity);
  ASSERT_FALSE(response.ok());
  EXPECT_EQ(response.error().fault(), core::Fault::kInvalid);
}

}  // namespace
}  // namespace headgate::net
