#include "templating/yaml/yaml.h"

#include <fmt/format.h>

#include "core/hash.h"
#include "templating/yaml/parse.h"
#include "templating/yaml/resolve.h"

namespace headgate::templating {
namespace {

using yaml::Node;
using yaml::Tag;

core::Error At(const Node& node, std::string_view file, std::string_view text) {
  return core::Invalid(fmt::format("{}:{}:{}: {}", file, node.line, node.column, text));
}

// The name of a tag that a text does not fit; empty where it fits.
std::string_view Unfit(const Node& node) {
  if (!node.explicit_tag) return {};
  const std::string_view text = node.text();
  if (!node.is_scalar()) {
    const std::string_view tag = node.extra ? node.extra->tag : std::string_view();
    return tag.starts_with("!!") ? tag : std::string_view();
  }
  switch (node.tag) {
    case Tag::kNull:
      return yaml::ResolvePlain(text) == Tag::kNull ? "" : "!!null";
    case Tag::kBool:
      return yaml::ResolvePlain(text) == Tag::kBool ? "" : "!!bool";
    case Tag::kFloat:
      return yaml::ParseNumber(text) ? "" : "!!float";
    case Tag::kInt: {
      const std::optional<yaml::Number> number = yaml::ParseNumber(text);
      return number && !std::holds_alternative<double>(*number) ? "" : "!!int";
    }
    case Tag::kTimestamp:
      return yaml::IsTimestamp(text) ? "" : "!!timestamp";
    case Tag::kBinary:
      return core::FromBase64(text) ? "" : "!!binary";
    default:
      return {};
  }
}

// What a value cannot hold, though YAML has it.
core::Status Check(const Node& node, std::string_view file) {
  if (const std::string_view tag = Unfit(node); !tag.empty()) {
    return At(node, file, fmt::format("a value that fits its tag {} expected", tag));
  }
  for (size_t i = 0; i < node.entries(); ++i) {
    if (!node.key(i)->is_scalar()) {
      return At(*node.key(i), file, "a key must be a string, not a mapping or a list");
    }
  }
  for (const Node* child : node.children()) {
    if (core::Status fine = Check(*child, file); !fine) return fine;
  }
  return core::Ok();
}

}  // namespace

core::Result<std::vector<core::Value>> ParseYaml(std::string_view text, std::string_view file) {
  yaml::ParseOptions options;
  options.keep_quoted_merge = true;
  options.limits.total_bytes = options.limits.document_bytes = kYamlBytesMax;
  yaml::Arena arena;
  const core::Result<std::vector<Node*>> documents = yaml::Parse(text, file, &arena, options);
  if (!documents) return documents.error();
  std::vector<core::Value> values;
  for (const Node* document : *documents) {
    if (core::Status fine = Check(*document, file); !fine) return fine.error();
    if (!document->is_null()) values.push_back(yaml::ToValue(*document));
  }
  return values;
}

}  // namespace headgate::templating
