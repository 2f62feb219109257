#include "templating/kustomize/merge.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>

#include "templating/kustomize/field_path.h"
#include "templating/kustomize/field_path_parts.h"
#include "templating/kustomize/json6902_text.h"
#include "templating/kustomize/merge_walk.h"
#include "templating/yaml/resolve.h"

namespace headgate::templating::kustomize {
namespace {

using yaml::Node;
using yaml::Style;
using yaml::Tag;

constexpr std::string_view kDirective = "$patch";

bool IsQuoted(Style style) {
  return style != Style::kPlain && style != Style::kFlow && style != Style::kBlock;
}

// Whether readers of YAML 1.1 take a plain text for something else than a string.
bool IsTyped(std::string_view text) {
  constexpr size_t kWordMax = 5;  // "False"
  constexpr std::string_view kNumbers = "0123456789+-.", kWords = "~yYnNtTfFoO<=";
  if (text.empty()) return false;
  const bool number = kNumbers.find(text[0]) != std::string_view::npos;
  const bool word = text.size() <= kWordMax && kWords.find(text[0]) != std::string_view::npos;
  return (number || word) && yaml::IsSpecialIn11(text);
}

// Strings that stay get the quotes that they need, which numbers put in their place will keep.
void Quote(Node* value) {
  if (value->is_scalar() && value->style == Style::kPlain &&
      (value->tag == Tag::kString || value->tag == Tag::kNone) && IsTyped(value->text())) {
    value->style = Style::kDoubleQuoted;
  }
}

// What takes a place takes its style.
void TakeStyle(const Node& old, Node* value) {
  if (!value->is_scalar()) {
    value->style = old.is_scalar() ? Style::kBlock : old.style;
    return;
  }
  if (!old.is_scalar()) return;
  value->style = old.style;
  const bool was_explicit = std::exchange(value->explicit_tag, old.explicit_tag);
  const bool resolved = value->tag != Tag::kOther && value->tag != Tag::kBinary && !was_explicit;
  if (resolved && IsQuoted(value->style)) value->tag = Tag::kString;
}

// What was empty has no style worth keeping.
void TakeStyleIfEmpty(const Node& from, Node* node) {
  if (node->is_scalar() || node->size > 0) return;
  node->style = from.style == Style::kFlow ? Style::kFlow : Style::kBlock;
}

void TakeComments(const Node& from, Node* node) {
  yaml::Extra* extra = node->extra;
  if (!extra) {
    node->extra = from.extra;
    return;
  }
  const auto take = [](std::string_view comment, std::string_view* old) {
    if (!comment.empty()) *old = comment;
  };
  take(from.extra->head_comment, &extra->head_comment);
  take(from.extra->line_comment, &extra->line_comment);
  take(from.extra->foot_comment, &extra->foot_comment);
}

// The entries of a patch, looked up once each; by hash where they are many.
class Entries {
 public:
  explicit Entries(const Node* mapping)
      : mapping_(mapping), size_(mapping ? mapping->entries() : 0) {
    if (size_ <= kFew) return;
    many_ = std::make_unique<Many>();
    many_->taken.resize(size_);
    for (size_t i = 0; i < size_; ++i) many_->index.try_emplace(mapping->key(i)->text(), i);
  }

  Entry Take(std::string_view key) {
    const size_t at = size_ > 0 ? Find(key) : 0;
    if (at == size_) return {};
    if (many_) {
      many_->taken[at] = true;
    } else {
      taken_ |= 1U << at;
    }
    return {mapping_->key(at), mapping_->value(at)};
  }
  bool IsTaken(size_t entry) const {
    return many_ ? many_->taken[entry] : (taken_ >> entry & 1) != 0;
  }

 private:
  static constexpr size_t kFew = 16;
  struct Many {
    std::vector<bool> taken;
    std::unordered_map<std::string_view, size_t> index;
  };

  size_t Find(std::string_view key) const {
    if (many_) {
      const auto found = many_->index.find(key);
      return found == many_->index.end() ? size_ : found->second;
    }
    size_t at = 0;
    while (at < size_ && mapping_->key(at)->text() != key) ++at;
    return at;
  }

  const Node* mapping_;
  size_t size_;
  uint32_t taken_ = 0;  // a bit for each, where they are few
  std::unique_ptr<Many> many_;
};

bool IsCollection(const Node* node) { return node && !node->is_scalar(); }

bool IsEmpty(const Node& node) { return node.is_null() || (!node.is_scalar() && node.size == 0); }

}  // namespace

Directive ParseDirective(std::string_view text) {
  if (text == "merge") return Directive::kMerge;
  if (text == "replace") return Directive::kReplace;
  return text == "delete" ? Directive::kDelete : Directive::kUnknown;
}

core::Error Merge::Fail(std::string text, const Node& at) {
  trail_.clear();
  line_ = at.line;
  return core::Invalid(std::move(text));
}

core::Error Merge::Mismatch(std::string_view wanted, const Node& found) {
  return Fail(fmt::format("{} expected, found {}", wanted, ShowKind(found)), found);
}

core::Error Merge::Explain(const core::Error& error) const {
  const std::string line = line_ > 0 ? fmt::format("line {}: ", line_) : "";
  std::string path;
  for (auto key = trail_.rbegin(); key != trail_.rend(); ++key) {
    path += path.empty() ? "" : ".";
    path += *key;
  }
  return {error.fault(),
          fmt::format("{}{}{}{}", line, path, path.empty() ? "" : ": ", error.text())};
}

// What says its own kind, and is of no other type, is of that kind's.
SchemaType Merge::TypeOf(const Node* dest, const Node* from) const {
  for (const Node* node : {dest, from}) {
    if (!node || !node->is_mapping()) continue;
    const Node* kind = node->Find("kind");
    if (!kind || IsEmpty(*kind) || kind->text().empty()) continue;
    const Node* version = node->Find("apiVersion");
    if (!version || IsEmpty(*version) || version->text().empty()) continue;
    if (const SchemaType type = schema_.TypeOf(version->text(), kind->text())) return type;
  }
  return {};
}

// A comment of one line, which is about the node that it stands behind or before.
SchemaType Merge::ReadComment(const Node* node) const {
  std::string_view text = node->extra->line_comment;
  if (text.empty()) text = node->extra->head_comment;
  text.remove_prefix(std::min(text.find_first_not_of('#'), text.size()));
  if (!TrimSpace(text).starts_with('{')) return {};
  decltype(JsonPatch::raw) raw;
  const core::Result<Node*> schema = ParseJsonText(text, "", 1, arena_, &raw);
  return schema && (*schema)->size > 0 ? schema_.TypeOf(**schema) : SchemaType();
}

core::Result<Node*> Merge::Walk(Node* dest, Node* from, SchemaType type) {
  for (const Node* node : {dest, from}) {
    if (IsNothing(node)) continue;
    if (const SchemaType said = CommentType(node)) {
      type = said;
      break;
    }
  }
  if (!type) type = TypeOf(dest, from);
  if (dest && from && dest != from) {
    if (from->extra) TakeComments(*from, dest);
    TakeStyleIfEmpty(*from, dest);
  }
  const Node* first = !IsNothing(dest) ? dest : !IsNothing(from) ? from : nullptr;
  if (!first || first->is_mapping()) {
    if (first && !IsNothing(from) && !from->is_mapping()) return Mismatch("a mapping", *from);
    return WalkMapping(dest, from, type);
  }
  if (!IsNothing(from) && from->kind != first->kind) {
    return Mismatch(first->is_sequence() ? "a list" : "a scalar", *from);
  }
  if (first->is_sequence() && type.merges()) return WalkList(dest, from, type);
  return from ? from : dest;
}

core::Result<Node*> Merge::WalkMapping(Node* dest, Node* from, SchemaType type) {
  core::Result<Node*> settled = Settle(dest, from);
  if (!settled || IsNothing(*settled)) return settled;
  core::Status done = WalkEntries(*settled, *settled == from ? *settled : from, type);
  if (!done) return done.error();
  return settled;
}

// Which of both mappings goes on.
core::Result<Node*> Merge::Settle(Node* dest, Node* from) {
  if (IsNothing(dest)) {
    if (IsNothing(from)) return from;
    // A directive that is not known is no error here.
    const core::Result<Directive> directive = TakeDirective(from);
    if (directive && *directive == Directive::kDelete) return nullptr;
    return from;
  }
  if (!from) return dest;
  if (from->is_null()) return nullptr;
  const core::Result<Directive> directive = TakeDirective(from);
  if (!directive) return directive.error();
  if (*directive == Directive::kDelete) return nullptr;
  return *directive == Directive::kReplace ? from : dest;
}

core::Result<Directive> Merge::TakeDirective(Node* patch) {
  const Node* value = patch->Find(kDirective);
  if (!value) return Directive::kMerge;
  const Directive directive = ParseDirective(value->text());
  if (directive == Directive::kUnknown) {
    return Fail(
        fmt::format("$patch: delete, replace or merge expected, found \"{}\"", value->text()),
        *value);
  }
  patch->Erase(kDirective);
  return directive;
}

core::Status Merge::WalkEntries(Node* dest, Node* from, SchemaType type) {
  const bool with_itself = dest == from;
  Entries patch(with_itself ? nullptr : from);
  uint32_t kept = 0;
  for (size_t i = 0; i < dest->entries(); ++i) {
    const Entry entry{dest->key(i), dest->value(i)};
    const Entry change = with_itself ? entry : patch.Take(entry.key->text());
    Node* merged = entry.value;
    if (!change.value && merged->is_null()) {
      if (merged->text().empty()) continue;
    } else if (!change.value && merged->is_scalar() && !entry.key->text().empty()) {
      Quote(merged);
    } else {
      core::Result<Node*> walked = WalkEntry(entry, change, type);
      if (!walked) return walked.error();
      if (IsNothing(*walked)) continue;
      merged = *walked;
      Quote(merged);
      if (merged != entry.value) {
        TakeStyle(*entry.value, merged);
        // In place, as there: what a transformer has set in several fields at once is one node.
        entry.value->Assign(*merged);
        merged = entry.value;
      }
    }
    dest->items[kept++] = entry.key;
    dest->items[kept++] = merged;
  }
  dest->size = kept;
  for (size_t i = 0; !with_itself && from && i < from->entries(); ++i) {
    if (patch.IsTaken(i)) continue;
    core::Result<Node*> walked = WalkEntry({}, {from->key(i), from->value(i)}, type);
    if (!walked) return walked.error();
    if (IsNothing(*walked)) continue;
    Quote(*walked);
    from->key(i)->extra = nullptr;
    dest->AppendEntry(arena_, from->key(i), *walked);
  }
  return core::Ok();
}

core::Result<Node*> Merge::WalkEntry(const Entry& dest, const Entry& from, SchemaType type) {
  const Node& key = dest.key ? *dest.key : *from.key;
  if (key.text().empty()) return Fail("a field's name expected, found none", key);
  if (IsCollection(dest.value) || IsCollection(from.value)) {
    SchemaType said;
    for (const Node* node : {dest.value, dest.key, from.value, from.key}) {
      if (!said) said = CommentType(node);
    }
    type = said ? said : type.Field(key.text());
  }
  core::Result<Node*> walked = Walk(dest.value, from.value, type);
  if (!walked) trail_.push_back(key.text());
  return walked;
}

core::Result<MergeOutcome> MergePatch(const Schema& schema, Node* patch, Node* body,
                                      yaml::Arena* arena) {
  Merge merge(schema, arena);
  core::Result<Node*> merged = merge.Walk(body, patch, {});
  if (core::Status read = schema.fault(); !read) return read.error();
  if (!merged) return merge.Explain(merged.error());
  return *merged && !IsEmpty(*body) ? MergeOutcome::kMerged : MergeOutcome::kDeleted;
}

}  // namespace headgate::templating::kustomize
