#include "net/addresses.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <cstring>

namespace headgate::net {
namespace {

struct Range {
  uint32_t first;
  int bits;
};
constexpr Range kPrivate[] = {
    {0x00000000, 8},   // 0.0.0.0/8
    {0x0a000000, 8},   // 10.0.0.0/8
    {0x64400000, 10},  // 100.64.0.0/10
    {0x7f000000, 8},   // 127.0.0.0/8
    {0xa9fe0000, 16},  // 169.254.0.0/16
    {0xac100000, 12},  // 172.16.0.0/12
    {0xc0000000, 24},  // 192.0.0.0/24
    {0xc0a80000, 16},  // 192.168.0.0/16
    {0xc6120000, 15},  // 198.18.0.0/15
    {0xe0000000, 3},   // 224.0.0.0/3: multicast, reserved, broadcast
};

bool IsPrivate4(uint32_t address) {
  for (const Range& range : kPrivate) {
    if ((address ^ range.first) >> (32 - range.bits) == 0) return true;
  }
  return false;
}

bool IsPrivate6(const in6_addr& address) {
  const uint8_t* bytes = address.s6_addr;
  if (IN6_IS_ADDR_V4MAPPED(&address) || IN6_IS_ADDR_V4COMPAT(&address)) {
    uint32_t v4 = 0;
    std::memcpy(&v4, bytes + 12, sizeof v4);
    return IsPrivate4(ntohl(v4));  // ::1 and :: are 0.0.0.1 and 0.0.0.0 here
  }
  if (IN6_IS_ADDR_LOOPBACK(&address) || IN6_IS_ADDR_UNSPECIFIED(&address)) return true;
  const bool unique_local = (bytes[0] & 0xfe) == 0xfc;
  const bool link_local = bytes[0] == 0xfe && (bytes[1] & 0x80) != 0;  // site-local too
  const bool nat64 = bytes[0] == 0 && bytes[1] == 0x64 && bytes[2] == 0xff && bytes[3] == 0x9b;
  return unique_local || link_local || nat64 || bytes[0] == 0xff;
}

}  // namespace

bool IsPrivate(const sockaddr* address) {
  if (address->sa_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, address, sizeof v4);
    return IsPrivate4(ntohl(v4.sin_addr.s_addr));
  }
  if (address->sa_family != AF_INET6) return true;
  sockaddr_in6 v6{};
  std::memcpy(&v6, address, sizeof v6);
  return IsPrivate6(v6.sin6_addr);
}

}  // namespace headgate::net
