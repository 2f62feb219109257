#include "deploy/plan/managed.h"

#include <algorithm>
#include <charconv>
#include <vector>

#include "core/hash.h"
#include "core/json.h"

// fieldsV1 is a tree of path elements: "f:NAME" a field, "k:{JSON}" a list item by its keys,
// "v:JSON" a list item by its value, "i:N" one by its index, "." the place itself. A leaf is {}.
// Source: sigs.k8s.io/structured-merge-diff, fieldpath/serialize.go and serialize-pe.go.
namespace headgate::deploy {
namespace {

bool HasKeys(const core::Value& item, const core::Value& keys) {
  for (const core::Map::Entry& key : *keys.AsMap()) {
    const core::Value* at = item.Find(key.first);
    // Left out in manifests, filled in by the server.
    if (!at && key.first == "protocol" && key.second == core::Value("TCP")) continue;
    if (!at || !(*at == key.second)) return false;
  }
  return true;
}

const core::Value* ItemWith(const core::List& list, std::string_view keys_json) {
  const core::Result<core::Value> keys = core::ParseJson(keys_json);
  if (!keys || !keys->is_map()) return nullptr;
  const auto found = std::find_if(list.begin(), list.end(),
                                  [&](const core::Value& item) { return HasKeys(item, *keys); });
  return found == list.end() ? nullptr : &*found;
}

const core::Value* ItemEqual(const core::List& list, std::string_view value_json) {
  const core::Result<core::Value> value = core::ParseJson(value_json);
  if (!value) return nullptr;
  const auto found = std::find(list.begin(), list.end(), *value);
  return found == list.end() ? nullptr : &*found;
}

const core::Value* ItemAt(const core::List& list, std::string_view digits) {
  size_t index = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9' || index > list.size()) return nullptr;
    index = index * 10 + static_cast<size_t>(c - '0');
  }
  return index < list.size() ? &list[index] : nullptr;
}

// One step down by a path element; nullptr where there is nothing.
const core::Value* Step(const core::Value* at, std::string_view element) {
  if (!at || element.size() < 2) return nullptr;
  const std::string_view rest = element.substr(2);
  if (element[0] == 'f') return at->Find(rest);
  const core::List* list = at->AsList();
  if (!list) return nullptr;
  if (element[0] == 'k') return ItemWith(*list, rest);
  if (element[0] == 'v') return ItemEqual(*list, rest);
  return element[0] == 'i' ? ItemAt(*list, rest) : nullptr;
}

std::string Joined(const std::string& path, std::string_view element) {
  const std::string name(element.substr(std::min<size_t>(2, element.size())));
  if (element[0] != 'f') return path + "[" + name + "]";
  return path.empty() ? name : path + "." + name;
}

// "PATH<tab>value<newline>" for each leaf; of a place that is owned as such only that it is there.
void WalkValues(const core::Value& fields, const core::Value* at, const std::string& path,
                std::vector<std::string>* lines) {
  const core::Map* map = fields.AsMap();
  if (!map || map->empty()) {
    lines->push_back(path + "\t" + (at ? core::ToCanonicalJson(*at) : "gone") + "\n");
    return;
  }
  for (const core::Map::Entry& entry : *map) {
    if (entry.first == ".") {
      lines->push_back(path + (at ? ".\tthere\n" : ".\tgone\n"));
    } else if (!entry.first.empty()) {
      WalkValues(entry.second, Step(at, entry.first), Joined(path, entry.first), lines);
    }
  }
}

// A list item that is owned as such goes as a whole; of maps only the leaves that are ours.
void WalkGone(const core::Value& fields, const core::Value* live, const core::Value* wanted,
              const std::string& path, FieldDiffs* gone) {
  const core::Map* map = fields.AsMap();
  if (!live) return;
  const bool whole = !map || map->empty() || (path.ends_with(']') && map->Find("."));
  if (!wanted && whole) {
    gone->push_back({path, *live, std::nullopt});
    return;
  }
  if (!map) return;
  for (const core::Map::Entry& entry : *map) {
    if (entry.first == "." || entry.first.empty()) continue;
    WalkGone(entry.second, Step(live, entry.first), Step(wanted, entry.first),
             Joined(path, entry.first), gone);
  }
}

// resourceVersions of one kind are numbers that grow (KEP-5504).
std::optional<uint64_t> VersionNumber(const std::string& text) {
  uint64_t number = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failed != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// What `manager` applied to `live`: one tree of fields, seldom more.
std::vector<const core::Value*> FieldsOf(const core::Value& live, std::string_view manager) {
  std::vector<const core::Value*> trees;
  for (const core::Value& entry : live.ListAt("metadata", "managedFields")) {
    if (entry.StringAt("manager") != manager || entry.StringAt("operation") != "Apply" ||
        !entry.StringAt("subresource").empty()) {
      continue;
    }
    const core::Value* fields = entry.Find("fieldsV1");
    if (fields && fields->is_map()) trees.push_back(fields);
  }
  return trees;
}

}  // namespace

std::string DigestOfManaged(const core::Value& live, std::string_view manager) {
  std::vector<std::string> lines;
  for (const core::Value* fields : FieldsOf(live, manager)) WalkValues(*fields, &live, "", &lines);
  if (lines.empty()) return "";
  std::sort(lines.begin(), lines.end());
  std::string all;
  for (const std::string& line : lines) all += line;
  return core::Sha256(all);
}

FieldDiffs OwnedButNotWanted(const core::Value& wanted, const core::Value& live,
                             std::string_view manager) {
  FieldDiffs gone;
  for (const core::Value* fields : FieldsOf(live, manager)) {
    WalkGone(*fields, &live, &wanted, "", &gone);
  }
  return gone;
}

bool IsOlder(const core::Value& live, const AppliedMark& mark) {
  const std::optional<uint64_t> seen = VersionNumber(live.StringAt("metadata", "resourceVersion"));
  const std::optional<uint64_t> left = VersionNumber(mark.resource_version);
  return seen && left && *seen < *left;
}

std::optional<AppliedMark> Applied::Find(const core::ObjectRef& ref) const {
  const std::lock_guard lock(mutex_);
  const auto found = marks_.find(ref);
  if (found == marks_.end()) return std::nullopt;
  return found->second;
}

void Applied::Remember(const core::ObjectRef& ref, AppliedMark mark) {
  const std::lock_guard lock(mutex_);
  marks_.insert_or_assign(ref, std::move(mark));
}

void Applied::Forget(const core::ObjectRef& ref) {
  const std::lock_guard lock(mutex_);
  marks_.erase(ref);
}

size_t Applied::size() const {
  const std::lock_guard lock(mutex_);
  return marks_.size();
}

}  // namespace headgate::deploy
