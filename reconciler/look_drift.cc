// The part of a look that tells what others did to the objects, and what became of it.
#include <fmt/format.h>

#include <algorithm>

#include "reconciler/look.h"

namespace headgate::reconciler {
namespace {

constexpr core::Duration kSoon = std::chrono::milliseconds(20);

// Without the time of its last write, which moves without news.
deploy::Drift Timeless(deploy::Drift drift) {
  for (deploy::SetField& field : drift.fields) field.time.clear();
  return drift;
}

}  // namespace

// Somebody asked for a sync: what selfHeal leaves is put back, what was refused is tried again.
void Look::HearSync() {
  memory_->heal_asked = true;
  memory_->refusals.clear();
}

void Look::NoteDrift(const deploy::ApplyOutcome& outcome) {
  for (const deploy::ObjectOutcome& object : outcome.objects) {
    const std::string name = core::Show(object.ref);
    if (object.kept && !object.kept->empty()) {
      report_.drift.kept.push_back(name + ": " + deploy::Show(Timeless(*object.kept)));
    }
    if (!object.drift) continue;
    const std::string what = name + (object.drift->deleted ? " " : ": ") + Show(*object.drift);
    const bool healed = object.result == deploy::ApplyResult::kCreated ||
                        object.result == deploy::ApplyResult::kUpdated;
    if (healed) {
      memory_->fights->Healed(object.ref, parts_.clock->SinceBoot());
      memory_->healed.insert(memory_->healed.begin(), core::Show(parts_.clock->Now()) + " " + what);
      if (memory_->healed.size() > kHealedMax) memory_->healed.resize(kHealedMax);
      Say(*live_, {"Healed", what + "; put back"});
    } else if (!Heals()) {
      report_.drift.left.push_back(what);
    }
  }
}

// What is left as others have set it is told once, and stands in the status as long as it is so.
void Look::ReportDrift() {
  std::set<std::string> left(report_.drift.left.begin(), report_.drift.left.end());
  for (const std::string& what : left) {
    if (memory_->left.contains(what)) continue;
    Say(*live_, {"Drifted", what + "; left so, since spec.sync.selfHeal is false", true});
  }
  memory_->left = std::move(left);
  std::set<std::string> contested;
  const core::BootTime now = parts_.clock->SinceBoot();
  for (const deploy::Fights::Contest& contest : memory_->fights->Contests(now)) {
    const std::string what =
        fmt::format("{}: {}", core::Show(contest.ref), deploy::Show(Timeless(contest.drift)));
    const std::string again = core::Show(parts_.clock->Now() + (contest.until - now));
    report_.drift.contested.push_back(
        fmt::format("{}; set in turn by it and by git, put back again at {}", what, again));
    look_again_ = std::min(look_again_, std::max(contest.until - now, kSoon));
    contested.insert(what);
    if (memory_->contested.contains(what)) continue;
    Say(*live_, {"Contested",
                 what + "; set in turn by it and by git: take the field out of git, name it in "
                        "spec.sync.ignoreDifferences, or stop the other",
                 true});
  }
  memory_->contested = std::move(contested);
  report_.drift.healed = memory_->healed;
}

}  // namespace headgate::reconciler
