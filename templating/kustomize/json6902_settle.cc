#include "templating/kustomize/json6902_settle.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cstdlib>
#include <string>

#include "templating/yaml/parse.h"
#include "templating/yaml/resolve.h"
#include "templating/yaml/value_of.h"

namespace headgate::templating::kustomize {
namespace {

using yaml::Node;
using yaml::Style;
using yaml::Tag;

// Go's %g with as many digits as tell the number from others.
std::string ShowGo(double number) {
  std::array<char, 400> buffer{};
  const auto show = [&](std::chars_format format) {
    const auto end =
        std::to_chars(buffer.data(), buffer.data() + buffer.size(), number, format).ptr;
    return std::string(buffer.data(), end);
  };
  const std::string scientific = show(std::chars_format::scientific);
  const int exponent = std::atoi(scientific.c_str() + scientific.find('e') + 1);
  constexpr int kLeast = -4, kMost = 6;
  return exponent < kLeast || exponent >= kMost ? scientific : show(std::chars_format::fixed);
}

// The style in which go-yaml 3 writes a string, as far as it tells later whether it was quoted.
Style StyleOf(std::string_view text) {
  constexpr std::string_view kFirsts = "-?:,[]{}#&*!|>'\"%@`";
  if (text.find('\n') != std::string_view::npos) return Style::kLiteral;
  if (text.empty() || yaml::ResolvePlain(text) != Tag::kString || yaml::IsSpecialIn11(text)) {
    return Style::kDoubleQuoted;
  }
  const bool indicator = kFirsts.find(text[0]) != std::string_view::npos;
  const bool spaced = text.front() == ' ' || text.back() == ' ' || text.back() == ':';
  const bool inside =
      text.find(": ") != std::string_view::npos || text.find(" #") != std::string_view::npos;
  return indicator || spaced || inside ? Style::kSingleQuoted : Style::kPlain;
}

core::Status SettleScalar(yaml::Arena* arena, Node* node) {
  std::string scratch;
  const core::Result<yaml::PlainValue> value = yaml::ValueOf(*node, &scratch);
  if (!value) return value.error();
  node->explicit_tag = false;
  node->style = Style::kPlain;
  node->extra = nullptr;
  const auto keep = [&](std::string_view text) {
    return text.data() == scratch.data() ? arena->Copy(text) : text;
  };
  switch (value->kind) {
    case yaml::Plain::kNull:
      node->tag = Tag::kNull;
      node->set_text("null");
      break;
    case yaml::Plain::kBool:
      node->tag = Tag::kBool;
      node->set_text(value->text == "true" ? "true" : "false");
      break;
    case yaml::Plain::kNumber: {
      constexpr size_t kShortDigits = 6;  // which are printed as they are
      if (node->tag == Tag::kInt && value->text.size() <= kShortDigits) {
        node->set_text(keep(value->text));
        break;
      }
      node->set_text(arena->Copy(ShowGo(std::strtod(std::string(value->text).c_str(), nullptr))));
      node->tag = yaml::ResolvePlain(node->text());
      break;
    }
    case yaml::Plain::kString:
      node->tag = Tag::kString;
      node->set_text(keep(value->text));
      node->style = StyleOf(node->text());
      break;
  }
  return core::Ok();
}

core::Status Settle(yaml::Arena* arena, bool top, Node* node) {
  if (node->is_scalar()) return SettleScalar(arena, node);
  node->extra = nullptr;
  node->style = Style::kBlock;
  for (uint32_t i = 0; i < node->size; ++i) {
    Node* child = node->items[i];
    if (!node->is_mapping() || i % 2 == 1) {
      if (core::Status done = Settle(arena, false, child); !done) return done;
      continue;
    }
    std::string scratch;
    const core::Result<yaml::PlainValue> key = yaml::KeyOf(*child, top, &scratch);
    if (!key) return key.error();
    if (child->tag != Tag::kString) child->SetString(arena->Copy(key->text));
    child->extra = nullptr;
  }
  return core::Ok();
}

}  // namespace

core::Status ThroughJson(yaml::Arena* arena, Node* root) { return Settle(arena, true, root); }

}  // namespace headgate::templating::kustomize
