#include "deploy/plan/guards.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/hash.h"
#include "deploy/annotations/policy.h"
#include "deploy/order.h"

namespace headgate::deploy {
namespace {

// Kinds whose deletion deletes more than themselves.
std::string WhyRisky(const core::ObjectRef& ref) {
  if (ref.group.empty() && ref.kind == "Namespace") return "a namespace takes all in it along";
  if (ref.kind == "CustomResourceDefinition") return "a definition takes all its objects along";
  if (ref.group.empty() && ref.kind == "PersistentVolumeClaim")
    return "a volume claim may take its data along";
  if (ref.group == "apps" && ref.kind == "StatefulSet") return "a stateful set holds data";
  return "";
}

bool IsVariant(const core::Value* live) {
  return live && !core::LabelOf(*live, core::kVariantLabel).empty();
}

size_t CountOf(const Inventory& items, const LiveLookUp& live) {
  return static_cast<size_t>(std::count_if(items.begin(), items.end(), [&](const auto& item) {
    return !IsVariant(live(item.ref).get());
  }));
}

}  // namespace

std::map<core::ObjectRef, std::string> WaitingForConfirmation(const Inventory& leaving,
                                                              const Inventory& inventory,
                                                              core::ConfirmPrunes confirm,
                                                              const LiveLookUp& live) {
  std::map<core::ObjectRef, std::string> waiting;
  if (confirm == core::ConfirmPrunes::kNone || leaving.empty()) return waiting;
  const size_t before = CountOf(inventory, live);
  const size_t gone = CountOf(leaving, live);
  const bool many = before >= kMassPruneObjects && 2 * gone > before;
  for (const InventoryItem& item : leaving) {
    const std::shared_ptr<const core::Value> now = live(item.ref);
    if (!now || IsVariant(now.get())) continue;
    std::string why = WhyRisky(item.ref);
    if (MayPruneLive(*now) == MayPrune::kConfirmed) why = "its sync-options say Prune=confirm";
    if (many) why = fmt::format("{} of {} objects would go at once", gone, before);
    if (confirm == core::ConfirmPrunes::kAll && why.empty()) why = "spec.sync.confirmPrunes is All";
    if (!why.empty()) waiting[item.ref] = why;
  }
  return waiting;
}

LiveLookUp LookUpIn(const std::map<core::ObjectRef, std::shared_ptr<const core::Value>>* live) {
  return [live](const core::ObjectRef& ref) {
    const auto found = live->find(ref);
    return found == live->end() ? nullptr : found->second;
  };
}

LiveLookUp NothingLive() {
  return [](const core::ObjectRef&) { return std::shared_ptr<const core::Value>(); };
}

std::string TokenOf(const std::vector<core::ObjectRef>& objects) {
  if (objects.empty()) return "";
  std::vector<core::ObjectRef> sorted = objects;
  std::sort(sorted.begin(), sorted.end());
  std::string all;
  for (const core::ObjectRef& ref : sorted) all += ref.group + "/" + core::Show(ref) + "\n";
  return std::string(core::Short(core::Sha256(all), 8));
}

LeavingRank RankOf(const core::ObjectRef& ref, const core::Value* live) {
  LeavingRank rank{.order = -static_cast<int>(OrderClassOf(ref))};
  const core::Result<Policy> policy = live ? PolicyOf(*live) : core::Result<Policy>(Policy());
  if (!policy) return rank;
  rank.last = policy->prune_last;
  rank.wave = -std::clamp(policy->wave.value_or(0), -1'000'000'000, 1'000'000'000);
  return rank;
}

}  // namespace headgate::deploy
