#include <fmt/format.h>

#include <algorithm>

#include "templating/yaml/parser.h"

namespace headgate::templating::yaml {

// A copy of what an alias stands for, `depth` levels below the document; nullptr where it is too
// large or too deep.
Node* Parser::Expand(const Node& target, size_t depth) {
  alias_bytes_ += sizeof(Node) + sizeof(Node*) + target.text().size();
  if (alias_bytes_ > options_.limits.alias_bytes) {
    scanner_.Complain(scanner_.spot(),
                      fmt::format("aliases that expand to at most {} MiB expected; write the "
                                  "values out, or use fewer of them",
                                  options_.limits.alias_bytes >> 20));
    return nullptr;
  }
  if (!target.is_scalar() && depth > options_.limits.depth) {
    scanner_.Complain(scanner_.spot(),
                      fmt::format("at most {} levels of nesting expected", options_.limits.depth));
    return nullptr;
  }
  Node* copy = new (arena_->Allocate(sizeof(Node))) Node(target);
  if (target.extra) {
    copy->extra = arena_->NewExtra();
    *copy->extra = *target.extra;
  }
  if (target.is_scalar() || target.size == 0) return copy;
  copy->items = static_cast<Node**>(arena_->Allocate(target.size * sizeof(Node*)));
  copy->capacity = target.size;
  for (uint32_t i = 0; i < target.size; ++i) {
    copy->items[i] = Expand(*target.items[i], depth + 1);
    if (!copy->items[i]) return nullptr;
  }
  return copy;
}

// The mappings that "<<" names, the strongest first.
bool Parser::AddSource(const Node& key, Node* value, std::vector<Node*>* sources) {
  if (value->is_mapping()) {
    sources->push_back(value);
    return true;
  }
  const auto is_mapping = [](const Node* item) { return item->is_mapping(); };
  const auto items = value->children();
  if (value->is_sequence() && std::all_of(items.begin(), items.end(), is_mapping)) {
    sources->insert(sources->end(), items.begin(), items.end());
    return true;
  }
  return scanner_.ComplainAt(key.line, key.column,
                             "a mapping, or a list of mappings, expected as value of \"<<\"");
}

// Puts the entries of its "<<" into a mapping; its own ones win. A key "<<" in quotes is lost, as
// in kustomize.
bool Parser::MergeEntries(Node* mapping) {
  std::vector<Node*> entries, sources;
  std::unordered_map<std::string_view, bool> known;
  for (size_t i = 0; i < mapping->entries(); ++i) {
    Node* key = mapping->key(i);
    if (key->text() == "<<" && (key->tag == Tag::kMerge || !options_.keep_quoted_merge)) {
      if (key->tag == Tag::kMerge && !AddSource(*key, mapping->value(i), &sources)) return false;
      continue;
    }
    known.emplace(key->text(), true);
    entries.insert(entries.end(), {key, mapping->value(i)});
  }
  for (const Node* source : sources) {
    for (size_t i = 0; i < source->entries(); ++i) {
      if (!known.emplace(source->key(i)->text(), true).second) continue;
      entries.insert(entries.end(), {source->key(i), source->value(i)});
    }
  }
  mapping->items = static_cast<Node**>(arena_->Allocate(entries.size() * sizeof(Node*)));
  std::copy(entries.begin(), entries.end(), mapping->items);
  mapping->size = mapping->capacity = static_cast<uint32_t>(entries.size());
  return true;
}

}  // namespace headgate::templating::yaml
