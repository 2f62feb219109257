#include "deploy/plan/merge_keys.h"

#include <algorithm>
#include <iterator>

#include "core/json.h"

namespace headgate::deploy {
namespace {

struct Entry {
  std::string_view end;  // of the path
  std::string_view keys[2];
};

// The longest fitting end comes first.
constexpr Entry kEntries[] = {
    {"containers.ports", {"containerPort", "protocol"}},
    {"initContainers.ports", {"containerPort", "protocol"}},
    {"spec.ports", {"port", "protocol"}},
    {"containers", {"name", ""}},
    {"initContainers", {"name", ""}},
    {"ephemeralContainers", {"name", ""}},
    {"spec.volumes", {"name", ""}},
    {"containers.env", {"name", ""}},
    {"initContainers.env", {"name", ""}},
    {"containers.volumeMounts", {"mountPath", ""}},
    {"initContainers.volumeMounts", {"mountPath", ""}},
    {"containers.volumeDevices", {"devicePath", ""}},
    {"imagePullSecrets", {"name", ""}},
    {"hostAliases", {"ip", ""}},
    {"topologySpreadConstraints", {"topologyKey", "whenUnsatisfiable"}},
    {"ownerReferences", {"uid", ""}},
    {"conditions", {"type", ""}},
    {"webhooks", {"name", ""}},
    {"resourceClaims", {"name", ""}},
};

bool EndsWithFields(std::string_view path, std::string_view end) {
  if (!path.ends_with(end)) return false;
  return path.size() == end.size() || path[path.size() - end.size() - 1] == '.';
}

const core::Value* KeyOf(const core::Value& item, std::string_view key) {
  static const core::Value kTcp("TCP");
  const core::Value* at = item.Find(key);
  if (at || key != "protocol") return at;
  return &kTcp;  // the server's default
}

}  // namespace

std::vector<std::string_view> MergeKeysOf(std::string_view path) {
  const Entry* entry = std::find_if(std::begin(kEntries), std::end(kEntries),
                                    [&](const Entry& e) { return EndsWithFields(path, e.end); });
  if (entry == std::end(kEntries)) return {};
  if (entry->keys[1].empty()) return {entry->keys[0]};
  return {entry->keys[0], entry->keys[1]};
}

const core::Value* FindByKeys(const core::List& list, const core::Value& item,
                              const std::vector<std::string_view>& keys) {
  for (const core::Value& other : list) {
    const bool same = std::all_of(keys.begin(), keys.end(), [&](std::string_view key) {
      const core::Value* a = KeyOf(item, key);
      const core::Value* b = KeyOf(other, key);
      return a && b && *a == *b;
    });
    if (same) return &other;
  }
  return nullptr;
}

std::string ShowKeys(const core::Value& item, const std::vector<std::string_view>& keys) {
  std::string text = "[";
  for (const std::string_view key : keys) {
    if (text.size() > 1) text += ",";
    const core::Value* at = KeyOf(item, key);
    text += std::string(key) + "=";
    if (at) text += at->AsString() ? *at->AsString() : core::ToJson(*at);
  }
  return text + "]";
}

}  // namespace headgate::deploy
