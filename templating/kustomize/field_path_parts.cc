#include "templating/kustomize/field_path_parts.h"

#include <fmt/format.h>

#include <charconv>
#include <string>

namespace headgate::templating::kustomize {
namespace {

std::string_view Trim(std::string_view text, std::string_view drop) {
  const size_t first = text.find_first_not_of(drop);
  if (first == std::string_view::npos) return text.substr(text.size());
  return text.substr(first, text.find_last_not_of(drop) - first + 1);
}

// "ports[0]" as its name and its index; nothing for other parts.
std::optional<ItemSelector> SplitIndexed(std::string_view part) {
  if (!part.ends_with(']')) return std::nullopt;
  const size_t open = part.rfind('[');
  if (open == std::string_view::npos) return std::nullopt;
  const std::string_view digits = part.substr(open + 1, part.size() - open - 2);
  if (digits.empty() || digits.find_first_not_of("0123456789") != std::string_view::npos) {
    return std::nullopt;
  }
  return ItemSelector{part.substr(0, open), digits};
}

// Takes further parts until one closes the bracket that `part` opened.
std::string_view TakeBracketed(std::string_view part, PathParts* parts, yaml::Arena* arena) {
  std::string all(part);
  while (!parts->empty()) {
    const std::string_view next = parts->Take(arena);
    all += '.';
    all += next;
    if (next.ends_with(']')) break;
  }
  const std::string_view kept = arena->Copy(all);
  return kept.find('=') == std::string_view::npos ? Trim(kept, "[]") : kept;
}

}  // namespace

PathParts::PathParts(std::string_view path, char delimiter) : rest_(path), delimiter_(delimiter) {
  if (path.starts_with(delimiter)) rest_.remove_prefix(1);
}

std::string_view PathParts::Take(yaml::Arena* arena) {
  size_t end = rest_.find(delimiter_);
  bool escaped = false;
  while (end != std::string_view::npos && end > 0 && rest_[end - 1] == '\\') {
    escaped = true;
    end = rest_.find(delimiter_, end + 1);
  }
  const std::string_view part = rest_.substr(0, end);
  empty_ = end == std::string_view::npos;
  if (!empty_) rest_.remove_prefix(end + 1);
  if (!escaped) return part;
  std::string text;
  for (size_t at = 0; at < part.size(); ++at) {
    if (part[at] == '\\' && at + 1 < part.size() && part[at + 1] == delimiter_) ++at;
    text += part[at];
  }
  return arena->Copy(text);
}

std::optional<int64_t> ParseIndex(std::string_view part) {
  const bool plus = part.starts_with('+');
  if (plus) part.remove_prefix(1);
  if (part.empty() || (plus && part[0] == '-')) return std::nullopt;
  int64_t number = 0;
  const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), number);
  if (error != std::errc() || end != part.data() + part.size()) return std::nullopt;
  return number;
}

std::string_view TrimSpace(std::string_view text) { return Trim(text, " \t\n\v\f\r"); }

core::Result<ItemSelector> ParseItemSelector(std::string_view part) {
  const std::string_view inner = part.substr(1, part.size() - 2);
  const size_t equals = inner.find('=');
  if (equals == std::string_view::npos) {
    return core::Invalid(fmt::format("\"{}\": [field=value] expected", part));
  }
  return ItemSelector{inner.substr(0, equals), inner.substr(equals + 1)};
}

Make KindBefore(std::string_view next_part, Make last) {
  if (IsBracketed(next_part)) return Make::kSequence;
  if (const auto index = ParseIndex(next_part); index && *index >= 0) return Make::kSequence;
  return next_part.empty() ? last : Make::kMapping;
}

yaml::Node* MakeNode(Make make, yaml::Arena* arena) {
  if (make == Make::kMapping) return arena->NewMapping();
  if (make == Make::kSequence) return arena->NewSequence();
  return arena->NewScalar("", yaml::Tag::kNone);
}

std::vector<std::string_view> SplitPath(std::string_view path, yaml::Arena* arena) {
  std::vector<std::string_view> result;
  PathParts parts(path, '.');
  while (!parts.empty()) {
    const std::string_view part = parts.Take(arena);
    const bool open = part.starts_with('[') && !part.ends_with(']');
    result.push_back(open ? TakeBracketed(part, &parts, arena) : part);
  }
  return result;
}

std::vector<std::string_view> SplitVarPath(std::string_view path, yaml::Arena* arena) {
  std::vector<std::string_view> result;
  for (std::string_view part : SplitPath(path, arena)) {
    const std::optional<ItemSelector> indexed = SplitIndexed(part);
    if (!indexed || !indexed->name.empty()) result.push_back(indexed ? indexed->name : part);
    if (indexed) result.push_back(indexed->value);
  }
  return result;
}

std::string_view ShowKind(const yaml::Node& node) {
  if (node.is_mapping()) return "a mapping";
  if (node.is_sequence()) return "a list";
  return node.is_null() ? "null" : "a scalar";
}

core::Error Unexpected(std::string_view path, std::string_view wanted, const yaml::Node& found) {
  const std::string line = found.line > 0 ? fmt::format("line {}: ", found.line) : "";
  return core::Invalid(
      fmt::format("{}{}: {} expected, found {}", line, path, wanted, ShowKind(found)));
}

}  // namespace headgate::templating::kustomize
