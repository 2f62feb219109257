// The part of a look that decides when what the API server refused is tried again: not blindly, but
// when what it lacked is there, or when time alone may help.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "core/hash.h"
#include "reconciler/look.h"

namespace headgate::reconciler {
namespace {

constexpr core::Duration kProbePause = std::chrono::seconds(2);
constexpr double kJitter = 0.2;  // of a pause, each way
const deploy::Type kQuotas = {"v1", "ResourceQuota"};

bool Says(const core::Error& error, std::string_view words) {
  return error.text().find(words) != std::string::npos;
}

// What was not there; "" where it is none of these.
std::string LackOf(const core::ObjectRef& ref, const core::Error& error) {
  if (Says(error, "exceeded quota")) return "room in the quota of namespace " + ref.namespace_name;
  if (error.fault() != core::Fault::kNotFound) return "";
  if (Says(error, "the server has no kind")) return "the kind " + ref.kind;
  if (Says(error, "namespace")) return "the namespace " + ref.namespace_name;
  return "";
}

// Whether the same request may succeed later though nobody changes what is wanted: rights, policies
// and webhooks change; what a schema refuses it refuses for ever.
bool MayPass(const core::Error& error) {
  return error.fault() == core::Fault::kForbidden || error.fault() == core::Fault::kNotFound ||
         error.fault() == core::Fault::kUnavailable || error.fault() == core::Fault::kInternal ||
         Says(error, "admission webhook") || Says(error, "AdmissionPolicy") ||
         Says(error, "denied the request");
}

std::string DigestOfQuotas(const deploy::Client& client, const std::string& namespace_name,
                           std::stop_token stop) {
  const core::Result<deploy::ListAnswer> quotas =
      client.List(kQuotas, {.namespace_name = namespace_name}, stop);
  core::List all;
  for (const core::Value& quota : quotas ? quotas->items : std::vector<core::Value>()) {
    const core::Value* status = quota.Find("status");
    all.push_back(status ? *status : core::Value());
  }
  return core::ContentHash(all);
}

}  // namespace

bool IsBlocked(const Refusal& refusal, const std::string& wanted_hash, const core::Value* live,
               core::BootTime now) {
  const std::string uid = live ? live->StringAt("metadata", "uid") : "";
  return refusal.wanted_hash == wanted_hash && refusal.live_uid == uid &&
         (!refusal.next || now < *refusal.next);
}

// initial * factor^(tries - 1), at most max, give or take a fifth.
core::Duration Look::Pause(int64_t tries) const {
  thread_local std::minstd_rand random{std::random_device{}()};
  const core::Retry& retry = sync_.retry;
  const double grown =
      static_cast<double>(retry.initial.count()) *
      std::pow(retry.factor, static_cast<double>(std::min<int64_t>(tries - 1, 60)));
  const double bounded = std::min(grown, static_cast<double>(retry.max.count()));
  std::uniform_real_distribution<double> jitter(1 - kJitter, 1 + kJitter);
  return core::Duration(static_cast<core::Duration::rep>(bounded * jitter(random)));
}

void Look::NoteRefusals(const deploy::ApplyOutcome& outcome) {
  const core::BootTime now = parts_.clock->SinceBoot();
  for (const deploy::ObjectOutcome& object : outcome.objects) {
    const auto known = memory_->refusals.find(object.ref);
    if (!object.error) {
      if (known != memory_->refusals.end()) memory_->refusals.erase(known);
      continue;
    }
    const core::Error& error = *object.error;
    if (object.result != deploy::ApplyResult::kFailed || object.wanted_hash.empty() ||
        error.fault() == core::Fault::kConflict || error.fault() == core::Fault::kCancelled ||
        error.fault() == core::Fault::kUnavailable) {
      continue;
    }
    const bool again =
        known != memory_->refusals.end() && known->second.wanted_hash == object.wanted_hash;
    if (again && IsBlocked(known->second, object.wanted_hash, object.live.get(), began_)) continue;
    Refusal refusal{object.wanted_hash, object.live ? object.live->StringAt("metadata", "uid") : "",
                    error};
    refusal.tries = again ? known->second.tries + 1 : 1;
    refusal.lacks = LackOf(object.ref, error);
    if (refusal.lacks.starts_with("room")) {
      refusal.lacks_digest = DigestOfQuotas(parts_.client, object.ref.namespace_name, stop_);
    }
    const bool given_up = sync_.retry.limit && refusal.tries > *sync_.retry.limit;
    if (refusal.lacks.empty() && MayPass(error) && !given_up) {
      refusal.next = now + Pause(refusal.tries);
    }
    memory_->refusals.insert_or_assign(object.ref, std::move(refusal));
  }
}

core::Result<bool> Look::IsStillLacking(const core::ObjectRef& ref, const Refusal& refusal) const {
  if (refusal.lacks.starts_with("room")) {
    return DigestOfQuotas(parts_.client, ref.namespace_name, stop_) == refusal.lacks_digest;
  }
  if (refusal.lacks.starts_with("the namespace")) {
    const core::Result<core::Value> there =
        parts_.client.Get({"v1", "Namespace"}, "", ref.namespace_name, stop_);
    if (!there && there.error().fault() != core::Fault::kNotFound) return there.error();
    return !there || there->Find("metadata", "deletionTimestamp") != nullptr;
  }
  return false;  // a kind: discovery is asked by the try itself
}

// What was lacking may be there now: then it is tried again at once.
void Look::ForgiveRefusals() {
  const core::BootTime now = parts_.clock->SinceBoot();
  for (auto& [ref, refusal] : memory_->refusals) {
    if (refusal.lacks.empty() || now - refusal.probed < kProbePause) continue;
    refusal.probed = now;
    const core::Result<bool> lacking = IsStillLacking(ref, refusal);
    if (lacking && !*lacking) refusal.next = now;
  }
}

// What the status says about it, and when to look again for it.
void Look::ReportRetry() {
  if (memory_->refusals.empty()) return;
  const core::BootTime now = parts_.clock->SinceBoot();
  RetryReport retry;
  std::optional<core::BootTime> next;
  for (const auto& [ref, refusal] : memory_->refusals) {
    retry.attempts = std::max(retry.attempts, refusal.tries);
    if (!refusal.lacks.empty()) {
      retry.waits_for = refusal.lacks;
      look_again_ = std::min(look_again_, kProbePause);
    }
    if (refusal.next && (!next || *refusal.next < *next)) next = refusal.next;
  }
  if (next) {
    const core::Duration pause =
        std::max(*next - now, core::Duration(std::chrono::milliseconds(1)));
    look_again_ = std::min(look_again_, pause);
    retry.next = core::Show(parts_.clock->Now() + pause);
  }
  report_.retry = std::move(retry);
}

}  // namespace headgate::reconciler
