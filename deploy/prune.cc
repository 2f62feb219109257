#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <set>

#include "core/application.h"
#include "deploy/apply.h"
#include "deploy/order.h"
#include "deploy/parallel.h"

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

Fate Delete(const InventoryItem& item, const Client& client, const PruneOptions& options,
            std::stop_token stop) {
  const Client reader = client.As("");
  const Type type{ApiVersionOf(item), item.ref.kind};
  for (int tries = 1;; ++tries) {
    const core::Result<core::Value> live =
        reader.Get(type, item.ref.namespace_name, item.ref.name, stop);
    if (!live) {
      if (live.error().fault() == core::Fault::kNotFound) return {};
      return {.error = live.error()};
    }
    if (const std::string why = WhyKept(*live, options.set); !why.empty()) {
      const bool ours = core::LabelOf(*live, core::kPartOfLabel) == options.set.id;
      return {.kept = why, .ours = ours};
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

Inventory Leaving(const Inventory& inventory, const Inventory& wanted) {
  std::set<core::ObjectRef> stay;
  for (const InventoryItem& item : wanted) stay.insert(item.ref);
  Inventory leaving;
  for (const InventoryItem& item : inventory) {
    if (!stay.contains(item.ref)) leaving.push_back(item);
  }
  std::stable_sort(leaving.begin(), leaving.end(), [](const auto& a, const auto& b) {
    return OrderClassOf(a.ref) > OrderClassOf(b.ref);  // what carries others goes last
  });
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

}  // namespace

core::Result<PruneOutcome> Deployer::Prune(const Inventory& inventory, const Inventory& wanted,
                                           const PruneOptions& options,
                                           std::stop_token stop) const {
  if (options.set.id.empty()) {
    return core::Internal("prune: the id of the set is empty, so nothing can be known as ours");
  }
  if (wanted.empty() && !options.allow_empty) return AllKept(inventory);

  PruneOutcome outcome = Remove(Leaving(inventory, wanted), options, stop);
  outcome.remaining = Union(wanted, outcome.remaining);
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
