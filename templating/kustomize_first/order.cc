#include "templating/kustomize_first/order.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace headgate::templating {
namespace {

// Source: kustomize's legacy order.
const std::vector<std::string>& FirstKinds() {
  static const std::vector<std::string> kinds{"Namespace",
                                              "ResourceQuota",
                                              "StorageClass",
                                              "CustomResourceDefinition",
                                              "ServiceAccount",
                                              "PodSecurityPolicy",
                                              "Role",
                                              "ClusterRole",
                                              "RoleBinding",
                                              "ClusterRoleBinding",
                                              "ConfigMap",
                                              "Secret",
                                              "Endpoints",
                                              "Service",
                                              "LimitRange",
                                              "PriorityClass",
                                              "PersistentVolume",
                                              "PersistentVolumeClaim",
                                              "Deployment",
                                              "StatefulSet",
                                              "CronJob",
                                              "PodDisruptionBudget"};
  return kinds;
}
const std::vector<std::string>& LastKinds() {
  static const std::vector<std::string> kinds{"MutatingWebhookConfiguration",
                                              "ValidatingWebhookConfiguration"};
  return kinds;
}

std::vector<std::string> StringsOf(const core::List& list) {
  std::vector<std::string> strings;
  for (const core::Value& item : list) strings.push_back(*item.AsString());
  return strings;
}

void SortLegacy(const std::vector<std::string>& first, const std::vector<std::string>& last,
                Resources* all) {
  std::map<std::string, int> ranks;
  for (size_t at = 0; at < first.size(); ++at) {
    ranks[first[at]] = static_cast<int>(at) - static_cast<int>(first.size());
  }
  for (size_t at = 0; at < last.size(); ++at) ranks[last[at]] = static_cast<int>(at) + 1;

  using Key = std::tuple<int, std::string, std::string>;
  std::vector<std::pair<Key, size_t>> keys;
  for (size_t at = 0; at < all->size(); ++at) {
    const Id id = IdOf((*all)[at].object.body);
    const auto rank = ranks.find(id.kind);
    std::string type = (id.group.empty() ? "~G" : id.group) + "_" +
                       (id.version.empty() ? "~V" : id.version) + "_" + id.kind;
    if (id.kind == "Namespace" && id.group.empty())
      type.clear();  // before namesakes of other groups
    const std::string name = (id.namespace_name.empty() ? "~X" : id.namespace_name) + "|" + id.name;
    keys.push_back({{rank == ranks.end() ? 0 : rank->second, type, name}, at});
  }
  std::sort(keys.begin(), keys.end());
  Resources sorted;
  for (const auto& [key, at] : keys) sorted.push_back(std::move((*all)[at]));
  *all = std::move(sorted);
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
// Bytes above ASCII are taken for letters.
bool IsLetter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 0x80;
}

// Digits from `at`, as a number; `at` moves behind them. Numbers beyond 18 digits do not happen.
uint64_t TakeNumber(std::string_view text, uint64_t number, size_t* at) {
  for (; *at < text.size() && IsDigit(text[*at]); ++*at) {
    number = number * 10 + static_cast<uint64_t>(text[*at] - '0');
  }
  return number;
}

// Source: the order of keys in go-yaml v2.
bool KeyLess(std::string_view a, std::string_view b) {
  for (size_t at = 0; at < a.size() && at < b.size(); ++at) {
    if (a[at] == b[at]) continue;
    const bool a_letter = IsLetter(a[at]), b_letter = IsLetter(b[at]);
    const auto a_byte = static_cast<unsigned char>(a[at]),
               b_byte = static_cast<unsigned char>(b[at]);
    if (a_letter && b_letter) return a_byte < b_byte;
    if (a_letter || b_letter) return b_letter;
    // Within a number that has begun, a zero counts.
    uint64_t start = 0;
    if (a[at] == '0' || b[at] == '0') {
      for (size_t back = at; back > 0 && IsDigit(a[back - 1]); --back) {
        if (a[back - 1] != '0') start = 1;
      }
    }
    size_t a_end = at, b_end = at;
    const uint64_t a_number = TakeNumber(a, start, &a_end);
    const uint64_t b_number = TakeNumber(b, start, &b_end);
    if (a_number != b_number) return a_number < b_number;
    if (a_end != b_end) return a_end < b_end;
    return a_byte < b_byte;
  }
  return a.size() < b.size();
}

}  // namespace

core::Status Sort(const Kustomization& kustomization, Order order, Resources* all) {
  const core::Value* options = kustomization.body.Find("sortOptions");
  if (!options || options->is_null()) {
    if (order == Order::kLegacy) SortLegacy(FirstKinds(), LastKinds(), all);
    return core::Ok();
  }
  const std::string& wanted = options->StringAt("order");
  const core::Value* legacy = options->Find("legacySortOptions");
  if (wanted != "legacy" && wanted != "fifo") {
    return kustomization.At(*options, "sortOptions.order", "legacy or fifo expected");
  }
  if (wanted == "fifo") {
    if (!legacy) return core::Ok();
    return kustomization.At(*legacy, "sortOptions.legacySortOptions", "only with order: legacy");
  }
  if (!legacy) {
    SortLegacy(FirstKinds(), LastKinds(), all);
  } else {
    SortLegacy(StringsOf(legacy->ListAt("orderFirst")), StringsOf(legacy->ListAt("orderLast")),
               all);
  }
  return core::Ok();
}

void SortKeys(core::Value* value) {
  if (core::List* list = value->AsList()) {
    for (core::Value& item : *list) SortKeys(&item);
  }
  core::Map* map = value->AsMap();
  if (!map) return;
  std::sort(map->begin(), map->end(), [](const core::Map::Entry& a, const core::Map::Entry& b) {
    return KeyLess(a.first, b.first);
  });
  for (core::Map::Entry& entry : *map) SortKeys(&entry.second);
}

}  // namespace headgate::templating
