#include "deploy/kube/call.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "core/json.h"
#include "core/value.h"

namespace headgate::deploy {
namespace {

constexpr size_t kMessageBytesMax = 2000;
constexpr size_t kCausesMax = 5;

std::string Cut(std::string_view text) {
  if (text.size() <= kMessageBytesMax) return std::string(text);
  size_t end = kMessageBytesMax;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return std::string(text.substr(0, end)) + "...";
}

// The text between `before` and `after`, first found; "" where it is not so.
std::string_view Between(std::string_view text, std::string_view before, std::string_view after) {
  const size_t begin = text.find(before);
  if (begin == std::string_view::npos) return "";
  const std::string_view rest = text.substr(begin + before.size());
  const size_t end = rest.find(after);
  return end == std::string_view::npos ? "" : rest.substr(0, end);
}

// "`User "x" cannot patch resource "deployments" in API group "apps" in the namespace "shop"`" as
// the rule that would allow it; "" where the refusal is not RBAC's (a quota, an admission policy).
std::string MissingRule(std::string_view message) {
  const std::string_view verb = Between(message, " cannot ", " resource ");
  const std::string_view resource = Between(message, " resource \"", "\"");
  if (verb.empty() || resource.empty()) return "";
  const std::string_view group = Between(message, "in API group \"", "\"");
  const std::string_view ns = Between(message, "in the namespace \"", "\"");
  const std::string_view user = Between(message, "User \"", "\"");
  const std::string role = ns.empty() ? "a ClusterRole" : fmt::format("a Role in namespace {}", ns);
  return fmt::format(
      "{} may not {} {}; it needs {} with the rule {{apiGroups: [\"{}\"], resources: [{}], "
      "verbs: [{}]}}",
      user, verb, resource, role, group, resource, verb);
}

// "conflict with "kubectl" (.spec.replicas), ..." from the causes of a Status.
std::string Disputes(const core::Value& status) {
  std::string text;
  size_t n = 0;
  for (const core::Value& cause : status.ListAt("details", "causes")) {
    if (cause.StringAt("reason") != "FieldManagerConflict") continue;
    if (++n > kCausesMax) continue;
    text += fmt::format("{}{} ({})", text.empty() ? "" : ", ", cause.StringAt("message"),
                        cause.StringAt("field"));
  }
  if (n > kCausesMax) text += fmt::format(", and {} more", n - kCausesMax);
  return text;
}

// A Secret's refusal may quote its values: only fields are named.
std::string RefusedFields(const core::Value& status) {
  std::string fields;
  for (const core::Value& cause : status.ListAt("details", "causes")) {
    const std::string& field = cause.StringAt("field");
    if (!field.empty()) fields += (fields.empty() ? "" : ", ") + field;
  }
  if (fields.empty()) return "the server refuses it; its answer is not shown, it may hold secrets";
  return "the server refuses these fields (values are not shown): " + Cut(fields);
}

std::optional<core::Duration> RetryAfterOf(const net::Response& answer) {
  const std::string text(answer.Header("retry-after"));
  if (text.empty() || text.find_first_not_of("0123456789") != std::string::npos ||
      text.size() > 6) {
    return std::nullopt;
  }
  return std::chrono::seconds(std::atoi(text.c_str()));
}

// Applying what no schema takes is answered by 500 (kube-apiserver 1.34); waiting mends nothing.
bool IsSchemaError(const core::Value& status) {
  const std::string& message = status.StringAt("message");
  return message.find("failed to create typed patch object") != std::string::npos ||
         message.find("failed to convert new object") != std::string::npos;
}

core::Fault FaultOf(int code, const core::Value& status) {
  switch (code) {
    case 400:
    case 405:
    case 406:
    case 413:
    case 415:
    case 422:
      return core::Fault::kInvalid;
    case 401:
    case 403:
      return core::Fault::kForbidden;
    case 404:
      return core::Fault::kNotFound;
    case 409:
    case 410:
    case 412:
      return core::Fault::kConflict;
    case 500:
      return IsSchemaError(status) ? core::Fault::kInvalid : core::Fault::kUnavailable;
    default:
      return code == 429 || code > 500 ? core::Fault::kUnavailable : core::Fault::kInternal;
  }
}

std::string TextOf(const Call& call, int code, const core::Value& status) {
  const std::string message = Cut(status.StringAt("message"));
  if (code == 401) {
    return "the server does not accept our credentials (401): the token or client certificate is "
           "missing, expired or of another cluster";
  }
  if (code == 403) {
    const std::string rule = MissingRule(message);
    return rule.empty() ? "refused: " + (message.empty() ? "403" : message) : rule;
  }
  const bool missing_self =
      code == 404 && (status.StringAt("details", "kind") == call.plural || message.empty());
  if (missing_self) return "not found";
  if (code == 409) {
    if (const std::string disputes = Disputes(status); !disputes.empty()) return disputes;
  }
  if (call.is_secret && FaultOf(code, status) == core::Fault::kInvalid) {
    return RefusedFields(status);
  }
  if (call.is_secret && code >= 500) return fmt::format("the server answers {}", code);
  return message.empty() ? fmt::format("the server answers {}", code) : message;
}

}  // namespace

std::string Escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~:").find(c) != std::string_view::npos;
    out += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

void AddQuery(Call* call, std::string_view key, std::string_view value) {
  call->query += fmt::format("{}{}={}", call->query.empty() ? "" : "&", key, Escaped(value));
}

core::Error ErrorOf(const Call& call, const net::Response& answer) {
  core::Result<core::Value> parsed = core::ParseJson(answer.body);
  const core::Value status = parsed && parsed->is_map() ? *parsed : core::Value(core::Map());
  core::Error error(FaultOf(answer.status, status), TextOf(call, answer.status, status));
  const std::string doing = call.user.empty()
                                ? call.verb + " " + call.what
                                : fmt::format("{} {} as {}", call.verb, call.what, call.user);
  const std::optional<core::Duration> after = RetryAfterOf(answer);
  core::Error told = error.In(doing);
  return after ? std::move(told).RetryAfter(*after) : told;
}

bool MayRetry(const Call& call, const net::Response& answer) {
  if (answer.status == 429) return true;  // not begun
  if (!call.repeatable || answer.status < 500 || answer.status == 501) return false;
  if (answer.status != 500) return true;
  const core::Result<core::Value> status = core::ParseJson(answer.body);
  return !status || !IsSchemaError(*status);
}

}  // namespace headgate::deploy
