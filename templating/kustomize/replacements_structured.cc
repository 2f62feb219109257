#include "templating/kustomize/replacements_structured.h"

#include <optional>
#include <string>
#include <utility>

#include "templating/kustomize/field_path_parts.h"
#include "templating/yaml/emit.h"
#include "templating/yaml/parse.h"

namespace headgate::templating::kustomize {
namespace {

using yaml::Node;
using Path = std::span<const std::string_view>;

// The first scalar on a path that goes on beyond it, the document that its text holds, and the rest
// of the path.
struct Structured {
  Node* scalar = nullptr;
  Node* document = nullptr;
  Path rest;
};

Node* ParseFirst(std::string_view text, yaml::Arena* arena) {
  yaml::ParseOptions options;
  options.keep_comments = options.first_only = true;
  options.merge_keys = options.unique_keys = false;
  core::Result<std::vector<Node*>> documents = yaml::Parse(text, "", arena, options);
  return documents && !documents->empty() ? documents->front() : nullptr;
}

std::optional<Structured> Find(Path path, yaml::Arena* arena, Node* body) {
  for (size_t length = 1; length < path.size(); ++length) {
    core::Result<Node*> found = Lookup(path.first(length), Make::kNothing, arena, body);
    if (!found || !*found || !(*found)->is_scalar()) continue;
    if (Node* document = ParseFirst((*found)->text(), arena)) {
      return Structured{*found, document, path.subspan(length)};
    }
  }
  return std::nullopt;
}

// Compact JSON with line ends and two spaces, as Go's json.Indent.
std::string Indented(std::string_view json) {
  std::string out;
  size_t depth = 0;
  bool in_string = false;
  const auto new_line = [&] { out.append("\n").append(2 * depth, ' '); };
  for (size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (in_string) {
      out += c;
      if (c == '\\' && i + 1 < json.size()) out += json[++i];
      in_string = c != '"';
      continue;
    }
    if (c == '{' || c == '[') {
      out += c;
      ++depth;
      const bool is_empty = i + 1 < json.size() && (json[i + 1] == '}' || json[i + 1] == ']');
      if (!is_empty) new_line();
    } else if (c == '}' || c == ']') {
      --depth;
      if (i > 0 && json[i - 1] != '{' && json[i - 1] != '[') new_line();
      out += c;
    } else {
      out += c;
      if (c == ',') new_line();
      if (c == ':') out += ' ';
      in_string = c == '"';
    }
  }
  return out;
}

std::optional<std::string> Print(const Node& document, std::string_view original) {
  const std::string_view trimmed = TrimSpace(original);
  std::string out;
  if (!trimmed.starts_with('{') && !trimmed.starts_with('[')) {
    if (!yaml::EmitKept(document, &out)) return std::nullopt;
    return std::string(TrimSpace(out));
  }
  if (!yaml::EmitJson(document, &out)) return std::nullopt;
  const bool is_pretty = original.find('\n') != std::string_view::npos &&
                         original.find("  ") != std::string_view::npos;
  return is_pretty ? Indented(out) : out;
}

}  // namespace

bool SetInStructuredText(Path path, Make make, const Node& value, yaml::Arena* arena, Node* body) {
  const std::optional<Structured> structured = Find(path, arena, body);
  if (!structured) return false;
  core::Result<std::vector<Node*>> targets =
      Match(structured->rest, make, arena, structured->document);
  if (!targets || targets->empty()) return false;
  for (Node* target : *targets) {
    if (target->is_scalar()) {
      target->set_text(value.text());
    } else {
      target->Assign(*arena->Clone(value));
    }
  }
  std::optional<std::string> text = Print(*structured->document, structured->scalar->text());
  if (!text) return false;
  structured->scalar->set_text(arena->Keep(*std::move(text)));
  return true;
}

}  // namespace headgate::templating::kustomize
