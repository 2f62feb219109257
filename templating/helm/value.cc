#include "templating/helm/value.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <set>
#include <utility>

namespace headgate::templating::helm {
namespace {

constexpr std::array<std::string_view, 12> kMonths = {
    "January", "February", "March",     "April",   "May",      "June",
    "July",    "August",   "September", "October", "November", "December"};
constexpr std::array<std::string_view, 7> kWeekdays = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                       "Thursday", "Friday", "Saturday"};

template <size_t N>
std::string NameOrNumber(const std::array<std::string_view, N>& names, int64_t from, int64_t number,
                         const char* type) {
  const int64_t at = number - from;
  if (at >= 0 && at < static_cast<int64_t>(N)) return std::string(names[static_cast<size_t>(at)]);
  return "%!" + std::string(type) + "(" + std::to_string(static_cast<uint64_t>(number)) + ")";
}

// One deep comparison. Pairs of maps are remembered below a few levels: maps may hold themselves,
// or be shared so often that walking them all would never end.
class Comparison {
 public:
  bool Equal(const Value& a, const Value& b, int depth);

 private:
  bool Lists(const Value& a, const Value& b, int depth);
  bool Maps(Map* a, Map* b, int depth);
  bool Structs(const Struct* a, const Struct* b, int depth);

  std::set<std::pair<const Map*, const Map*>> seen_;
};

bool HoldsObject(Type type) { return type >= Type::kTime && type <= Type::kVersionValue; }

bool Comparison::Equal(const Value& a, const Value& b, int depth) {
  if (a.is_nil() || b.is_nil()) return a.is_nil() && b.is_nil();
  if (a.type() != b.type()) return false;
  if (depth > kDepthMax) return true;
  switch (a.kind()) {
    case Kind::kFloat64:
      return a.number() == b.number();
    case Kind::kComplex128:
      return a.complex() == b.complex();
    case Kind::kString:
      return a.text() == b.text();
    case Kind::kSlice:
      return Lists(a, b, depth + 1);
    case Kind::kMap:
      return Maps(a.map(), b.map(), depth + 1);
    case Kind::kStruct:
    case Kind::kPointer:
      if (!HoldsObject(a.type())) return Structs(a.fields(), b.fields(), depth + 1);
      if (!a.object() || !b.object()) return a.object() == b.object();
      return a.object()->Equals(*b.object());
    default:
      return a.integer() == b.integer();
  }
}

bool Comparison::Lists(const Value& a, const Value& b, int depth) {
  if (a.is_null_reference() != b.is_null_reference() || a.size() != b.size()) return false;
  if (a.type() == Type::kBytes) return a.text() == b.text();
  const std::span<Value> ours = a.items(), theirs = b.items();
  if (ours.data() == theirs.data()) return true;
  for (size_t i = 0; i < ours.size(); ++i) {
    if (!Equal(ours[i], theirs[i], depth)) return false;
  }
  return true;
}

bool Comparison::Maps(Map* a, Map* b, int depth) {
  constexpr int kWalked = 8;
  if (a == b) return true;
  if (!a || !b || a->size() != b->size()) return false;
  if (depth > kWalked && !seen_.emplace(a, b).second) return true;
  const std::span<const Map::Entry> ours = a->entries(), theirs = b->entries();
  for (size_t i = 0; i < ours.size(); ++i) {
    if (ours[i].key != theirs[i].key || !Equal(ours[i].value, theirs[i].value, depth)) return false;
  }
  return true;
}

bool Comparison::Structs(const Struct* a, const Struct* b, int depth) {
  if (a == b) return true;
  if (!a || !b || a->fields.size() != b->fields.size()) return false;
  for (size_t i = 0; i < a->fields.size(); ++i) {
    if (!Equal(*a->fields[i].value, *b->fields[i].value, depth)) return false;
  }
  return true;
}

}  // namespace

Value Value::Nil(Type type) {
  Value value(type);
  value.integer_ = 0;
  return value;
}

Value Value::Bool(bool b) {
  Value value(Type::kBool);
  value.integer_ = b ? 1 : 0;
  return value;
}

Value Value::Number(Type type, int64_t n) {
  Value value(type);
  value.integer_ = n;
  return value;
}

Value Value::Float(double d) {
  Value value(Type::kFloat64);
  value.number_ = d;
  return value;
}

Value Value::Complex(std::complex<double> number, Heap* heap) {
  Value value(Type::kComplex128);
  value.complex_ = heap->New<std::complex<double>>(number);
  return value;
}

Value Value::Text(std::string_view text) {
  Value value(Type::kString);
  value.text_ = text.data();
  value.size_ = static_cast<uint32_t>(std::min<size_t>(text.size(), UINT32_MAX));
  return value;
}

Value Value::Bytes(std::string_view bytes) {
  Value value = Text(bytes);
  value.type_ = Type::kBytes;
  if (!value.text_) value.text_ = "";  // empty, not nil
  return value;
}

Value Value::List(std::span<Value> items, Type type) {
  Value value(type);
  value.items_ = items.data();
  value.size_ = static_cast<uint32_t>(std::min<size_t>(items.size(), UINT32_MAX));
  return value;
}

Value Value::Of(Map* map, Type type) {
  Value value(type);
  value.map_ = map;
  return value;
}

Value Value::Of(const Struct* fields, Type type, bool addressable) {
  Value value(type);
  value.struct_ = fields;
  value.addressable_ = addressable;
  return value;
}

Value Value::Of(const Object* object, Type type) {
  Value value(type);
  value.object_ = object;
  return value;
}

bool Value::is_integer() const {
  const Kind of = kind();
  return of >= Kind::kInt && of <= Kind::kUint64;
}

const Struct* Value::fields() const {
  if (!HoldsObject(type_)) return struct_;
  return object_ ? object_->Fields() : nullptr;
}

Value Value::Pointed() const {
  Value value = *this;
  value.type_ = Info(type_).element;
  value.addressable_ = true;
  return value;
}

bool Value::is_null_reference() const {
  switch (kind()) {
    case Kind::kSlice:
    case Kind::kMap:
    case Kind::kPointer:
      return integer_ == 0;
    default:
      return false;
  }
}

size_t Value::size() const {
  switch (kind()) {
    case Kind::kString:
    case Kind::kSlice:
      return size_;
    case Kind::kMap:
      return map_ ? map_->size() : 0;
    default:
      return 0;
  }
}

Value Value::At(size_t index) const {
  assert(index < size_);
  if (is_string() || type_ == Type::kBytes) {
    return Number(Type::kUint8, static_cast<unsigned char>(text_[index]));
  }
  const Value& item = items_[index];
  return item.type_ == Type::kNil && Info(type_).element == Type::kAny ? NilAny() : item;
}

bool IsTrue(const Value& value) {
  switch (value.kind()) {
    case Kind::kInvalid:
    case Kind::kInterface:
      return false;
    case Kind::kFloat64:
      return value.number() != 0;
    case Kind::kComplex128:
      return value.complex() != std::complex<double>();
    case Kind::kString:
    case Kind::kSlice:
    case Kind::kMap:
      return value.size() > 0;
    case Kind::kStruct:
      return true;
    case Kind::kPointer:
      return !value.is_null_reference();
    default:
      return value.integer() != 0;
  }
}

bool DeepEqual(const Value& a, const Value& b) { return Comparison().Equal(a, b, 0); }

std::optional<std::string> StringMethod(const Value& value) {
  switch (value.type()) {
    case Type::kDuration:
      return ShowDuration(value.integer());
    case Type::kMonth:
      return NameOrNumber(kMonths, 1, value.integer(), "Month");
    case Type::kWeekday:
      return NameOrNumber(kWeekdays, 0, value.integer(), "Weekday");
    case Type::kTime:
    case Type::kLocation:
    case Type::kVersion:
    case Type::kVersionValue:
      return value.object() ? value.object()->Text() : "<nil>";
    case Type::kKubeVersion:
      // Its second field is the version without what distributors add.
      if (!value.addressable()) return std::nullopt;
      return std::string(value.fields()->fields[1].value->text());
    default:
      return std::nullopt;
  }
}

Value Zero(Type type) {
  switch (KindOf(type)) {
    case Kind::kString:
      return Value::Text({});
    case Kind::kFloat64:
      return Value::Float(0);
    case Kind::kInterface:
      return Value::NilAny();
    case Kind::kInvalid:
    case Kind::kComplex128:
    case Kind::kStruct:
      return Value();
    default:
      return Value::Nil(type);
  }
}

std::string ShowDuration(int64_t nanoseconds) {
  const bool negative = nanoseconds < 0;
  const auto number = static_cast<uint64_t>(nanoseconds);
  uint64_t left = negative ? 0 - number : number;
  if (left == 0) return "0s";

  // A fraction without its trailing zeros.
  const auto fraction = [](uint64_t whole, uint64_t part, int digits) {
    std::string text = std::to_string(part);
    text.insert(0, static_cast<size_t>(digits) - text.size(), '0');
    text.erase(text.find_last_not_of('0') + 1);
    return std::to_string(whole) + (text.empty() ? "" : "." + text);
  };
  std::string text;
  if (left < 1000) {
    text = std::to_string(left) + "ns";
  } else if (left < 1000000) {
    text = fraction(left / 1000, left % 1000, 3) + "µs";
  } else if (left < 1000000000) {
    text = fraction(left / 1000000, left % 1000000, 6) + "ms";
  } else {
    const uint64_t seconds = left / 1000000000;
    text = fraction(seconds % 60, left % 1000000000, 9) + "s";
    if (seconds >= 60) text = std::to_string(seconds / 60 % 60) + "m" + text;
    if (seconds >= 3600) text = std::to_string(seconds / 3600) + "h" + text;
  }
  return negative ? "-" + text : text;
}

}  // namespace headgate::templating::helm
