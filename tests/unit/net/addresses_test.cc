#include "net/addresses.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include <cstring>
#include <string>

#include "net/http.h"

namespace headgate::net {
namespace {

bool Private(const std::string& text) {
  sockaddr_storage storage{};
  auto* v4 = reinterpret_cast<sockaddr_in*>(&storage);
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&storage);
  if (inet_pton(AF_INET, text.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
  } else {
    EXPECT_EQ(inet_pton(AF_INET6, text.c_str(), &v6->sin6_addr), 1) << text;
    v6->sin6_family = AF_INET6;
  }
  return IsPrivate(reinterpret_cast<const sockaddr*>(&storage));
}

TEST(IsPrivate, KnowsWhatMustNotBeReached) {
  for (const char* text :
       {"127.0.0.1", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
        "100.64.0.1", "0.0.0.0", "255.255.255.255", "::1", "::", "fe80::1", "fd00::1", "ff02::1",
        "::ffff:10.0.0.1", "64:ff9b::7f00:1"}) {
    EXPECT_TRUE(Private(text)) << text;
  }
  for (const char* text : {"8.8.8.8", "172.32.0.1", "172.15.0.1", "192.169.0.1", "100.128.0.1",
                           "2606:4700::1111", "::ffff:8.8.8.8"}) {
    EXPECT_FALSE(Private(text)) << text;
  }
}

TEST(Http, RefusesPrivateAddressesWhereAskedTo) {
  Http http;
  Request request;
  request.url = "http://127.0.0.1:9/";
  request.public_addresses_only = true;
  const core::Result<Response> response = http.Send(request);
  ASSERT_FALSE(response.ok());
  EXPECT_EQ(response.error().fault(), core::Fault::kInvalid);
  EXPECT_NE(response.error().text().find("private"), std::string::npos) << response.error().text();
}

}  // namespace
}  // namespace headgate::net
