#include "templating/helm/yaml_read.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <string>
#include <unordered_map>

#include "templating/helm/functions/base_encoding.h"
#include "templating/helm/strconv.h"
#include "templating/helm/unicode.h"

namespace headgate::templating::helm {
namespace {

using yaml::Node;
using yaml::Style;
using yaml::Tag;

const std::unordered_map<std::string_view, Value>& Words() {
  static const auto* const kWords = [] {
    auto* words = new std::unordered_map<std::string_view, Value>;
    const double infinity = std::numeric_limits<double>::infinity();
    for (const char* word :
         {"y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"}) {
      words->emplace(word, Value::Bool(true));
    }
    for (const char* word :
         {"n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"}) {
      words->emplace(word, Value::Bool(false));
    }
    for (const char* word : {"", "~", "null", "Null", "NULL"}) words->emplace(word, Value());
    for (const char* word : {".nan", ".NaN", ".NAN"}) {
      words->emplace(word, Value::Float(std::numeric_limits<double>::quiet_NaN()));
    }
    for (const char* word : {".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"}) {
      words->emplace(word, Value::Float(infinity));
    }
    for (const char* word : {"-.inf", "-.Inf", "-.INF"})
      words->emplace(word, Value::Float(-infinity));
    return words;
  }();
  return *kWords;
}

bool IsDigitByte(char c) { return c >= '0' && c <= '9'; }

// [-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?
bool LooksLikeFloat(std::string_view text) {
  const auto skip_digits = [&text] {
    size_t count = 0;
    while (!text.empty() && IsDigitByte(text.front())) text.remove_prefix(1), ++count;
    return count;
  };
  const auto skip_sign = [&text] {
    if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  };
  skip_sign();
  const size_t whole = skip_digits();
  size_t fraction = 0;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    fraction = skip_digits();
  }
  if (whole + fraction == 0) return false;
  if (text.starts_with('e') || text.starts_with('E')) {
    text.remove_prefix(1);
    skip_sign();
    if (skip_digits() == 0) return false;
  }
  return text.empty();
}

Value ResolveNumber(std::string_view text) {
  std::string digits(text);
  std::erase(digits, '_');
  if (const Parsed<int64_t> parsed = ParseInt(digits, 0)) return Value::Int64(parsed.number);
  if (const Parsed<uint64_t> parsed = ParseUint(digits, 0)) {
    return Value::Number(Type::kUint64, static_cast<int64_t>(parsed.number));
  }
  if (LooksLikeFloat(digits)) {
    if (const Parsed<double> parsed = ParseFloat(digits)) return Value::Float(parsed.number);
  }
  return Value::Text(text);
}

std::string_view NameOf(const Value& value) {
  if (value.is_nil()) return "null";
  if (value.is_bool()) return "bool";
  if (value.is_integer()) return "int";
  return value.is_float() ? "float" : "str";
}

class Builder {
 public:
  Builder(std::string_view file, Heap* heap, const YamlReading& reading)
      : file_(file), heap_(heap), reading_(reading) {}

  bool Build(const Node& node, Value* value) {
    switch (node.kind) {
      case yaml::Kind::kScalar:
        return BuildScalar(node, value);
      case yaml::Kind::kSequence:
        return BuildList(node, value);
      case yaml::Kind::kMapping: {
        Map* map = heap_->NewMap(node.entries());
        *value = Value::Of(map);
        return AddEntries(node, map);
      }
    }
    return false;
  }
  const std::string& error() const { return error_; }

  // Whether nothing doubtful has stayed in the value: of a key given twice the last value counts.
  bool Check(const Value& value) {
    if (doubt_.empty() || !IsDoubtful(value)) return true;
    error_ = doubt_;
    return false;
  }

 private:
  void Doubt(const Node& node, std::string_view why) {
    if (doubt_.empty()) doubt_ = fmt::format("{}:{}:{}: {}", file_, node.line, node.column, why);
  }
  bool IsDoubtful(const Value& value) const;
  bool Fail(const Node& node, std::string_view why) {
    error_ = fmt::format("{}:{}:{}: {}", file_, node.line, node.column, why);
    return false;
  }

  bool BuildScalar(const Node& node, Value* value);
  bool BuildList(const Node& node, Value* value);
  bool AddEntries(const Node& node, Map* map);
  bool Merge(const Node& value, Map* map);
  bool KeyText(const Node& node, std::string_view* text);
  bool Resolve(const Node& node, Value* value);
  bool ResolveTagged(const Node& node, Value* value);

  std::string_view file_;
  Heap* heap_;
  const YamlReading& reading_;
  std::string error_;
  std::string doubt_;  // the first
};

// A value under a key that JSON cannot have.
const Value kBadKey = Value::Nil(Type::kLocation);
constexpr std::string_view kBadKeyText = "\xff";  // which no text of YAML is

bool Builder::IsDoubtful(const Value& value) const {
  if (value.is_float()) return !std::isfinite(value.number());
  if (value.is_list()) {
    return std::any_of(value.items().begin(), value.items().end(),
                       [this](const Value& item) { return IsDoubtful(item); });
  }
  if (!value.is_map()) return value.type() == kBadKey.type();
  for (const Map::Entry& entry : value.map()->entries()) {
    if (IsDoubtful(entry.value)) return true;
  }
  return false;
}

bool IsMerge(const Node& key) {
  return key.is_scalar() && key.text() == "<<" &&
         (key.explicit_tag ? key.tag == Tag::kMerge : key.style == Style::kPlain);
}

bool Builder::ResolveTagged(const Node& node, Value* value) {
  const Value plain = ResolveYaml(node.text());
  std::string_view wanted;
  switch (node.tag) {
    case Tag::kNull:
      wanted = "null";
      break;
    case Tag::kBool:
      wanted = "bool";
      break;
    case Tag::kInt:
      wanted = "int";
      break;
    case Tag::kFloat:
      wanted = "float";
      break;
    case Tag::kBinary: {
      const Decoded decoded = DecodeBase64(node.text());
      const std::string* const bytes = std::get_if<std::string>(&decoded);
      if (!bytes) return Fail(node, "!!binary value contains invalid base64 data");
      std::string text;  // as JSON takes it
      for (std::string_view rest = *bytes; !rest.empty();) AppendRune(&text, TakeRune(&rest));
      *value = Value::Text(text, heap_);
      return true;
    }
    default:
      *value = Value::Text(node.text());
      return true;
  }
  if (wanted == "float" && plain.type() == Type::kInt64) {
    *value = Value::Float(static_cast<double>(plain.integer()));
    return true;
  }
  if (NameOf(plain) != wanted) {
    return Fail(
        node, fmt::format("cannot decode !!{} `{}` as a !!{}", NameOf(plain), node.text(), wanted));
  }
  *value = plain;
  return true;
}

bool Builder::Resolve(const Node& node, Value* value) {
  if (node.explicit_tag) return ResolveTagged(node, value);
  *value = node.style == Style::kPlain ? ResolveYaml(node.text()) : Value::Text(node.text());
  return true;
}

bool Builder::BuildScalar(const Node& node, Value* value) {
  if (!Resolve(node, value)) return false;
  if (value->is_string()) {
    *value = Value::Text(value->text(), heap_);
  } else if (value->is_float() && !std::isfinite(value->number())) {
    Doubt(node, "json: unsupported value: " + FormatFloat(value->number()));
  } else if (value->is_integer() && !reading_.keep_numbers) {
    *value = Value::Float(value->type() == Type::kUint64
                              ? static_cast<double>(static_cast<uint64_t>(value->integer()))
                              : static_cast<double>(value->integer()));
  }
  return true;
}

bool Builder::BuildList(const Node& node, Value* value) {
  const std::span<Value> items = heap_->NewList(node.size);
  for (size_t i = 0; i < items.size(); ++i) {
    if (!Build(*node.items[i], &items[i])) return false;
  }
  *value = Value::List(items);
  return true;
}

bool Builder::KeyText(const Node& node, std::string_view* text) {
  if (!node.is_scalar()) return Fail(node, "a key that is no scalar");
  Value key;
  if (!Resolve(node, &key)) return false;
  if (key.is_string()) {
    *text = heap_->Copy(key.text());
    return true;
  }
  const std::optional<std::string> shown =
      key.type() == Type::kUint64 ? std::nullopt : ScalarText(key);
  if (!shown) {
    Doubt(node, "a key that is null, or too large a number");
    *text = kBadKeyText;
    return true;
  }
  const std::string& made = *shown;
  *text = heap_->Copy(made == "+Inf"   ? ".inf"
                      : made == "-Inf" ? "-.inf"
                      : made == "NaN"  ? ".nan"
                                       : made);
  return true;
}

bool Builder::AddEntries(const Node& node, Map* map) {
  for (size_t i = 0; i < node.entries(); ++i) {
    if (IsMerge(*node.key(i))) {
      if (!Merge(*node.value(i), map)) return false;
      continue;
    }
    std::string_view key;
    Value value;
    if (!KeyText(*node.key(i), &key) || !Build(*node.value(i), &value)) return false;
    map->Set(key, key.data() == kBadKeyText.data() ? kBadKey : value, heap_);
  }
  return true;
}

bool Builder::Merge(const Node& value, Map* map) {
  if (value.is_mapping()) return AddEntries(value, map);
  bool maps = value.is_sequence();
  for (const Node* item : value.children()) maps = maps && item->is_mapping();
  if (!maps) return Fail(value, "map merge requires map or sequence of maps as the value");
  for (size_t i = value.size; i > 0; --i) {  // earlier ones take precedence
    if (!AddEntries(*value.items[i - 1], map)) return false;
  }
  return true;
}

}  // namespace

Value ResolveYaml(std::string_view text) {
  const char first = text.empty() ? '~' : text.front();
  constexpr std::string_view kWordStarts = "yYnNtTfFoO~+-.0123456789";
  if (kWordStarts.find(first) == std::string_view::npos) return Value::Text(text);
  if (text.size() <= 5) {
    if (const auto word = Words().find(text); word != Words().end()) return word->second;
  }
  if (first == '.') {
    const Parsed<double> parsed = ParseFloat(text);
    return parsed ? Value::Float(parsed.number) : Value::Text(text);
  }
  return first == '+' || first == '-' || IsDigitByte(first) ? ResolveNumber(text)
                                                            : Value::Text(text);
}

std::optional<std::string> ScalarText(const Value& value) {
  if (value.is_bool()) return value.boolean() ? "true" : "false";
  if (value.type() == Type::kUint64) return std::to_string(static_cast<uint64_t>(value.integer()));
  if (value.is_integer()) return std::to_string(value.integer());
  if (!value.is_float()) return std::nullopt;
  const auto narrow = static_cast<float>(value.number());
  if (!std::isfinite(narrow)) return FormatFloat(narrow);
  // The shortest digits of 32 bits are those of the double that they spell.
  std::array<char, 32> digits;
  const std::to_chars_result end =
      std::to_chars(digits.data(), digits.data() + digits.size(), narrow);
  return FormatFloat(ParseFloat({digits.data(), end.ptr}).number);
}

yaml::ParseOptions YamlParsing(const YamlReading& reading) {
  yaml::ParseOptions options;
  options.merge_keys = false;
  options.unique_keys = false;
  options.first_only = true;
  options.first_line = reading.first_line;
  options.limits = reading.limits;
  return options;
}

core::Result<Value> FromYamlNode(const Node& node, std::string_view file, Heap* heap,
                                 const YamlReading& reading) {
  Builder builder(file, heap, reading);
  Value value;
  if (!builder.Build(node, &value) || !builder.Check(value)) return core::Invalid(builder.error());
  return value;
}

core::Result<Value> ReadYaml(std::string_view text, std::string_view file, Heap* heap,
                             const YamlReading& reading) {
  yaml::Arena arena;
  const core::Result<std::vector<Node*>> documents =
      yaml::Parse(text, file, &arena, YamlParsing(reading));
  if (!documents) return documents.error();
  if (documents->empty()) return Value();
  return FromYamlNode(*documents->front(), file, heap, reading);
}

}  // namespace headgate::templating::helm
