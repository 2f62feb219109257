#include "deploy/inventory.h"

#include <algorithm>

#include "core/hash.h"

namespace headgate::deploy {
namespace {

void SortOnce(Inventory* inventory) {
  std::sort(inventory->begin(), inventory->end());
  const auto same = [](const InventoryItem& a, const InventoryItem& b) { return a.ref == b.ref; };
  inventory->erase(std::unique(inventory->begin(), inventory->end(), same), inventory->end());
}

std::string BytesOfHex(std::string_view hex) {
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  std::string bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<char>(digit(hex[i]) * 16 + digit(hex[i + 1])));
  }
  return bytes;
}

// RFC 4648, section 5, without padding.
std::string ToBase64Url(std::string_view bytes) {
  std::string text = core::ToBase64(bytes);
  text.erase(std::remove(text.begin(), text.end(), '='), text.end());
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  return text;
}

}  // namespace

std::string ApplySetId(const core::ObjectRef& parent) {
  const std::string id =
      parent.name + "." + parent.namespace_name + "." + parent.kind + "." + parent.group;
  return "applyset-" + ToBase64Url(BytesOfHex(core::Sha256(id))) + "-v1";
}

ApplySet ApplySetOf(const core::ObjectRef& application) {
  return {ApplySetId(application), application.namespace_name + "/" + application.name};
}

Inventory InventoryOf(const core::Objects& placed) {
  Inventory inventory;
  for (const core::Object& object : placed) {
    inventory.push_back({core::RefOf(object.body),
                         core::ParseApiVersion(object.body.StringAt("apiVersion")).version});
  }
  SortOnce(&inventory);
  return inventory;
}

Inventory Union(const Inventory& a, const Inventory& b) {
  Inventory both = a;
  both.insert(both.end(), b.begin(), b.end());
  SortOnce(&both);
  return both;
}

std::string ApiVersionOf(const InventoryItem& item) {
  return item.ref.group.empty() ? item.version : item.ref.group + "/" + item.version;
}

core::Value ToValue(const Inventory& inventory) {
  core::List list;
  for (const InventoryItem& item : inventory) {
    core::Map entry;
    if (!item.ref.group.empty()) entry.Set("group", item.ref.group);
    entry.Set("version", item.version);
    entry.Set("kind", item.ref.kind);
    if (!item.ref.namespace_name.empty()) entry.Set("namespace", item.ref.namespace_name);
    entry.Set("name", item.ref.name);
    list.push_back(std::move(entry));
  }
  return list;
}

core::Result<Inventory> InventoryFrom(const core::Value& list) {
  if (list.is_null()) return Inventory{};
  if (!list.is_list()) return core::Invalid("inventory: a list was expected");
  Inventory inventory;
  for (const core::Value& entry : *list.AsList()) {
    InventoryItem item{{entry.StringAt("group"), entry.StringAt("kind"),
                        entry.StringAt("namespace"), entry.StringAt("name")},
                       entry.StringAt("version")};
    if (item.ref.kind.empty() || item.ref.name.empty() || item.version.empty()) {
      return core::Invalid("inventory: an item needs kind, version and name");
    }
    inventory.push_back(std::move(item));
  }
  SortOnce(&inventory);
  return inventory;
}

}  // namespace headgate::deploy
