#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "core/result.h"

namespace headgate::reconciler {

inline constexpr size_t kHookBodyBytesMax = 1024 * 1024;
inline constexpr core::Duration kHookWindow = std::chrono::minutes(5);

// What came with POST /hooks/NAME.
struct HookCall {
  std::string name;
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
};

// HMAC with SHA-256 (RFC 2104) as 64 lower-case hexadecimal digits.
std::string HmacSha256(std::string_view key, std::string_view text);

// Whether a call was signed with `secret`, and what names this delivery among others of the window.
// Known are
// - GitHub, Gitea, Forgejo: X-Hub-Signature-256 (or X-Gitea-Signature), an HMAC-SHA256 of the body;
// - GitLab: X-Gitlab-Token, the secret itself;
// - anybody: X-Headgate-Signature: sha256=HMAC of "TIMESTAMP.BODY" with X-Headgate-Timestamp,
// seconds
//   since 1970, at most kHookWindow away from `now`.
// Compares in constant time. kForbidden says what is wrong, but never what would be right.
core::Result<std::string> CheckHook(const HookCall& call, std::string_view secret, core::Time now);

// Hears that repositories have changed. Puts names on the queue and does nothing else: what is
// deployed is decided by git alone, so a forged or repeated call could cost a listing of references
// at the most. Safe to call from several threads.
class Webhook {
 public:
  // An Application that names the hook: spec.source.webhook.secretRef.name.
  struct Receiver {
    std::string namespace_name;
    std::string application;  // "ns/name"
    std::string url;          // of its repository
  };
  struct World {
    std::function<std::vector<Receiver>(const std::string& name)> receivers;
    // Key `token` of the Secret of that name.
    std::function<core::Result<std::string>(const std::string& namespace_name,
                                            const std::string& name)>
        secret;
    std::function<void(const std::vector<Receiver>&)> wake;
  };
  struct Answer {
    int status = 202;
    std::string text;
    int retry_after_seconds = 0;  // with 429
  };

  Webhook(World world, const core::Clock* clock) : world_(std::move(world)), clock_(clock) {}

  // 202: heard; 403: nobody's signature (also where nobody has that name, so that names cannot be
  // found out); 413: too large; 429: too many.
  Answer Hear(const HookCall& call);

 private:
  // Calls that may come at once, refilled with time.
  struct Bucket {
    double calls = 0;
    core::BootTime at{};
  };
  struct Secret {
    std::string token;
    core::BootTime at{};
  };
  bool MayCall(const std::string& name, core::BootTime now);
  bool IsRepeated(const std::string& delivery, core::BootTime now);
  core::Result<std::string> SecretOf(const std::string& namespace_name, const std::string& name,
                                     core::BootTime now);
  core::Result<std::string> Check(const HookCall& call, const std::string& namespace_name,
                                  core::BootTime now);

  const World world_;
  const core::Clock* const clock_;

  std::mutex mutex_;
  std::map<std::string, Bucket> buckets_;             // guarded by mutex_, as all below
  std::map<std::string, core::BootTime> deliveries_;  // heard within the window
  std::map<std::string, Secret> secrets_;             // by "ns/name"
};

}  // namespace headgate::reconciler
