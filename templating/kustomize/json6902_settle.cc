#include "templating/kustomize/json6902_settle.h"

#include <fmt/format.h>

#include <cstdlib>
#include <string>

#include "templating/yaml/parse.h"
#include "templating/yaml/resolve.h"
#include "templating/yaml/text_writer.h"
#include "templating/yaml/value_of.h"

namespace headgate::templating::kustomize {
namespace {

using yaml::Node;
using yaml::Style;
using yaml::Tag;

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

core::Status SettleString(std::string_view text, yaml::Arena* arena, Node* node) {
  std::string scratch;
  const core::Result<std::string_view> read = yaml::ReadAgain(*node, text, &scratch);
  if (!read) return read.error();
  node->tag = Tag::kString;
  node->set_text(read->data() == node->text().data() ? *read : arena->Copy(*read));
  node->style = StyleOf(node->text());
  return core::Ok();
}

void SettleNumber(std::string_view text, yaml::Arena* arena, Node* node) {
  constexpr size_t kShortDigits = 6;  // which are printed as they are
  const bool is_short = node->tag == Tag::kInt && text.size() <= kShortDigits;
  if (!is_short || text != node->text()) {
    const double number = std::strtod(std::string(text).c_str(), nullptr);
    node->set_text(arena->Copy(yaml::ShowFloat(number)));
  }
  node->tag = yaml::ResolvePlain(node->text());
  node->style = Style::kPlain;
}

core::Status SettleScalar(bool in_flow, yaml::Arena* arena, Node* node) {
  std::string scratch;
  const core::Result<yaml::PlainValue> value = yaml::ValueOf(*node, in_flow, &scratch);
  if (!value) return value.error();
  core::Status done = core::Ok();
  switch (value->kind) {
    case yaml::Plain::kNull:
      node->tag = Tag::kNull;
      node->set_text("null");
      node->style = Style::kPlain;
      break;
    case yaml::Plain::kBool:
      node->tag = Tag::kBool;
      node->set_text(value->text == "true" ? "true" : "false");
      node->style = Style::kPlain;
      break;
    case yaml::Plain::kNumber:
      SettleNumber(value->text, arena, node);
      break;
    case yaml::Plain::kString:
      done = SettleString(value->text, arena, node);
      break;
  }
  node->explicit_tag = false;
  node->extra = nullptr;
  return done;
}

core::Status SettleKey(bool top, yaml::Arena* arena, Node* key) {
  std::string scratch;
  const core::Result<yaml::PlainValue> value = yaml::KeyOf(*key, top, &scratch);
  if (!value) return value.error();
  if (key->tag != Tag::kString) key->SetString(arena->Copy(value->text));
  key->extra = nullptr;
  return core::Ok();
}

// As deep as the parser allows.
core::Status Settle(bool top, bool in_flow, yaml::Arena* arena, Node* node) {
  if (node->is_scalar()) return SettleScalar(in_flow, arena, node);
  in_flow = in_flow || node->style == Style::kFlow;
  for (uint32_t i = 0; i < node->size; ++i) {
    const bool key = node->is_mapping() && i % 2 == 0;
    core::Status done =
        key ? SettleKey(top, arena, node->items[i]) : Settle(false, in_flow, arena, node->items[i]);
    if (!done) return done;
  }
  node->style = Style::kBlock;
  node->extra = nullptr;
  return core::Ok();
}

}  // namespace

core::Status ThroughJson(yaml::Arena* arena, Node* root) {
  return Settle(true, false, arena, root);
}

}  // namespace headgate::templating::kustomize
