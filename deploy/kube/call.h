#pragma once

#include <string>
#include <string_view>

#include "core/result.h"
#include "net/http.h"

namespace headgate::deploy {

// One request to an API server, with the words for its errors. Inside of deploy/kube.
struct Call {
  std::string method = "GET";
  std::string path;   // "/api/v1/namespaces/shop/secrets/x"
  std::string query;  // "a=b&c=d", escaped; "" none
  std::string body;
  std::string content_type;
  std::string accept = "application/json";

  std::string verb;        // as RBAC names it: "get", "patch"
  std::string what;        // "Deployment shop/web"
  std::string plural;      // "deployments", "" where there is none
  std::string group;       // of `plural`
  std::string user;        // who asks, for messages; "" ourselves
  bool is_secret = false;  // its content stays out of errors
  bool repeatable = true;  // doing it twice does what doing it once does
};

// Adds "key=value", escaped, to a query.
void AddQuery(Call* call, std::string_view key, std::string_view value);
// Everything but unreserved characters (RFC 3986) and ':' as %XX.
std::string Escaped(std::string_view text);

// What an answer of status 400 or more means; the body is a Kubernetes Status, or anything that a
// proxy in between says. Pure.
core::Error ErrorOf(const Call& call, const net::Response& answer);

// Whether the same request may do better a moment later.
bool MayRetry(const Call& call, const net::Response& answer);

}  // namespace headgate::deploy
