#include "reconciler/webhook.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <set>

#include "core/hash.h"

namespace headgate::reconciler {
namespace {

constexpr double kCallsAtOnce = 30;        // of one hook
constexpr double kCallsPerSecond = 1;      // of one hook, in the long run
constexpr size_t kDeliveriesMax = 10'000;  // remembered
constexpr size_t kBucketsMax = 1'000;
constexpr core::Duration kSecretKept = std::chrono::minutes(1);
constexpr const char* kStrangers = "";  // the bucket of names that nobody has

std::string HeaderOf(const HookCall& call, const char* name) {
  const auto at = call.headers.find(name);
  return at == call.headers.end() ? "" : at->second;
}

// Takes as long for every text of the same length, wherever they differ.
bool IsSame(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned char different = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    different = static_cast<unsigned char>(different | (a[i] ^ b[i]));
  }
  return different == 0;
}

bool IsSigned(std::string_view text, std::string signature, std::string_view secret) {
  constexpr std::string_view kPrefix = "sha256=";
  if (signature.starts_with(kPrefix)) signature.erase(0, kPrefix.size());
  std::transform(signature.begin(), signature.end(), signature.begin(),
                 [](char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c + 32) : c; });
  return IsSame(HmacSha256(secret, text), signature);
}

core::Result<std::string> CheckTimed(const HookCall& call, const std::string& signature,
                                     std::string_view secret, core::Time now) {
  const std::string stamp = HeaderOf(call, "x-headgate-timestamp");
  int64_t seconds = 0;
  const auto [end, bad] = std::from_chars(stamp.data(), stamp.data() + stamp.size(), seconds);
  if (bad != std::errc() || end != stamp.data() + stamp.size()) {
    return core::Forbidden("X-Headgate-Timestamp: seconds since 1970 were expected");
  }
  if (!IsSigned(stamp + "." + call.body, signature, secret)) {
    return core::Forbidden("X-Headgate-Signature is not that of the timestamp, a dot and the body");
  }
  const int64_t at =
      std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
  const int64_t most = std::chrono::duration_cast<std::chrono::seconds>(kHookWindow).count();
  if (seconds > at + most || seconds < at - most) {
    return core::Forbidden("X-Headgate-Timestamp is more than 5 minutes away from this clock");
  }
  return signature;
}

std::string BytesOfHash(std::string_view text) {
  const std::string hex = core::Sha256(text);
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  std::string bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<char>(digit(hex[i]) * 16 + digit(hex[i + 1])));
  }
  return bytes;
}

}  // namespace

std::string HmacSha256(std::string_view key, std::string_view text) {
  constexpr size_t kBlockBytes = 64;
  std::string block = key.size() > kBlockBytes ? BytesOfHash(key) : std::string(key);
  block.resize(kBlockBytes, '\0');
  std::string inner = block, outer = block;
  for (char& c : inner) c = static_cast<char>(c ^ 0x36);
  for (char& c : outer) c = static_cast<char>(c ^ 0x5c);
  return core::Sha256(outer + BytesOfHash(inner.append(text)));
}

core::Result<std::string> CheckHook(const HookCall& call, std::string_view secret, core::Time now) {
  if (secret.empty()) return core::Forbidden("the hook's Secret holds no token");
  if (const std::string own = HeaderOf(call, "x-headgate-signature"); !own.empty()) {
    return CheckTimed(call, own, secret, now);
  }
  for (const char* header : {"x-hub-signature-256", "x-gitea-signature", "x-forgejo-signature"}) {
    const std::string signature = HeaderOf(call, header);
    if (signature.empty()) continue;
    if (IsSigned(call.body, signature, secret)) return signature;
    return core::Forbidden(std::string(header) + " is not that of the body");
  }
  if (const std::string token = HeaderOf(call, "x-gitlab-token"); !token.empty()) {
    // Hashed first, so that not even the length is told by the time that it takes.
    if (!IsSame(core::Sha256(token), core::Sha256(secret))) {
      return core::Forbidden("X-Gitlab-Token is not the hook's");
    }
    const std::string id = HeaderOf(call, "x-gitlab-event-uuid");
    return "gitlab " + id + " " + core::Sha256(call.body);
  }
  return core::Forbidden(
      "no signature: X-Hub-Signature-256, X-Gitea-Signature, X-Gitlab-Token or "
      "X-Headgate-Signature was expected");
}

bool Webhook::MayCall(const std::string& name, core::BootTime now) {
  const std::lock_guard lock(mutex_);
  if (buckets_.size() >= kBucketsMax) buckets_.clear();
  const auto [at, added] = buckets_.try_emplace(name, Bucket{kCallsAtOnce, now});
  Bucket& bucket = at->second;
  const double seconds = std::chrono::duration<double>(now - bucket.at).count();
  bucket = {std::min(kCallsAtOnce, bucket.calls + seconds * kCallsPerSecond), now};
  if (bucket.calls < 1) return false;
  bucket.calls -= 1;
  return true;
}

bool Webhook::IsRepeated(const std::string& delivery, core::BootTime now) {
  const std::lock_guard lock(mutex_);
  if (deliveries_.size() >= kDeliveriesMax) {
    std::erase_if(deliveries_, [&](const auto& each) { return now - each.second > kHookWindow; });
    if (deliveries_.size() >= kDeliveriesMax) deliveries_.clear();
  }
  const auto [at, added] = deliveries_.emplace(delivery, now);
  if (added) return false;
  // Both clocks of a timed call may be a window apart, in either direction.
  if (now - at->second <= 2 * kHookWindow) return true;
  at->second = now;
  return false;
}

core::Result<std::string> Webhook::SecretOf(const std::string& namespace_name,
                                            const std::string& name, core::BootTime now) {
  const std::string key = namespace_name + "/" + name;
  {
    const std::lock_guard lock(mutex_);
    const auto at = secrets_.find(key);
    if (at != secrets_.end() && now - at->second.at < kSecretKept) return at->second.token;
  }
  core::Result<std::string> token = world_.secret(namespace_name, name);
  const std::lock_guard lock(mutex_);
  if (token) {
    secrets_[key] = {*token, now};
  } else {
    secrets_.erase(key);
  }
  return token;
}

core::Result<std::string> Webhook::Check(const HookCall& call, const std::string& namespace_name,
                                         core::BootTime now) {
  const core::Result<std::string> secret = SecretOf(namespace_name, call.name, now);
  if (!secret) return secret.error();
  return CheckHook(call, *secret, clock_->Now());
}

Webhook::Answer Webhook::Hear(const HookCall& call) {
  const core::BootTime now = clock_->SinceBoot();
  if (call.body.size() > kHookBodyBytesMax) return {413, "the body is larger than 1 MiB\n"};
  const std::vector<Receiver> receivers = world_.receivers(call.name);
  if (!MayCall(receivers.empty() ? kStrangers : call.name, now)) {
    return {429, "too many calls\n", static_cast<int>(1 / kCallsPerSecond)};
  }
  std::set<std::string> namespaces;
  for (const Receiver& each : receivers) namespaces.insert(each.namespace_name);
  bool let_in = false;
  std::set<std::string> told;
  for (const std::string& name : namespaces) {
    const core::Result<std::string> delivery = Check(call, name, now);
    if (!delivery) continue;
    let_in = true;
    if (!IsRepeated(name + "/" + call.name + " " + *delivery, now)) told.insert(name);
  }
  if (!let_in) return {403, "no hook of this name has this signature\n"};
  std::vector<Receiver> woken;
  std::copy_if(receivers.begin(), receivers.end(), std::back_inserter(woken),
               [&](const Receiver& each) { return told.contains(each.namespace_name); });
  if (woken.empty()) return {202, "heard before\n"};
  world_.wake(woken);
  return {202, "heard\n"};
}

}  // namespace headgate::reconciler
