#include <fmt/format.h>

#include <string_view>
#include <unordered_map>
#include <utility>

#include "templating/kustomize/resource.h"
#include "templating/kustomize/resource_history.h"

namespace headgate::templating::kustomize {
namespace {

using yaml::Node;

// What null becomes where only strings may be: the word that was written, or nothing.
enum class Null : uint8_t { kWord, kEmpty };

// Both mappings in one, of strings only; the later one wins.
Node* MergeStrings(const Node* first, const Node* later, Null null, yaml::Arena* arena) {
  Node* merged = arena->NewMapping();
  std::unordered_map<std::string_view, Node*> values;
  for (const Node* from : {first, later}) {
    for (size_t i = 0; from && i < from->entries(); ++i) {
      const std::string_view key = from->key(i)->text();
      const Node& value = *from->value(i);
      const bool empty = value.is_null() && null == Null::kEmpty;
      const std::string_view text = empty ? std::string_view() : value.text();
      const auto [found, is_new] = values.try_emplace(key, nullptr);
      if (is_new) {
        found->second = arena->NewScalar(text);
        merged->AppendEntry(arena, arena->NewScalar(key, yaml::Tag::kNone), found->second);
      } else {
        found->second->set_text(text);
      }
    }
  }
  return merged;
}

// What the API server counts of a mapping of texts.
size_t DataBytes(const Node& data, bool base64) {
  size_t bytes = 0;
  for (size_t i = 0; i < data.entries(); ++i) {
    std::string_view text = data.value(i)->text();
    while (base64 && text.ends_with('=')) text.remove_suffix(1);
    bytes += base64 ? text.size() * 3 / 4 : text.size();
  }
  return bytes;
}

// Sets a field of a mapping; an empty value erases it.
void SetOrErase(Node* mapping, std::string_view field, Node* value, yaml::Arena* arena) {
  if (value->size == 0) {
    mapping->Erase(field);
  } else {
    mapping->Set(arena, field, value);
  }
}

}  // namespace

void TakeMetadata(const Resource& old, Resource* resource, Build* build) {
  yaml::Arena* arena = build->arena;
  Node* metadata = resource->body->MakeMapping(arena, "metadata");
  if (!metadata) return;
  const Node* old_metadata = old.body->Find("metadata");
  const auto merged = [&](std::string_view field) {
    const Node* old_value = old_metadata ? old_metadata->Find(field) : nullptr;
    return MergeStrings(old_value, metadata->Find(field), Null::kWord, arena);
  };
  SetOrErase(metadata, "labels", merged("labels"), arena);
  Node* annotations = merged("annotations");
  DropEntries(annotations, [](const Node& key, const Node&) { return IsBuildKey(key.text()); });
  SetOrErase(metadata, "annotations", annotations, arena);

  const bool needs_hash = old.needs_hash && resource->needs_hash;
  ForgetHistory(resource);
  resource->previous = old.previous;
  resource->prefixes = old.prefixes;
  resource->suffixes = old.suffixes;
  resource->behavior = old.behavior;
  resource->generated = old.generated;
  resource->allow_name_change = old.allow_name_change;
  resource->allow_kind_change = old.allow_kind_change;
  resource->needs_hash = needs_hash;
  if (old.has_history) MarkHistory(resource, build);

  SetName(resource->body, old.id.name, arena);
  SetNamespace(resource->body, old.id.namespace_name, arena);
  resource->vars = old.vars;
}

core::Status TakeData(const Resource& old, Resource* resource, Build* build) {
  size_t bytes = 0;
  for (std::string_view field : {"data", "binaryData"}) {
    Node* merged = MergeStrings(old.body->Find(field), resource->body->Find(field), Null::kEmpty,
                                build->arena);
    bytes += DataBytes(*merged, field == "binaryData" || resource->id.kind == "Secret");
    SetOrErase(resource->body, field, merged, build->arena);
  }
  if (bytes <= kDataBytesMax) return core::Ok();
  return core::Invalid(
      fmt::format("{} bytes of data; the API server takes at most {}", bytes, kDataBytesMax));
}

}  // namespace headgate::templating::kustomize
