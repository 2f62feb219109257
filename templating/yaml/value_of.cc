#include "templating/yaml/value_of.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "core/hash.h"
#include "templating/yaml/parse.h"
#include "templating/yaml/resolve.h"
#include "templating/yaml/scanner.h"
#include "templating/yaml/text_writer.h"
#include "templating/yaml/utf8.h"

namespace headgate::templating::yaml {
namespace {

constexpr size_t kShownBytesMax = 40;

std::string_view NameOf(Tag tag) {
  constexpr std::array<std::string_view, 12> kNames{"!!null", "!!bool",      "!!int",    "!!float",
                                                    "!!str",  "!!timestamp", "!!binary", "!!merge",
                                                    "!!map",  "!!seq",       "its own",  "none"};
  return kNames[static_cast<size_t>(tag)];
}

core::Error Unfit(const Node& node) {
  std::string text(node.text().substr(0, kShownBytesMax));
  if (text.size() < node.text().size()) text += "...";
  return AtNode(node, fmt::format("a value that fits the tag {} expected, \"{}\" found",
                                  NameOf(node.tag), text));
}

bool IsQuoted(Style style) { return style != Style::kPlain && style != Style::kBlock; }

// Digits that are printed as they stand.
bool IsCanonicalInteger(std::string_view text) {
  if (text.empty() || text.size() > 18 || (text.size() > 1 && text[0] == '0')) return false;
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

core::Result<PlainValue> FloatValue(const Node& node, double number, std::string* scratch) {
  if (!std::isfinite(number)) {
    return AtNode(node, fmt::format("a number that JSON can hold expected, {} found", node.text()));
  }
  *scratch = JsonFloat(number);
  return PlainValue{Plain::kNumber, *scratch};
}

core::Result<PlainValue> NumberValue(const Node& node, std::string* scratch) {
  if (node.tag == Tag::kInt && IsCanonicalInteger(node.text())) {
    return PlainValue{Plain::kNumber, node.text()};
  }
  const std::optional<Number> number = ParseNumber(node.text());
  if (!number) return Unfit(node);
  if (const double* real = std::get_if<double>(&*number)) {
    return node.tag == Tag::kFloat ? FloatValue(node, *real, scratch) : Unfit(node);
  }
  const int64_t* integer = std::get_if<int64_t>(&*number);
  if (node.tag == Tag::kFloat) {
    return integer ? FloatValue(node, static_cast<double>(*integer), scratch) : Unfit(node);
  }
  *scratch = integer ? fmt::format("{}", *integer) : fmt::format("{}", std::get<uint64_t>(*number));
  return PlainValue{Plain::kNumber, *scratch};
}

core::Result<PlainValue> BinaryValue(const Node& node, std::string* scratch) {
  std::string text(node.text());
  std::erase_if(text, [](char c) { return c == '\n' || c == '\r'; });
  core::Result<std::string> bytes = core::FromBase64(text);
  if (!bytes) return Unfit(node);
  // What is no UTF-8 is lost on the way through JSON.
  scratch->clear();
  for (std::string_view rest = *bytes; !rest.empty();) {
    AppendRune(TakeRune(&rest).value_or(0xFFFD), scratch);
  }
  return PlainValue{Plain::kString, *scratch};
}

// Of a node whose tag counts, whatever its style.
core::Result<PlainValue> TaggedValue(const Node& node, std::string* scratch) {
  switch (node.tag) {
    case Tag::kNull:
      if (ResolvePlain(node.text()) != Tag::kNull) return Unfit(node);
      return PlainValue{};
    case Tag::kBool:
      if (ResolvePlain(node.text()) != Tag::kBool) return Unfit(node);
      return PlainValue{Plain::kBool, BoolOf(node.text()) ? "true" : "false"};
    case Tag::kInt:
    case Tag::kFloat:
      return NumberValue(node, scratch);
    case Tag::kTimestamp: {
      const std::optional<Timestamp> moment = ParseTimestamp(node.text());
      if (!moment || !moment->in_json) return Unfit(node);
      *scratch = moment->text;
      return PlainValue{Plain::kString, *scratch};
    }
    case Tag::kBinary:
      return BinaryValue(node, scratch);
    default:
      return PlainValue{Plain::kString, node.text()};
  }
}

// As the tag of a node reads once it is printed and read again.
bool IsStringKey(const Node& key) {
  if (key.tag == Tag::kString || key.tag == Tag::kMerge) return true;
  return !key.explicit_tag && IsQuoted(key.style) && ResolvePlain(key.text()) == key.tag;
}

}  // namespace

core::Error AtNode(const Node& node, std::string_view what) {
  if (node.line == 0) return core::Invalid(std::string(what));
  return core::Invalid(fmt::format("line {}: {}", node.line, what));
}

core::Result<PlainValue> ValueOf(const Node& node, bool in_flow, std::string* scratch) {
  if (node.tag == Tag::kString) return PlainValue{Plain::kString, node.text()};
  if (node.tag == Tag::kNone) {
    Node resolved = node;
    resolved.tag = PrintedTag(node);
    return ValueOf(resolved, in_flow, scratch);
  }
  if (in_flow && node.is_null() && node.text().empty() && !node.explicit_tag) {
    return PlainValue{Plain::kString, {}};
  }
  // A tag that the text has anyway is not printed; quotes make a string of it then.
  if (!node.explicit_tag && IsQuoted(node.style) && ResolvePlain(node.text()) == node.tag) {
    return PlainValue{Plain::kString, node.text()};
  }
  return TaggedValue(node, scratch);
}

core::Result<PlainValue> KeyOf(const Node& key, bool top, std::string* scratch) {
  if (!key.is_scalar()) return AtNode(key, "a key that is a string expected");
  if (key.tag == Tag::kString) return PlainValue{Plain::kString, key.text()};
  if (key.tag == Tag::kNone) {
    Node resolved = key;
    resolved.tag = PrintedTag(key);
    return KeyOf(resolved, top, scratch);
  }
  if (key.text().empty() && !key.explicit_tag) return PlainValue{Plain::kString, {}};
  if ((!top || key.is_null()) && !IsStringKey(key)) {
    return AtNode(key, fmt::format("a key that is a string expected, {} found; put it in quotes",
                                   key.text().empty() ? "nothing" : key.text()));
  }
  core::Result<PlainValue> value = ValueOf(key, false, scratch);
  if (!value || key.tag == Tag::kBinary) return value;
  return PlainValue{Plain::kString, key.text()};
}

core::Result<std::string_view> ReadAgain(const Node& node, std::string_view text,
                                         std::string* scratch) {
  const bool literal = node.style != Style::kFolded;
  const bool block = node.style == Style::kLiteral || !literal ||
                     (node.style == Style::kPlain && text.find('\n') != std::string_view::npos);
  if (!block || text.empty() || !StylesOf(text, true).block) return text;
  if (text[0] == '\t') {
    return AtNode(node, "a text block that does not begin with a tab expected");
  }
  if (literal) return text;
  std::string printed;
  TextWriter writer(&printed);
  writer.BlockHeader('>', text);
  writer.LineBreak();
  writer.Folded(text, 2);
  writer.NewLine(0);
  Arena arena;
  Scanner scanner(Source{printed, false, false}, &arena);
  Scalar read;
  if (!scanner.ScanBlock(-1, &read)) return AtNode(node, scanner.complaint()->text);
  scratch->assign(read.text);
  return std::string_view(*scratch);
}

std::string JsonFloat(double number) {
  if (number == 0) return std::signbit(number) ? "-0" : "0";
  std::array<char, 400> buffer{};
  const auto show = [&](std::chars_format format) {
    const auto end =
        std::to_chars(buffer.data(), buffer.data() + buffer.size(), number, format).ptr;
    return std::string(buffer.data(), end);
  };
  const double size = std::abs(number);
  std::string text = show(std::chars_format::fixed);
  // From here on the shortest digits may end before the point.
  constexpr double kLarge = 1e15;
  if (size >= 1e-6 && (size < kLarge || text.find('.') != std::string::npos)) return text;
  text = show(std::chars_format::scientific);
  if (size < 1e-6 || size >= 1e21) {
    // 1e-09 is written 1e-9.
    const size_t exponent = text.find("e-0");
    if (exponent != std::string::npos) text.erase(exponent + 2, 1);
    return text;
  }
  // The shortest digits, filled up with zeros.
  const size_t mark = text.find('e');
  const size_t wanted = std::stoul(text.substr(mark + 2)) + 1;
  text.resize(mark);
  std::erase(text, '.');
  text.append(wanted + (number < 0 ? 1 : 0) - text.size(), '0');
  return text;
}

}  // namespace headgate::templating::yaml
