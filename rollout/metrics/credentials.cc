#include "rollout/metrics/credentials.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "core/hash.h"
#include "core/json.h"
#include "core/object.h"
#include "net/url.h"

namespace headgate::rollout::metrics {
namespace {

constexpr core::Duration kTokenEarly = std::chrono::minutes(1);
constexpr core::Duration kTokenUsual = std::chrono::minutes(5);  // where the answer says nothing
constexpr size_t kTokenAnswerMax = 64 * 1024;

std::string Trimmed(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front())))
    text.remove_prefix(1);
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())))
    text.remove_suffix(1);
  return std::string(text);
}

// "Name: value" a line; "" where all of it is well.
std::string ReadHeaders(std::string_view text, net::Headers* headers) {
  static constexpr std::string_view kOurs[] = {"host", "content-length", "content-type",
                                               "transfer-encoding", "connection"};
  while (!text.empty()) {
    const size_t end = text.find('\n');
    const std::string line = Trimmed(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.empty()) continue;
    const size_t colon = line.find(':');
    const std::string name = Trimmed(line.substr(0, colon == std::string::npos ? 0 : colon));
    if (name.empty() || name.find_first_of(" \t\"(),/;<=>?@[]{}") != std::string::npos)
      return "expected lines of \"Name: value\"";
    std::string lower = name;
    for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    if (std::find(std::begin(kOurs), std::end(kOurs), lower) != std::end(kOurs))
      return fmt::format("{} is not for Secrets; leave it out", name);
    headers->emplace_back(name, Trimmed(line.substr(colon + 1)));
  }
  return "";
}

core::Error Wrong(const core::Value& secret, std::string_view what) {
  return core::Invalid(fmt::format("Secret {}: {}", core::NameOf(secret), what));
}

// What goes together, and what does not; "" where all of it is well.
std::string Mismatch(const Credentials& all, const std::string& bearer) {
  const bool oauth = !all.token_url.empty() || !all.client_id.empty() || !all.client_secret.empty();
  if (oauth && (all.token_url.empty() || all.client_id.empty() || all.client_secret.empty()))
    return "OAuth2 needs the keys oauth2TokenURL, oauth2ClientID and oauth2ClientSecret";
  if (oauth + !bearer.empty() + !all.identity.basic_user.empty() > 1)
    return "has several of username, bearerToken and oauth2ClientID; keep one";
  if (all.identity.client_cert_pem.empty() != all.identity.client_key_pem.empty())
    return "a client certificate needs both keys, tls.crt and tls.key";
  if (all.identity.basic_user.empty() && !all.identity.basic_password.empty())
    return "has a password, but no username";
  if (oauth) {
    const core::Result<net::Url> url = net::ParseUrl(all.token_url);
    if (!url || (url->scheme != "https" && url->scheme != "http"))
      return "oauth2TokenURL is no http or https URL";
  }
  return "";
}

}  // namespace

core::Result<Credentials> ReadCredentials(const core::Value& secret) {
  Credentials all;
  std::string bearer;
  std::string headers;
  struct {
    std::string_view key;
    std::string* to;
  } const keys[] = {{"username", &all.identity.basic_user},
                    {"password", &all.identity.basic_password},
                    {"bearerToken", &bearer},
                    {"ca.crt", &all.identity.ca_pem},
                    {"tls.crt", &all.identity.client_cert_pem},
                    {"tls.key", &all.identity.client_key_pem},
                    {"oauth2TokenURL", &all.token_url},
                    {"oauth2ClientID", &all.client_id},
                    {"oauth2ClientSecret", &all.client_secret},
                    {"oauth2Scopes", &all.scopes},
                    {"headers", &headers}};
  for (const auto& [key, encoded] : secret.MapAt("data")) {
    const auto known =
        std::find_if(std::begin(keys), std::end(keys), [&](const auto& k) { return k.key == key; });
    if (known == std::end(keys))
      return Wrong(secret, fmt::format("has no use for the key {}; known are username, password, "
                                       "bearerToken, ca.crt, tls.crt, tls.key, oauth2TokenURL, "
                                       "oauth2ClientID, oauth2ClientSecret, oauth2Scopes, headers",
                                       key));
    core::Result<std::string> value =
        core::FromBase64(encoded.AsString() ? *encoded.AsString() : "");
    if (!value || !encoded.AsString())
      return Wrong(secret, fmt::format("key {} is no base64", key));
    *known->to = key == "headers" ? *value : Trimmed(*value);
  }
  if (std::string wrong = ReadHeaders(headers, &all.headers); !wrong.empty())
    return Wrong(secret, "key headers: " + wrong);
  if (std::string wrong = Mismatch(all, bearer); !wrong.empty()) return Wrong(secret, wrong);
  if (!bearer.empty())
    all.identity.bearer_token = [bearer]() -> core::Result<std::string> { return bearer; };
  return all;
}

core::Status Accesses::Renew(Known* known, core::Duration deadline, net::Http* http,
                             const core::Clock& clock, std::stop_token stop) {
  const Credentials& all = known->credentials;
  net::Request request;
  request.method = "POST";
  request.url = all.token_url;
  request.headers = {{"content-type", "application/x-www-form-urlencoded"},
                     {"accept", "application/json"}};
  std::vector<std::pair<std::string, std::string>> fields = {{"grant_type", "client_credentials"}};
  if (!all.scopes.empty()) fields.emplace_back("scope", all.scopes);
  request.body = net::ToQuery(fields);
  request.identity = known->token_identity;
  request.deadline = deadline;
  request.body_bytes_max = kTokenAnswerMax;
  const std::string where = "ask " + net::ShowSafe(all.token_url) + " for a token";
  core::Result<net::Response> response = http->Send(request, stop);
  if (!response) {
    if (response.error().fault() == core::Fault::kCancelled) return response.error();
    return core::Unavailable(response.error().text()).In(where);
  }
  const core::Result<core::Value> answer = core::ParseJson(response->body);
  const std::string& token = answer ? answer->StringAt("access_token") : all.token_url;
  if (response->status != 200 || !answer || token.empty()) {
    const std::string error = answer ? answer->StringAt("error").substr(0, 60) : "";
    return core::Unavailable(fmt::format("no token is given (HTTP {}{}{})", response->status,
                                         error.empty() ? "" : ": ", error))
        .In(where);
  }
  const int64_t seconds = answer->IntAt(0, "expires_in");
  const core::Duration lasts =
      seconds > 0 ? std::chrono::seconds(std::min<int64_t>(seconds, 86400)) : kTokenUsual;
  known->token = token;
  known->ends = clock.SinceBoot() + lasts;
  auto identity = std::make_shared<net::Identity>(all.identity);
  identity->bearer_token = [token]() -> core::Result<std::string> { return token; };
  known->identity = std::move(identity);
  return core::Ok();
}

core::Result<Access> Accesses::For(const core::Value& secret, core::Duration deadline,
                                   net::Http* http, const core::Clock& clock,
                                   std::stop_token stop) {
  const std::string name = core::NamespaceOf(secret) + "/" + core::NameOf(secret);
  const std::string version =
      secret.StringAt("metadata", "uid") + "/" + secret.StringAt("metadata", "resourceVersion");
  auto at = known_.find(name);
  if (at == known_.end() || at->second.version != version) {
    core::Result<Credentials> credentials = ReadCredentials(secret);
    if (!credentials) return credentials.error();
    if (known_.size() >= kAccessesMax) known_.clear();
    Known known;
    known.version = version;
    net::Identity client;  // of OAuth2: to the token's server the client's id and secret
    client.ca_pem = credentials->identity.ca_pem;
    client.basic_user = net::PercentEncode(credentials->client_id);
    client.basic_password = net::PercentEncode(credentials->client_secret);
    known.token_identity = std::make_shared<const net::Identity>(std::move(client));
    known.identity = std::make_shared<const net::Identity>(credentials->identity);
    known.credentials = std::move(*credentials);
    at = known_.insert_or_assign(name, std::move(known)).first;
  }
  Known& known = at->second;
  const bool renew = !known.credentials.token_url.empty() &&
                     (known.token.empty() || known.ends - clock.SinceBoot() < kTokenEarly);
  if (renew) {
    if (core::Status renewed = Renew(&known, deadline, http, clock, std::move(stop)); !renewed)
      return renewed.error();
  }
  return Access{known.identity, known.credentials.headers, deadline};
}

}  // namespace headgate::rollout::metrics
