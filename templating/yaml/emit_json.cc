#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "templating/yaml/emit.h"
#include "templating/yaml/utf8.h"
#include "templating/yaml/value_of.h"

namespace headgate::templating::yaml {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";

void AppendEscape(char32_t rune, std::string* out) {
  *out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) *out += kHex[(rune >> shift) & 0xF];
}

void AppendAscii(char c, bool html, std::string* out) {
  constexpr std::string_view kShort = "\"\\\b\f\n\r\t", kLetters = "\"\\bfnrt";
  const size_t known = kShort.find(c);
  if (known != std::string_view::npos) {
    *out += {'\\', kLetters[known]};
  } else if (static_cast<unsigned char>(c) < 0x20 || (html && (c == '<' || c == '>' || c == '&'))) {
    AppendEscape(static_cast<unsigned char>(c), out);
  } else {
    *out += c;
  }
}

// Where a value stands.
struct Context {
  bool top = true;
  bool in_flow = false;

  Context Inside(const Node& node) const { return {false, in_flow || node.style == Style::kFlow}; }
};

core::Status Append(const Node& node, Context context, std::string* out);

core::Status AppendMapping(const Node& node, Context context, std::string* out) {
  std::vector<std::pair<std::string, const Node*>> entries;
  entries.reserve(node.entries());
  std::string scratch;
  for (size_t i = 0; i < node.entries(); ++i) {
    const core::Result<PlainValue> key = KeyOf(*node.key(i), context.top, &scratch);
    if (!key) return key.error();
    entries.emplace_back(key->text, node.value(i));
  }
  std::sort(entries.begin(), entries.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  *out += '{';
  for (const auto& [key, value] : entries) {
    if (out->back() != '{') *out += ',';
    AppendJsonText(key, out);
    *out += ':';
    if (core::Status done = Append(*value, context.Inside(node), out); !done) return done;
  }
  *out += '}';
  return core::Ok();
}

core::Status AppendSequence(const Node& node, Context context, std::string* out) {
  *out += '[';
  for (const Node* item : node.children()) {
    if (item != node.items[0]) *out += ',';
    if (core::Status done = Append(*item, context.Inside(node), out); !done) return done;
  }
  *out += ']';
  return core::Ok();
}

core::Status Append(const Node& node, Context context, std::string* out) {
  if (node.is_mapping()) return AppendMapping(node, context, out);
  if (node.is_sequence()) return AppendSequence(node, context, out);
  std::string scratch, again;
  const core::Result<PlainValue> value = ValueOf(node, context.in_flow, &scratch);
  if (!value) return value.error();
  switch (value->kind) {
    case Plain::kNull:
      *out += "null";
      break;
    case Plain::kString: {
      core::Result<std::string_view> text = value->text;
      if (!context.in_flow) text = ReadAgain(node, value->text, &again);
      if (!text) return text.error();
      AppendJsonText(*text, out);
      break;
    }
    default:
      *out += value->text;
  }
  return core::Ok();
}

}  // namespace

void AppendJsonText(std::string_view text, std::string* out, bool html) {
  *out += '"';
  while (!text.empty()) {
    if ((text[0] & 0x80) == 0) {
      AppendAscii(text[0], html, out);
      text.remove_prefix(1);
      continue;
    }
    const std::string_view before = text;
    const char32_t rune = TakeRune(&text).value_or(0xFFFD);
    if (rune == 0xFFFD || rune == 0x2028 || rune == 0x2029) {
      const bool whole = before.size() - text.size() == 3;
      if (rune == 0xFFFD && whole) {
        out->append(before.substr(0, 3));
      } else {
        AppendEscape(rune, out);
      }
    } else {
      out->append(before.substr(0, before.size() - text.size()));
    }
  }
  *out += '"';
}

core::Status EmitJson(const Node& node, std::string* out) { return Append(node, {}, out); }

}  // namespace headgate::templating::yaml
