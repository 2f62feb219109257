#include "templating/helm/functions/yaml_error.h"

#include <fmt/format.h>
#include <yaml.h>

#include <algorithm>
#include <optional>
#include <span>
#include <vector>

#include "templating/helm/template/printf.h"
#include "templating/helm/yaml_read.h"

namespace headgate::templating::helm {
namespace {

constexpr size_t kLongestText = size_t{64} << 10;

// The line of the problem, else of its context; a scanner counts its own from 0. The first line is
// not named. A rule of go-yaml 2's decode.go.
size_t LineOf(const yaml_parser_t& parser) {
  if (parser.problem_mark.line == 0) return parser.context_mark.line;
  return parser.problem_mark.line + (parser.error == YAML_SCANNER_ERROR ? 1 : 0);
}

// What libyaml has against the text's first document.
std::optional<std::string> LibYamlError(std::string_view text) {
  yaml_parser_t parser;
  if (!yaml_parser_initialize(&parser)) return std::nullopt;
  yaml_parser_set_input_string(&parser, reinterpret_cast<const unsigned char*>(text.data()),
                               text.size());
  std::optional<std::string> error;
  for (bool more = true; more;) {
    yaml_event_t event;
    if (!yaml_parser_parse(&parser, &event)) {
      const size_t line = LineOf(parser);
      error = line ? fmt::format("line {}: ", line) : "";
      *error += parser.problem ? parser.problem : "unknown problem parsing YAML content";
      break;
    }
    more = event.type != YAML_DOCUMENT_END_EVENT && event.type != YAML_STREAM_END_EVENT;
    yaml_event_delete(&event);
  }
  yaml_parser_delete(&parser);
  return error;
}

// "an anchor "&x" expected above its alias" is said in other words there.
std::optional<std::string_view> UnknownAnchor(std::string_view why) {
  constexpr std::string_view kBefore = "an anchor \"&", kAfter = "\" expected above its alias";
  if (!why.starts_with(kBefore) || !why.ends_with(kAfter)) return std::nullopt;
  return why.substr(kBefore.size(), why.size() - kBefore.size() - kAfter.size());
}

// Go's %#v of a key as go-yaml 2 has decoded it.
void AppendGoSyntax(const yaml::Node& node, std::string* out) {
  if (node.is_scalar()) {
    const bool plain = node.style == yaml::Style::kPlain && !node.explicit_tag;
    const Value value = plain ? ResolveYaml(node.text()) : Value::Text(node.text());
    if (value.is_nil()) {
      out->append("interface {}(nil)");
    } else {
      AppendPrintf(out, "%#v", {&value, 1}, kLongestText);
    }
    return;
  }
  std::vector<std::string> items;
  const std::span<yaml::Node* const> children = node.children();
  for (size_t i = 0; i < children.size() && out->size() < kLongestText; ++i) {
    std::string item;
    AppendGoSyntax(*children[i], &item);
    if (node.is_mapping()) {
      item += ':';
      AppendGoSyntax(*children[++i], &item);
    }
    items.push_back(std::move(item));
  }
  if (node.is_mapping()) std::sort(items.begin(), items.end());
  *out += fmt::format("{}{{{}}}",
                      node.is_mapping() ? "map[interface {}]interface {}" : "[]interface {}",
                      fmt::join(items, ", "));
}

// The first key that is a map or a list, as go-yaml 2 comes upon it: a key before its value.
const yaml::Node* FirstBadKey(const yaml::Node& node) {
  const std::span<yaml::Node* const> children = node.children();
  for (size_t i = 0; i < children.size(); ++i) {
    if (const yaml::Node* found = FirstBadKey(*children[i])) return found;
    if (node.is_mapping() && i % 2 == 0 && !children[i]->is_scalar()) return children[i];
  }
  return nullptr;
}

std::optional<std::string> BadKey(std::string_view text) {
  yaml::Arena arena;
  yaml::ParseOptions options = YamlParsing({});
  options.first_only = true;
  const core::Result<std::vector<yaml::Node*>> documents = yaml::Parse(text, "", &arena, options);
  const yaml::Node* key =
      documents && !documents->empty() ? FirstBadKey(*documents->front()) : nullptr;
  if (!key) return std::nullopt;
  std::string shown;
  AppendGoSyntax(*key, &shown);
  return shown;
}

}  // namespace

std::string YamlErrorForCharts(std::string_view text, std::string_view ours) {
  constexpr std::string_view kStart = "error converting YAML to JSON: ";
  const size_t why_at = ours.find(": ");  // behind ":LINE:COLUMN"
  const std::string_view why = why_at == std::string_view::npos ? ours : ours.substr(why_at + 2);
  if (why.starts_with("json: ")) return fmt::format("{}{}", kStart, why);
  if (text.size() <= kLongestText) {
    if (const std::optional<std::string> theirs = LibYamlError(text)) {
      return fmt::format("{}yaml: {}", kStart, *theirs);
    }
    if (const std::optional<std::string> key = BadKey(text)) {
      return fmt::format("{}yaml: invalid map key: {}", kStart, *key);
    }
  }
  if (const std::optional<std::string_view> anchor = UnknownAnchor(why)) {
    return fmt::format("{}yaml: unknown anchor '{}' referenced", kStart, *anchor);
  }
  return fmt::format("{}yaml: {}", kStart, why);
}

}  // namespace headgate::templating::helm
