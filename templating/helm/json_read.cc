#include "templating/helm/json_read.h"

#include <fmt/format.h>

#include <string>
#include <vector>

#include "templating/helm/strconv.h"
#include "templating/helm/unicode.h"

namespace headgate::templating::helm {
namespace {

constexpr std::string_view kSpaces = " \t\r\n";

bool IsDigitByte(char c) { return c >= '0' && c <= '9'; }

// A byte as Go's messages quote it.
std::string QuoteByte(char c) {
  if (c == '\'') return "'\\''";
  if (c == '"') return "'\"'";
  std::string rune;
  AppendRune(&rune, static_cast<unsigned char>(c));
  const std::string quoted = Quote(rune);
  return "'" + quoted.substr(1, quoted.size() - 2) + "'";
}

// The number of four hexadecimal digits at `at`, behind "\u"; -1 where there are none.
int32_t HexAt(std::string_view text, size_t at) {
  if (at + 6 > text.size() || text[at] != '\\' || text[at + 1] != 'u') return -1;
  const Parsed<uint64_t> parsed = ParseUint(text.substr(at + 2, 4), 16);
  return parsed ? static_cast<int32_t>(parsed.number) : -1;
}

class Reader {
 public:
  Reader(std::string_view text, Heap* heap, const JsonReading& reading)
      : text_(text), heap_(heap), reading_(reading) {}

  bool Read(Value* value) { return ReadValue(0, value); }
  bool ReadEnd() {
    return SkipSpace() == '\0' && AtEnd() ? true : Unexpected("after top-level value");
  }
  void SkipSpaces() { SkipSpace(); }

  size_t at() const { return at_; }
  bool ran_out() const { return ran_out_; }
  const std::string& error() const { return error_; }
  const std::string& number_error() const { return number_error_; }

 private:
  bool AtEnd() const { return at_ >= text_.size(); }
  char Peek() const { return AtEnd() ? '\0' : text_[at_]; }
  char SkipSpace() {
    while (!AtEnd() && kSpaces.find(text_[at_]) != std::string_view::npos) ++at_;
    return Peek();
  }
  bool Unexpected(std::string_view where) {
    if (AtEnd()) {
      ran_out_ = true;
      error_ = "unexpected end of JSON input";
    } else {
      error_ = fmt::format("invalid character {} {}", QuoteByte(text_[at_]), where);
    }
    return false;
  }

  bool ReadValue(int depth, Value* value);
  bool ReadObject(int depth, Value* value);
  bool ReadList(int depth, Value* value);
  bool ReadWord(std::string_view word, const Value& meaning, Value* value);
  bool ReadNumber(Value* value);
  bool SkipDigits(std::string_view where);
  bool ReadText(std::string_view* text);
  bool SkipEscape();
  std::string_view Unescape(std::string_view raw);

  std::string_view text_;
  Heap* heap_;
  const JsonReading& reading_;
  size_t at_ = 0;
  bool ran_out_ = false;
  std::string error_;
  std::string number_error_;  // the first number that does not fit; noticed after the syntax
  std::vector<Value> items_;  // of lists that are being read
};

bool Reader::ReadValue(int depth, Value* value) {
  const char c = SkipSpace();
  switch (AtEnd() ? '\0' : c) {
    case '{':
    case '[':
      if (depth >= reading_.depth_max) return Unexpected("exceeded max depth");
      return c == '{' ? ReadObject(depth, value) : ReadList(depth, value);
    case '"': {
      std::string_view text;
      if (!ReadText(&text)) return false;
      *value = Value::Text(text);
      return true;
    }
    case 't':
      return ReadWord("true", Value::Bool(true), value);
    case 'f':
      return ReadWord("false", Value::Bool(false), value);
    case 'n':
      return ReadWord("null", Value(), value);
    default:
      if (c == '-' || IsDigitByte(c)) return ReadNumber(value);
      return Unexpected("looking for beginning of value");
  }
}

bool Reader::ReadObject(int depth, Value* value) {
  Map* map = heap_->NewMap();
  *value = Value::Of(map);
  ++at_;
  if (SkipSpace() == '}') return ++at_, true;
  for (;;) {
    if (SkipSpace() != '"') return Unexpected("looking for beginning of object key string");
    std::string_view key;
    if (!ReadText(&key)) return false;
    if (SkipSpace() != ':') return Unexpected("after object key");
    ++at_;
    Value item;
    if (!ReadValue(depth + 1, &item)) return false;
    map->Set(key, item, heap_);
    const char c = SkipSpace();
    if (c != ',' && c != '}') return Unexpected("after object key:value pair");
    ++at_;
    if (c == '}') return true;
  }
}

bool Reader::ReadList(int depth, Value* value) {
  const size_t first = items_.size();
  ++at_;
  bool more = SkipSpace() != ']';
  if (!more) ++at_;
  while (more) {
    Value item;
    if (!ReadValue(depth + 1, &item)) return false;
    items_.push_back(item);
    const char c = SkipSpace();
    if (c != ',' && c != ']') return Unexpected("after array element");
    ++at_;
    more = c == ',';
  }
  const std::span<Value> list = heap_->NewList(items_.size() - first);
  std::copy(items_.begin() + static_cast<ptrdiff_t>(first), items_.end(), list.begin());
  items_.resize(first);
  *value = Value::List(list);
  return true;
}

bool Reader::ReadWord(std::string_view word, const Value& meaning, Value* value) {
  for (const char c : word) {
    if (Peek() != c) {
      return Unexpected(fmt::format("in literal {} (expecting {})", word, QuoteByte(c)));
    }
    ++at_;
  }
  *value = meaning;
  return true;
}

bool Reader::SkipDigits(std::string_view where) {
  if (!IsDigitByte(Peek())) return Unexpected(where);
  while (IsDigitByte(Peek())) ++at_;
  return true;
}

bool Reader::ReadNumber(Value* value) {
  const size_t start = at_;
  bool whole = true;
  if (Peek() == '-') ++at_;
  if (Peek() == '0') {
    ++at_;
  } else if (!SkipDigits("in numeric literal")) {
    return false;
  }
  if (Peek() == '.') {
    whole = false;
    ++at_;
    if (!SkipDigits("after decimal point in numeric literal")) return false;
  }
  if (Peek() == 'e' || Peek() == 'E') {
    whole = false;
    ++at_;
    if (Peek() == '+' || Peek() == '-') ++at_;
    if (!SkipDigits("in exponent of numeric literal")) return false;
  }
  const std::string_view text = text_.substr(start, at_ - start);
  if (whole && reading_.keep_integers) {
    if (const Parsed<int64_t> parsed = ParseInt(text, 10)) {
      *value = Value::Int64(parsed.number);
      return true;
    }
  }
  const Parsed<double> parsed = ParseFloat(text);
  if (!parsed && number_error_.empty()) {
    number_error_ =
        fmt::format("json: cannot unmarshal number {} into Go value of type float64", text);
  }
  *value = Value::Float(parsed.number);
  return true;
}

bool Reader::SkipEscape() {
  ++at_;
  const char c = Peek();
  if (AtEnd() || std::string_view("bfnrt\\/\"u").find(c) == std::string_view::npos) {
    return Unexpected("in string escape code");
  }
  ++at_;
  for (int digit = 0; c == 'u' && digit < 4; ++digit) {
    if (AtEnd() || !ParseUint(text_.substr(at_, 1), 16)) {
      return Unexpected("in \\u hexadecimal character escape");
    }
    ++at_;
  }
  return true;
}

bool Reader::ReadText(std::string_view* text) {
  const size_t start = ++at_;
  bool plain = true;
  while (Peek() != '"') {
    const char c = Peek();
    if (AtEnd() || static_cast<unsigned char>(c) < 0x20) return Unexpected("in string literal");
    if (c == '\\') {
      plain = false;
      if (!SkipEscape()) return false;
    } else {
      plain = plain && static_cast<unsigned char>(c) < 0x80;
      ++at_;
    }
  }
  *text = text_.substr(start, at_ - start);
  ++at_;
  if (!plain) *text = Unescape(*text);
  return true;
}

std::string_view Reader::Unescape(std::string_view raw) {
  std::string text;
  text.reserve(raw.size());
  size_t at = 0;
  while (at < raw.size()) {
    if (raw[at] != '\\') {
      std::string_view rest = raw.substr(at);
      AppendRune(&text, TakeRune(&rest));
      at = raw.size() - rest.size();
      continue;
    }
    if (raw[at + 1] != 'u') {
      constexpr std::string_view kNames = "bfnrt", kMeant = "\b\f\n\r\t";
      const size_t name = kNames.find(raw[at + 1]);
      text += name == std::string_view::npos ? raw[at + 1] : kMeant[name];
      at += 2;
      continue;
    }
    const int32_t unit = HexAt(raw, at);
    at += 6;
    const int32_t next = unit >= 0xd800 && unit < 0xdc00 ? HexAt(raw, at) : -1;
    if (next >= 0xdc00 && next < 0xe000) {
      AppendRune(&text, static_cast<char32_t>(0x10000 + ((unit - 0xd800) << 10) + (next - 0xdc00)));
      at += 6;
    } else {
      AppendRune(&text, static_cast<char32_t>(unit));  // half a pair becomes U+FFFD
    }
  }
  return heap_->Copy(text);
}

}  // namespace

core::Result<Value> ReadJson(std::string_view text, Heap* heap, const JsonReading& reading) {
  Reader reader(text, heap, reading);
  Value value;
  if (!reader.Read(&value) || !reader.ReadEnd()) return core::Invalid(reader.error());
  if (!reader.number_error().empty()) return core::Invalid(reader.number_error());
  return value;
}

core::Result<Value> ReadFirstJson(std::string_view text, Heap* heap, size_t* used,
                                  const JsonReading& reading) {
  Reader reader(text, heap, reading);
  Value value;
  reader.SkipSpaces();
  if (reader.at() == text.size()) return core::Invalid("EOF");
  if (!reader.Read(&value)) {
    return core::Invalid(reader.ran_out() ? "unexpected EOF" : reader.error());
  }
  *used = reader.at();
  if (!reader.number_error().empty()) return core::Invalid(reader.number_error());
  return value;
}

}  // namespace headgate::templating::helm
