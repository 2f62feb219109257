#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "templating/kustomize/field_path.h"
#include "templating/kustomize/json6902.h"
#include "templating/kustomize/json6902_text.h"
#include "templating/yaml/parse.h"
#include "templating/yaml/resolve.h"

namespace headgate::templating::kustomize {
namespace {

using yaml::Node;
using yaml::Tag;
using Kind = JsonOperation::Kind;

constexpr std::array<std::pair<std::string_view, Kind>, 6> kKinds{{{"add", Kind::kAdd},
                                                                   {"remove", Kind::kRemove},
                                                                   {"replace", Kind::kReplace},
                                                                   {"move", Kind::kMove},
                                                                   {"copy", Kind::kCopy},
                                                                   {"test", Kind::kTest}}};

template <size_t n>
bool IsOneOf(std::string_view text, const std::array<std::string_view, n>& words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

// What YAML 1.1 has beyond 1.2. Source: go-yaml 2.4.2, resolve.go.
void RetypeScalar(Node* node) {
  constexpr std::array<std::string_view, 8> kTrue{"y", "Y", "yes", "Yes", "YES", "on", "On", "ON"};
  constexpr std::array<std::string_view, 8> kFalse{"n", "N", "no", "No", "NO", "off", "Off", "OFF"};
  if (node->style != yaml::Style::kPlain || node->explicit_tag) return;
  if (node->tag == Tag::kTimestamp) {
    node->tag = Tag::kString;
  } else if (node->tag == Tag::kString && IsOneOf(node->text(), kTrue)) {
    node->tag = Tag::kBool;
    node->set_text("true");
  } else if (node->tag == Tag::kString && IsOneOf(node->text(), kFalse)) {
    node->tag = Tag::kBool;
    node->set_text("false");
  }
}

// Of a key given twice the last value counts, at the place of the first.
void DropRepeated(Node* mapping) {
  std::unordered_map<std::string_view, size_t> places;
  size_t kept = 0;
  for (size_t i = 0; i < mapping->entries(); ++i) {
    const auto [found, is_new] = places.try_emplace(mapping->key(i)->text(), kept);
    if (is_new) mapping->items[2 * kept++] = mapping->key(i);
    mapping->items[2 * found->second + 1] = mapping->value(i);
  }
  mapping->size = static_cast<uint32_t>(2 * kept);
}

// A key's type shows only in how it is written: on is "true", and 0x10 is "16".
void RetypeKey(yaml::Arena* arena, Node* key) {
  if (!key->is_scalar()) return;
  RetypeScalar(key);
  if (key->tag == Tag::kInt) {
    const std::optional<yaml::Number> number = yaml::ParseNumber(key->text());
    const int64_t* integer = number ? std::get_if<int64_t>(&*number) : nullptr;
    if (integer) key->set_text(arena->Copy(fmt::format("{}", *integer)));
  }
  key->tag = Tag::kString;
}

// As deep as the parser allows.
void Retype(yaml::Arena* arena, Node* node) {
  if (node->is_scalar()) return RetypeScalar(node);
  for (uint32_t i = 0; i < node->size; ++i) {
    const bool key = node->is_mapping() && i % 2 == 0;
    key ? RetypeKey(arena, node->items[i]) : Retype(arena, node->items[i]);
  }
  if (node->is_mapping()) DropRepeated(node);
}

core::Result<Node*> ParseText(std::string_view text, std::string_view file, uint32_t first_line,
                              yaml::Arena* arena, decltype(JsonPatch::raw)* raw) {
  if (text.starts_with('[')) return ParseJsonText(text, file, first_line, arena, raw);
  yaml::ParseOptions options;
  options.unique_keys = false;
  options.first_only = true;
  options.first_line = first_line;
  core::Result<std::vector<Node*>> documents = yaml::Parse(text, file, arena, options);
  if (!documents) return documents.error();
  if (documents->empty()) return arena->NewNull();
  Retype(arena, documents->front());
  return documents->front();
}

std::optional<std::string_view> StringAt(const Node& operation, std::string_view name) {
  const Node* found = operation.Find(name);
  return found && found->is_string() ? std::optional(found->text()) : std::nullopt;
}

JsonOperation ReadOperation(const Node& node) {
  JsonOperation operation;
  operation.name = StringAt(node, "op").value_or("unknown");
  for (const auto& [name, kind] : kKinds) {
    if (name == operation.name) operation.kind = kind;
  }
  operation.path = StringAt(node, "path");
  operation.from = StringAt(node, "from");
  operation.value = node.Find("value");
  operation.line = node.line;
  return operation;
}

}  // namespace

core::Result<JsonPatch> ParseJsonPatch(std::string_view text, std::string_view file,
                                       yaml::Arena* arena, uint32_t first_line) {
  JsonPatch patch;
  core::Result<Node*> root = ParseText(text, file, first_line, arena, &patch.raw);
  if (!root) return root.error();
  if (!(*root)->is_sequence() && !(*root)->is_null()) {
    return core::Invalid(fmt::format("{}:{}: a list of operations expected, found {}", file,
                                     (*root)->line, ShowKind(**root)));
  }
  for (const Node* node : (*root)->children()) {
    if (!node->is_mapping() && !node->is_null()) {
      return core::Invalid(fmt::format("{}:{}: an operation ({{op, path, ...}}) expected, found {}",
                                       file, node->line, ShowKind(*node)));
    }
    patch.operations.push_back(ReadOperation(*node));
  }
  return patch;
}

}  // namespace headgate::templating::kustomize
