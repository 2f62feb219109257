#pragma once

struct sockaddr;

namespace headgate::net {

// Whether an address is of this machine or of a private network, which a tenant's URL must not
// reach through us: loopback, RFC 1918, carrier-grade NAT (RFC 6598), link-local (cloud metadata
// stands there), unique local (RFC 4193), unspecified, multicast, and the same mapped into IPv6.
// What is neither IPv4 nor IPv6 counts as private.
bool IsPrivate(const sockaddr* address);

}  // namespace headgate::net
