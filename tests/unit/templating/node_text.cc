#include "node_text.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "templating/yaml/scalar.h"
#include "templating/yaml/yaml.h"

namespace headgate::templating {
namespace {

using yaml::Node;
using yaml::Tag;

Node* MakeNode(yaml::Arena* arena, const core::Value& value) {
  if (const core::Map* map = value.AsMap()) {
    Node* node = arena->NewMapping(map->size());
    for (const auto& [key, item] : *map) {
      node->AppendEntry(arena, arena->NewScalar(arena->Copy(key)), MakeNode(arena, item));
    }
    return node;
  }
  if (const core::List* list = value.AsList()) {
    Node* node = arena->NewSequence(list->size());
    for (const core::Value& item : *list) node->Append(arena, MakeNode(arena, item));
    return node;
  }
  if (const bool* flag = value.AsBool()) return arena->NewBool(*flag);
  if (const int64_t* number = value.AsInt()) return arena->NewInt(*number);
  if (const double* number = value.AsFloat()) {
    return arena->NewScalar(arena->Copy(ShowFloat(*number)), Tag::kFloat);
  }
  if (value.is_null()) return arena->NewNull();
  const std::string_view text = arena->Copy(*value.AsString());
  const bool quoted = text.empty() || NeedsQuotes(text);
  return arena->NewScalar(text, Tag::kString,
                          quoted ? yaml::Style::kDoubleQuoted : yaml::Style::kPlain);
}

}  // namespace

Node* ReadNode(yaml::Arena* arena, std::string_view text) {
  const auto documents = ParseYaml(text, "test.yaml");
  if (!documents || documents->empty()) {
    ADD_FAILURE() << (documents ? "no document" : documents.error().text()) << ": " << text;
    return arena->NewNull();
  }
  return MakeNode(arena, documents->front());
}

std::string ShowNode(const Node& node) {
  std::string parts;
  const auto add = [&](std::string part) { parts += (parts.empty() ? "" : ", ") + part; };
  if (node.is_mapping()) {
    for (size_t i = 0; i < node.entries(); ++i) {
      add(fmt::format("{}: {}", node.key(i)->text(), ShowNode(*node.value(i))));
    }
    return "{" + parts + "}";
  }
  if (node.is_sequence()) {
    for (const Node* item : node.children()) add(ShowNode(*item));
    return "[" + parts + "]";
  }
  const std::string_view mark = node.tag == Tag::kNone ? "?" : "";
  const bool string = node.tag == Tag::kString || node.style != yaml::Style::kPlain;
  const bool quoted = string && (node.text().empty() || NeedsQuotes(node.text()));
  const std::string_view quote = quoted ? "\"" : "";
  return fmt::format("{}{}{}{}", mark, quote, node.text(), quote);
}

}  // namespace headgate::templating
