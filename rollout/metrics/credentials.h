#pragma once

#include <map>
#include <memory>
#include <string>

#include "core/clock.h"
#include "core/result.h"
#include "core/value.h"
#include "net/http.h"
#include "rollout/metrics/prometheus.h"

namespace headgate::rollout::metrics {

// What the Secret of spec.analysis.prometheus.secretRef may hold; every other key is an error, so
// that a misspelt one is not ignored:
//
//   username, password            basic authentication
//   bearerToken                   instead
//   ca.crt                        trust just these authorities (PEM)
//   tls.crt, tls.key              a client certificate (PEM)
//   oauth2TokenURL, oauth2ClientID, oauth2ClientSecret, oauth2Scopes (separated by spaces)
//                                 client credentials (RFC 6749, 4.4); instead of a bearer token
//   headers                       lines of "Name: value", such as "X-Scope-OrgID: shop"
//
// Nothing of it appears in an error.
struct Credentials {
  net::Identity identity;
  net::Headers headers;
  std::string token_url, client_id, client_secret, scopes;
};
// `secret`: as the API server gives it. kInvalid names the Secret and the key.
core::Result<Credentials> ReadCredentials(const core::Value& secret);

// Turns Secrets into what is sent, and remembers it: connections and OAuth2 tokens live as long as
// a Secret is the same. Not for several threads at once.
class Accesses {
 public:
  // Asks for a token where there is none, or it ends within a minute. kUnavailable: no token is
  // given.
  core::Result<Access> For(const core::Value& secret, core::Duration deadline, net::Http* http,
                           const core::Clock& clock, std::stop_token stop);

 private:
  struct Known {
    std::string version;  // the Secret's resourceVersion
    Credentials credentials;
    std::shared_ptr<const net::Identity> identity, token_identity;
    std::string token;
    core::BootTime ends{};  // of the token
  };
  static core::Status Renew(Known* known, core::Duration deadline, net::Http* http,
                            const core::Clock& clock, std::stop_token stop);

  std::map<std::string, Known> known_;  // by the Secret's namespace and name
};

inline constexpr size_t kAccessesMax = 100;  // remembered; more are forgotten

}  // namespace headgate::rollout::metrics
