#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <set>

#include "core/application.h"
#include "deploy/apply.h"
#include "deploy/order.h"
#include "deploy/parallel.h"
#include "deploy/plan/guards.h"

namespace headgate::deploy {
namespace {

// Between reading and deleting somebody may write a status: read again then.
constexpr int kTriesMax = 4;

// What became of one object that is no longer wanted.
struct Fate {
  std::optional<core::Error> error;
  std::string kept;  // why; empty: it is deleted
  bool ours = true;  // whether the inventory must go on knowing a kept one
};

bool IsOurs(const core::Value& live, const ApplySet& set) {
  return core::LabelOf(live, core::kPartOfLabel) == set.id;
}

// Why it stays; "" where it may go.
std::string WhyStays(const core::Value& live, const PruneOptions& options) {
  if (!IsOurs(live, options.set) || !options.hooks) {
    const std::string why = WhyKept(live, options.set, options.with_application);
    if (!why.empty()) return why;
  }
  return "";
}

Fate Delete(const InventoryItem& item, const Client& client, const PruneOptions& options,
            std::stop_token stop) {
  const Client reader = client.As("");
  const Type type{ApiVersionOf(item), item.ref.kind};
  if (const auto seen = options.live ? options.live(item.ref) : nullptr) {
    const std::string why = WhyStays(*seen, options);
    if (!why.empty()) return {.kept = why, .ours = IsOurs(*seen, options.set)};
  }
  for (int tries = 1;; ++tries) {
    const core::Result<core::Value> live =
        reader.Get(type, item.ref.namespace_name, item.ref.name, stop);
    if (!live) {
      if (live.error().fault() == core::Fault::kNotFound) return {};
      return {.error = live.error()};
    }
    if (const std::string why = WhyStays(*live, options); !why.empty()) {
      return {.kept = why, .ours = IsOurs(*live, options.set)};
    }
    if (options.may_write) {
      if (core::Status may = options.may_write(); !may) {
        return {.error = may.error().In("delete " + core::Show(item.ref))};
      }
    }
    const core::Status deleted =
        client.Delete(type, item.ref.namespace_name, item.ref.name,
                      {.uid = live->StringAt("metadata", "uid"),
                       .resource_version = live->StringAt("metadata", "resourceVersion"),
                       .dry_run = options.dry_run},
                      stop);
    if (deleted || deleted.error().fault() == core::Fault::kNotFound) return {};
    if (deleted.error().fault() != core::Fault::kConflict || tries >= kTriesMax) {
      return {.error = deleted.error()};
    }
  }
}

// In the order of deleting: what carries others goes last.
Inventory Leaving(const Inventory& inventory, const Inventory& wanted, const LiveLookUp& live) {
  std::set<core::ObjectRef> stay;
  for (const InventoryItem& item : wanted) stay.insert(item.ref);
  std::vector<std::pair<LeavingRank, InventoryItem>> ranked;
  for (const InventoryItem& item : inventory) {
    if (!stay.contains(item.ref)) ranked.emplace_back(RankOf(item.ref, live(item.ref).get()), item);
  }
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  Inventory leaving;
  for (auto& [rank, item] : ranked) leaving.push_back(std::move(item));
  return leaving;
}

PruneOutcome AllKept(const Inventory& inventory) {
  PruneOutcome outcome;
  outcome.remaining = inventory;
  for (const InventoryItem& item : inventory) {
    outcome.kept.push_back(
        {.kind = ChangeKind::kKeep, .ref = item.ref, .reason = EmptyWarning(inventory.size())});
  }
  return outcome;
}

// Takes out of `leaving` what waits for a person.
void HoldBack(const Inventory& inventory, const LiveLookUp& live, const PruneOptions& options,
              Inventory* leaving, PruneOutcome* outcome) {
  const auto ours = [&](const InventoryItem& item) {
    const auto now = live(item.ref);
    return now && WhyStays(*now, options).empty();
  };
  Inventory going;
  std::copy_if(leaving->begin(), leaving->end(), std::back_inserter(going), ours);
  std::vector<core::ObjectRef> refs;
  for (const auto& [ref, why] : WaitingForConfirmation(going, inventory, options.confirm, live)) {
    refs.push_back(ref);
    outcome->waiting.push_back({.kind = ChangeKind::kKeep, .ref = ref, .reason = why});
  }
  outcome->token = TokenOf(refs);
  if (outcome->token == options.confirmed) {  // seen and agreed to
    outcome->waiting.clear();
    outcome->token.clear();
    return;
  }
  std::erase_if(*leaving, [&](const InventoryItem& item) {
    return std::find(refs.begin(), refs.end(), item.ref) != refs.end();
  });
}

}  // namespace

core::Result<PruneOutcome> Deployer::Prune(const Inventory& inventory, const Inventory& wanted,
                                           const PruneOptions& options,
                                           std::stop_token stop) const {
  if (options.set.id.empty()) {
    return core::Internal("prune: the id of the set is empty, so nothing can be known as ours");
  }
  if (wanted.empty() && !options.allow_empty) return AllKept(inventory);

  LiveObjects read;
  LiveLookUp live = options.live;
  if (!live) {
    core::Result<LiveObjects> all = ReadLive({}, Leaving(inventory, wanted, NothingLive()), stop);
    if (!all) return all.error();
    read = std::move(*all);
    live = LookUpIn(&read);
  }
  PruneOutcome held;
  Inventory leaving = Leaving(inventory, wanted, live);
  const Inventory all = leaving;
  HoldBack(inventory, live, options, &leaving, &held);
  PruneOutcome outcome = Remove(leaving, options, stop);
  outcome.waiting = std::move(held.waiting);
  outcome.token = std::move(held.token);
  outcome.remaining = Union(wanted, outcome.remaining);
  for (const Change& change : outcome.waiting) {
    const auto item = std::find_if(all.begin(), all.end(),
                                   [&](const auto& each) { return each.ref == change.ref; });
    outcome.remaining = Union(outcome.remaining, {*item});
  }
  return outcome;
}

PruneOutcome Deployer::Remove(const Inventory& items, const PruneOptions& options,
                              std::stop_token stop) const {
  std::vector<Fate> fates(items.size());
  for (size_t begin = 0; begin < items.size();) {
    size_t end = begin;
    while (end < items.size() && OrderClassOf(items[end].ref) == OrderClassOf(items[begin].ref)) {
      ++end;
    }
    InParallel(end - begin, options.parallel_max, [&](size_t i) {
      fates[begin + i] = Delete(items[begin + i], client_, options, stop);
    });
    begin = end;
  }

  PruneOutcome outcome;
  Inventory left;
  for (size_t i = 0; i < items.size(); ++i) {
    const core::ObjectRef& ref = items[i].ref;
    if (applied_ && !options.dry_run) applied_->Forget(ref);
    if (fates[i].error) {
      outcome.failed.push_back({ref, ApplyResult::kFailed, fates[i].error, nullptr});
    } else if (!fates[i].kept.empty()) {
      outcome.kept.push_back({.kind = ChangeKind::kKeep, .ref = ref, .reason = fates[i].kept});
    } else {
      outcome.pruned.push_back(ref);
    }
    if (fates[i].error || (!fates[i].kept.empty() && fates[i].ours)) left.push_back(items[i]);
  }
  outcome.remaining = std::move(left);
  return outcome;
}

}  // namespace headgate::deploy
