#include "node_text.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "templating/yaml/parse.h"
#include "templating/yaml/resolve.h"

namespace headgate::templating {
using yaml::Node;
using yaml::Tag;

Node* ReadNode(yaml::Arena* arena, std::string_view text) {
  const auto documents = yaml::Parse(arena->Copy(text), "test.yaml", arena);
  if (documents && !documents->empty()) return documents->front();
  ADD_FAILURE() << (documents ? "no document" : documents.error().text()) << ": " << text;
  return arena->NewNull();
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
  const bool quoted = string && (node.text().empty() || yaml::IsSpecialIn11(node.text()));
  const std::string_view quote = quoted ? "\"" : "";
  return fmt::format("{}{}{}{}", mark, quote, node.text(), quote);
}

}  // namespace headgate::templating
