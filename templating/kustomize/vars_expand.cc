#include "templating/kustomize/vars_expand.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <utility>

#include "templating/kustomize/field_path_parts.h"

namespace headgate::templating::kustomize {
namespace {

using yaml::Node;
using yaml::Tag;

// A float as Go's %v and as strconv's 'f' print it: the shortest digits that read back.
std::string ShowFloat(double number, bool may_have_exponent) {
  std::string text = fmt::format("{}", number);
  // fmt's shortest form has an exponent below 1e-4 and from 1e16, Go's from 1e21.
  const size_t e = text.find('e');
  if (e == std::string::npos || (may_have_exponent && (number >= 1e21 || number <= -1e21 ||
                                                       (number > -1e-4 && number < 1e-4)))) {
    return text.ends_with(".0") ? text.substr(0, text.size() - 2) : text;
  }
  std::array<char, 400> digits;
  const auto end =
      std::to_chars(digits.data(), digits.data() + digits.size(), number, std::chars_format::fixed)
          .ptr;
  return {digits.data(), end};
}

std::string ShowInText(const VarValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* whole = std::get_if<int64_t>(&value)) return std::to_string(*whole);
  if (const auto* number = std::get_if<double>(&value)) return ShowFloat(*number, true);
  return std::get<bool>(value) ? "true" : "false";
}

void SetTo(const VarValue& value, yaml::Arena* arena, Node* node) {
  const bool alone = std::holds_alternative<double>(value);
  node->SetString(
      arena->Keep(alone ? ShowFloat(std::get<double>(value), false) : ShowInText(value)));
  if (std::holds_alternative<int64_t>(value)) node->tag = Tag::kInt;
  if (alone) node->tag = Tag::kFloat;
  if (std::holds_alternative<bool>(value)) node->tag = Tag::kBool;
}

}  // namespace

core::Result<VarValue> ReadVar(const Node& node) {
  const std::string_view text = node.text();
  const std::string numeral(text);
  switch (node.tag) {
    case Tag::kMapping:
    case Tag::kSequence:
      return VarValue();
    case Tag::kInt:
      if (const std::optional<int64_t> whole = ParseIndex(text)) return VarValue(*whole);
      return core::Invalid(fmt::format("a decimal number expected, found {}", text));
    case Tag::kFloat: {
      double number = 0;
      const auto [end, error] =
          std::from_chars(numeral.data(), numeral.data() + numeral.size(), number);
      if (error == std::errc() && end == numeral.data() + numeral.size()) return VarValue(number);
      return core::Invalid(fmt::format("a number expected, found {}", text));
    }
    case Tag::kBool:
      return VarValue(text == "true" || text == "True" || text == "TRUE");
    default:
      return VarValue(numeral);
  }
}

void ExpandVars(const VarValues& values, Build* build, std::unordered_set<std::string_view>* used,
                Node* node) {
  const std::string_view text = node->text();
  std::string out;
  size_t copied = 0;  // up to where `out` has it
  for (size_t at = text.find('$'); at != std::string_view::npos && at + 1 < text.size();
       at = text.find('$', at)) {
    out += text.substr(copied, at - copied);
    const char next = text[at + 1];
    const size_t close = next == '(' ? text.find(')', at) : std::string_view::npos;
    if (next == '$') {
      out += '$';
      at += 2;
    } else if (close == std::string_view::npos) {
      out += '$';
      out += next;
      at += 2;
    } else {
      const std::string_view name = text.substr(at + 2, close - at - 2);
      const auto found = values.find(name);
      const bool is_put_in =
          found != values.end() && !std::holds_alternative<std::monostate>(found->second);
      if (is_put_in) {
        used->insert(found->first);
        if (at == 0 && close + 1 == text.size()) return SetTo(found->second, build->arena, node);
        out += ShowInText(found->second);
      } else {
        out += text.substr(at, close + 1 - at);
      }
      at = close + 1;
    }
    copied = at;
  }
  if (copied == 0) {
    node->SetString(text);
    return;
  }
  out += text.substr(copied);
  node->SetString(build->arena->Keep(std::move(out)));
}

}  // namespace headgate::templating::kustomize
