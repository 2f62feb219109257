#include "templating/helm/functions/values.h"

#include <algorithm>
#include <cmath>

#include "templating/helm/strconv.h"
#include "templating/helm/template/printf.h"

namespace headgate::templating::helm {
namespace {

// "2.00" is a whole number, too; "2." and "2.50" are none.
std::string_view WithoutZeroFraction(std::string_view text) {
  bool zero = false;
  for (size_t i = text.size(); i > 0; --i) {
    const char c = text[i - 1];
    if (c == '.' && zero) return text.substr(0, i - 1);
    if (c == '0') zero = true;
    if (c != '0' && c != '.') break;
  }
  return text;
}

int64_t Truncate(double number) {
  constexpr double kBound = 9223372036854775808.0;
  if (!(number >= -kBound && number < kBound)) return INT64_MIN;
  return static_cast<int64_t>(number);
}

// Numbers of these types are converted; those with other names are not.
bool Converts(Type type) {
  switch (type) {
    case Type::kInt:
    case Type::kInt32:
    case Type::kInt64:
    case Type::kUint8:
    case Type::kUint32:
    case Type::kUint64:
    case Type::kMonth:
    case Type::kWeekday:
    case Type::kBool:
      return true;
    default:
      return false;
  }
}

}  // namespace

int64_t ToInt64(const Value& value) {
  if (Converts(value.type())) return value.integer();
  if (value.is_float()) return Truncate(value.number());
  if (!value.is_string()) return 0;
  const Parsed<int64_t> parsed = ParseInt(WithoutZeroFraction(value.text()), 0);
  return parsed ? parsed.number : 0;
}

double ToFloat(const Value& value) {
  if (value.is_float()) return value.number();
  if (value.type() == Type::kUint64)
    return static_cast<double>(static_cast<uint64_t>(value.integer()));
  if (Converts(value.type())) return static_cast<double>(value.integer());
  if (!value.is_string()) return 0;
  const Parsed<double> parsed = ParseFloat(value.text());
  return parsed ? parsed.number : 0;
}

bool IsEmpty(const Value& value) { return !IsTrue(value); }

std::string_view ShowText(Call& call, const Value& value) {
  if (value.is_string() || value.type() == Type::kBytes) return value.text();
  return ShowPlain(call, value);
}

std::string_view ShowPlain(Call& call, const Value& value) {
  if (value.is_string()) return value.text();
  std::string text;
  if (!AppendValue(&text, value, call.context().limits.text_bytes)) {
    call.Fits(SIZE_MAX);
    return {};
  }
  return call.heap()->Copy(text);
}

Value Item(const Value& list, size_t index) {
  const Value item = list.At(index);
  return item.is_nil() ? Value() : item;
}

Value NewTexts(Call& call, const std::vector<std::string_view>& texts) {
  if (!call.Fits(texts.size() * sizeof(Value))) return {};
  const std::span<Value> items = call.heap()->NewList(texts.size());
  std::transform(texts.begin(), texts.end(), items.begin(),
                 [](std::string_view text) { return Value::Text(text); });
  return Value::List(items, Type::kStrings);
}

Value NewItems(Call& call, const std::vector<Value>& items) {
  if (!call.Fits(items.size() * sizeof(Value))) return {};
  const std::span<Value> copy = call.heap()->NewList(items.size());
  std::copy(items.begin(), items.end(), copy.begin());
  return Value::List(copy);
}

bool CheckSlice(Call& call, int64_t from, int64_t to, size_t length) {
  const auto size = static_cast<int64_t>(length);
  std::string bounds;
  if (to < 0) {
    bounds = "[:" + std::to_string(to) + "]";
  } else if (to > size) {
    bounds = "[:" + std::to_string(to) + "] with length " + std::to_string(size);
  } else if (from < 0) {
    bounds = "[" + std::to_string(from) + ":]";
  } else if (from > to) {
    bounds = "[" + std::to_string(from) + ":" + std::to_string(to) + "]";
  } else {
    return true;
  }
  call.Fail("runtime error: slice bounds out of range " + bounds);
  return false;
}

bool TakesTooLong(Call& call) {
  const Context& context = call.context();
  if (!context.expired || !context.expired()) return false;
  call.Fail("took too long");
  return true;
}

}  // namespace headgate::templating::helm
