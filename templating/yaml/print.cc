#include <fmt/format.h>

#include <cmath>
#include <string>

#include "templating/yaml/text_writer.h"
#include "templating/yaml/utf8.h"
#include "templating/yaml/yaml.h"

namespace headgate::templating {
namespace {

std::string FloatText(double number) {
  if (std::isnan(number)) return ".nan";
  if (std::isinf(number)) return number > 0 ? ".inf" : "-.inf";
  // A whole number travels through JSON as an integer.
  const bool whole = number == std::floor(number);
  if (whole && number < 0x1p64 && number >= -0x1p63) {
    return fmt::format("{:.0f}", number == 0 ? 0.0 : number);
  }
  return yaml::ShowFloat(number);
}

// What is no UTF-8 becomes U+FFFD, byte by byte.
std::string Mended(std::string_view text) {
  std::string mended;
  while (!text.empty()) AppendRune(TakeRune(&text).value_or(0xFFFD), &mended);
  return mended;
}

class Printer {
 public:
  explicit Printer(std::string* out) : writer_(out) {}

  void Document(const core::Value& value) {
    Node(value, -2, false);
    writer_.NewLine(0);
  }

 private:
  // A value inside a block at column `indent`; its own lines stand two further right. `compact`:
  // "- " or ": " was just written, so that a block may begin on this line.
  void Node(const core::Value& value, int indent, bool compact) {
    compact = compact || indent < 0;
    if (const core::Map* map = value.AsMap(); map && !map->empty()) {
      return Mapping(*map, indent + 2, compact);
    }
    if (const core::List* list = value.AsList(); list && !list->empty()) {
      return Sequence(*list, compact ? indent + 2 : indent, compact);
    }
    if (!compact) writer_.Put(" ");
    Scalar(value, indent + 2);
  }

  void Mapping(const core::Map& map, int indent, bool compact) {
    for (const core::Map::Entry& entry : map) {
      if (!compact) writer_.NewLine(indent);
      compact = false;
      const std::string& key = entry.first;
      const bool simple = yaml::IsSimpleKey(key);
      if (!simple) writer_.Put("? ");
      // Nobody shall take it for the merge key.
      if (key == "<<") {
        writer_.DoubleQuoted(key, indent + 2, false);
      } else {
        String(key, indent + 2, simple);
      }
      if (!simple) writer_.NewLine(indent);
      writer_.Put(simple ? ":" : ": ");
      Node(entry.second, indent, !simple);
    }
  }

  void Sequence(const core::List& list, int indent, bool compact) {
    for (const core::Value& item : list) {
      if (!compact) writer_.NewLine(indent);
      compact = false;
      writer_.Put("- ");
      Node(item, indent, true);
    }
  }

  void Scalar(const core::Value& value, int indent) {
    if (const bool* b = value.AsBool()) return writer_.Put(*b ? "true" : "false");
    if (const int64_t* n = value.AsInt()) return writer_.Put(fmt::format("{}", *n));
    if (const double* d = value.AsFloat()) return writer_.Put(FloatText(*d));
    if (const std::string* s = value.AsString()) return String(*s, indent, false);
    writer_.Put(value.is_map() ? "{}" : value.is_list() ? "[]" : "null");
  }

  void String(std::string_view text, int indent, bool key) {
    if (IsUtf8(text)) return yaml::PutString(text, indent, key, &writer_);
    yaml::PutString(Mended(text), indent, key, &writer_);
  }

  yaml::TextWriter writer_;
};

}  // namespace

std::string PrintYaml(const core::Value& value) {
  std::string out;
  Printer(&out).Document(value);
  return out;
}

std::string PrintYaml(const core::Objects& objects) {
  std::string out;
  for (const core::Object& object : objects) {
    if (!out.empty()) out += "---\n";
    Printer(&out).Document(object.body);
  }
  return out;
}

}  // namespace headgate::templating
