#include "deploy/apply.h"

#include <fmt/format.h>

#include <algorithm>

#include "deploy/apply_run.h"

namespace headgate::deploy {
namespace {

core::Status FirstOf(const std::vector<ObjectOutcome>& objects) {
  const ObjectOutcome* first = nullptr;
  size_t others = 0;
  for (const ObjectOutcome& object : objects) {
    if (!object.error) continue;
    // What was skipped follows from what failed.
    if (!first ||
        (first->result == ApplyResult::kSkipped && object.result == ApplyResult::kFailed)) {
      others += first ? 1 : 0;
      first = &object;
    } else {
      ++others;
    }
  }
  if (!first) return core::Ok();
  if (others == 0) return *first->error;
  core::Error error(first->error->fault(),
                    fmt::format("{}; and {} more", first->error->text(), others));
  if (!first->error->retry_after()) return error;
  return std::move(error).RetryAfter(*first->error->retry_after());
}

}  // namespace

std::string_view Show(ApplyResult result) {
  switch (result) {
    case ApplyResult::kCreated:
      return "created";
    case ApplyResult::kUpdated:
      return "updated";
    case ApplyResult::kUnchanged:
      return "unchanged";
    case ApplyResult::kFailed:
      return "failed";
    case ApplyResult::kSkipped:
      return "skipped";
  }
  return "skipped";
}

bool ApplyOutcome::ok() const {
  return std::none_of(objects.begin(), objects.end(),
                      [](const ObjectOutcome& object) { return object.error.has_value(); });
}

size_t ApplyOutcome::Count(ApplyResult result) const {
  return static_cast<size_t>(std::count_if(
      objects.begin(), objects.end(), [&](const auto& object) { return object.result == result; }));
}

core::Status ApplyOutcome::status() const { return FirstOf(objects); }
core::Status PruneOutcome::status() const { return FirstOf(failed); }

Deployer::Deployer(Client client, Applied* applied)
    : client_(std::move(client)), applied_(applied) {}

core::Result<ApplyOutcome> Deployer::Apply(const core::Objects& objects,
                                           const ApplyOptions& options,
                                           std::stop_token stop) const {
  const core::Result<core::Objects> prepared = Prepare(objects, options, stop);
  if (!prepared) return prepared.error();
  ApplyOutcome outcome;
  outcome.inventory = InventoryOf(*prepared);
  outcome.objects = Run(*this, *prepared, options, stop).All();
  return outcome;
}

}  // namespace headgate::deploy
