#include "deploy/plan/fields_v1.h"

#include <algorithm>
#include <optional>

#include "core/json.h"

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

bool IsLeaf(const core::Value& tree) { return !tree.AsMap() || tree.AsMap()->empty(); }

// Only "." besides nothing: the place itself, without what is in it.
bool IsPlace(const core::Value& tree) {
  return IsLeaf(tree) || (tree.AsMap()->size() == 1 && tree.Find("."));
}

// The element of `tree` that stands for the item `index` of a list; nothing where there is none.
std::optional<std::string> ElementOf(const core::Value& tree, const core::Value& list,
                                     size_t index) {
  if (!tree.AsMap() || !list.AsList() || index >= list.AsList()->size()) return std::nullopt;
  const core::Value* item = &(*list.AsList())[index];
  for (const core::Map::Entry& entry : *tree.AsMap()) {
    if (StepInto(&list, entry.first) == item) return entry.first;
  }
  return std::nullopt;
}

core::Value Below(const core::Value& tree, const core::Value* live, const FieldPath& path,
                  size_t depth) {
  if (depth == path.size()) return tree;
  if (IsLeaf(tree) || !live) return core::Map{};
  std::optional<std::string> element;
  if (const std::string* name = std::get_if<std::string>(&path[depth])) {
    element = "f:" + *name;
  } else {
    element = ElementOf(tree, *live, std::get<size_t>(path[depth]));
  }
  const core::Value* next = element ? tree.Find(*element) : nullptr;
  if (!next) return core::Map{};
  core::Value under = Below(*next, StepInto(live, *element), path, depth + 1);
  if (IsLeaf(under) && depth + 1 < path.size()) return core::Map{};
  return core::Map{{*element, std::move(under)}};
}

core::Value ItemOf(std::string_view element, const core::Value& sub, const core::Value& live) {
  if (element[0] != 'k') return live;
  core::Value item = IsPlace(sub) ? core::Value(core::Map{}) : ValuesAt(sub, live);
  const core::Result<core::Value> keys = core::ParseJson(element.substr(2));
  if (!keys || !keys->is_map()) return item;
  for (const core::Map::Entry& key : *keys->AsMap()) item.MakeMap().Set(key.first, key.second);
  return item;
}

}  // namespace

const core::Value* StepInto(const core::Value* at, std::string_view element) {
  if (!at || element.size() < 2) return nullptr;
  const std::string_view rest = element.substr(2);
  if (element[0] == 'f') return at->Find(rest);
  const core::List* list = at->AsList();
  if (!list) return nullptr;
  if (element[0] == 'k') return ItemWith(*list, rest);
  if (element[0] == 'v') return ItemEqual(*list, rest);
  return element[0] == 'i' ? ItemAt(*list, rest) : nullptr;
}

std::string WithElement(const std::string& path, std::string_view element) {
  const std::string name(element.substr(std::min<size_t>(2, element.size())));
  if (element[0] != 'f') return path + "[" + name + "]";
  return path.empty() ? name : path + "." + name;
}

std::vector<const core::Value*> AppliedFields(const core::Value& live, std::string_view manager) {
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

core::Value AppliedTree(const core::Value& live, std::string_view manager) {
  core::Value all = core::Map{};
  for (const core::Value* tree : AppliedFields(live, manager)) all = UnitedFields(all, *tree);
  return all;
}

core::Value UnitedFields(const core::Value& a, const core::Value& b) {
  if (!a.AsMap()) return b;
  if (!b.AsMap()) return a;
  core::Map all = *a.AsMap();
  for (const core::Map::Entry& entry : *b.AsMap()) {
    core::Value* there = all.Find(entry.first);
    if (there) {
      *there = UnitedFields(*there, entry.second);
    } else {
      all.Append(entry.first, entry.second);
    }
  }
  return all;
}

core::Value CommonFields(const core::Value& a, const core::Value& b) {
  core::Map common;
  if (!a.AsMap() || !b.AsMap()) return common;
  for (const core::Map::Entry& entry : *a.AsMap()) {
    const core::Value* other = b.Find(entry.first);
    if (!other) continue;
    core::Value below = CommonFields(entry.second, *other);
    const bool leaf = IsLeaf(entry.second) && IsLeaf(*other);
    if (leaf || !IsLeaf(below)) common.Append(entry.first, std::move(below));
  }
  return common;
}

core::Value FieldsOnlyOf(const core::Value& tree, const core::Value& body) {
  core::Map rest;
  if (!tree.AsMap()) return rest;
  for (const core::Map::Entry& entry : *tree.AsMap()) {
    if (entry.first == ".") continue;
    const core::Value* at = StepInto(&body, entry.first);
    if (IsLeaf(entry.second)) {
      if (!at) rest.Append(entry.first, core::Map{});
      continue;
    }
    core::Value below = FieldsOnlyOf(entry.second, at ? *at : core::Value());
    if (!IsLeaf(below)) rest.Append(entry.first, std::move(below));
  }
  return rest;
}

bool IsEmptyTree(const core::Value& tree) { return IsLeaf(tree); }

core::Value FieldsUnder(const core::Value& tree, const core::Value& live, const FieldPath& path) {
  return path.empty() ? core::Value(core::Map{}) : Below(tree, &live, path, 0);
}

core::Value ValuesAt(const core::Value& tree, const core::Value& live) {
  if (IsLeaf(tree)) return live;
  core::Value values;
  if (IsPlace(tree)) values = live.is_list() ? core::Value(core::List{}) : core::Value(core::Map{});
  for (const core::Map::Entry& entry : *tree.AsMap()) {
    const core::Value* at = StepInto(&live, entry.first);
    if (!at || entry.first == ".") continue;
    if (entry.first[0] == 'f') {
      values.MakeMap().Set(entry.first.substr(2), ValuesAt(entry.second, *at));
    } else {
      values.MakeList().push_back(ItemOf(entry.first, entry.second, *at));
    }
  }
  return values;
}

void CopyValues(const core::Value& tree, const core::Value& from, core::Value* to) {
  if (IsLeaf(tree)) return;
  for (const core::Map::Entry& entry : *tree.AsMap()) {
    const core::Value* source = StepInto(&from, entry.first);
    if (!source || entry.first == ".") continue;
    auto* target = const_cast<core::Value*>(StepInto(to, entry.first));  // `to` is ours to write
    if (target && !IsPlace(entry.second)) {
      CopyValues(entry.second, *source, target);
    } else if (target) {
      *target = *source;
    } else if (entry.first[0] == 'f' && to->is_map()) {
      to->AsMap()->Set(entry.first.substr(2), *source);
    } else if (to->is_list()) {
      to->AsList()->push_back(*source);
    }
  }
}

}  // namespace headgate::deploy
