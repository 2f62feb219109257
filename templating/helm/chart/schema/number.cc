#include "templating/helm/chart/schema/number.h"

#include <algorithm>

#include "templating/helm/strconv.h"

namespace headgate::templating::helm {
namespace {

constexpr size_t kDigitsMax = 30;  // of which products fit in 128 bits; more are cut off
constexpr int64_t kExponentMax = 10'000;

std::string_view TakeDigits(std::string_view* text) {
  const size_t end = std::min(text->find_first_not_of("0123456789"), text->size());
  const std::string_view digits = text->substr(0, end);
  text->remove_prefix(end);
  return digits;
}

}  // namespace

std::optional<SchemaNumber> SchemaNumber::Of(const Value& value) {
  if (value.is_float()) return Parse(FormatFloat(value.number()));
  if (value.is_integer()) return Parse(std::to_string(value.integer()));
  return std::nullopt;
}

std::optional<SchemaNumber> SchemaNumber::Parse(std::string_view text) {
  SchemaNumber number;
  number.negative_ = text.starts_with('-');
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  number.digits_ = TakeDigits(&text);
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    const std::string_view fraction = TakeDigits(&text);
    number.digits_ += fraction;
    number.exponent_ = -static_cast<int64_t>(fraction.size());
  }
  if (number.digits_.empty()) return std::nullopt;
  if (text.starts_with('e') || text.starts_with('E')) {
    const Parsed<int64_t> exponent = ParseInt(text.substr(1), 10);
    if (!exponent || exponent.number > kExponentMax || exponent.number < -kExponentMax) {
      return std::nullopt;
    }
    number.exponent_ += exponent.number;
    text = {};
  }
  if (!text.empty()) return std::nullopt;

  number.digits_.erase(0, number.digits_.find_first_not_of('0'));
  if (number.digits_.size() > kDigitsMax) {
    number.exponent_ += static_cast<int64_t>(number.digits_.size() - kDigitsMax);
    number.digits_.resize(kDigitsMax);
  }
  while (number.digits_.ends_with('0')) {
    number.digits_.pop_back();
    ++number.exponent_;
  }
  if (number.digits_.empty()) number = SchemaNumber();
  return number;
}

int SchemaNumber::Compare(const SchemaNumber& a, const SchemaNumber& b) {
  const auto sign = [](const SchemaNumber& n) {
    return n.digits_.empty() ? 0 : n.negative_ ? -1 : 1;
  };
  if (sign(a) != sign(b)) return sign(a) < sign(b) ? -1 : 1;
  if (sign(a) == 0) return 0;
  const auto size = [](const SchemaNumber& n) {
    return static_cast<int64_t>(n.digits_.size()) + n.exponent_;
  };
  int order = 0;
  if (size(a) != size(b)) {
    order = size(a) < size(b) ? -1 : 1;
  } else {
    order = a.digits_.compare(b.digits_);
    order = (order > 0) - (order < 0);
  }
  return sign(a) * order;
}

bool SchemaNumber::IsMultipleOf(const SchemaNumber& unit) const {
  if (digits_.empty()) return true;
  // Both in units of the smaller exponent: is what stands here divisible?
  if (unit.exponent_ > exponent_) return false;
  unsigned __int128 divisor = 0;
  for (const char digit : unit.digits_) divisor = divisor * 10 + static_cast<unsigned>(digit - '0');
  if (divisor == 0) return false;
  unsigned __int128 rest = 0;
  for (const char digit : digits_)
    rest = (rest * 10 + static_cast<unsigned>(digit - '0')) % divisor;
  for (int64_t i = unit.exponent_; i < exponent_ && rest != 0; ++i) rest = rest * 10 % divisor;
  return rest == 0;
}

std::optional<int64_t> SchemaNumber::AsInteger() const {
  if (exponent_ < 0 || exponent_ > 18) return std::nullopt;
  const std::string text = digits_ + std::string(static_cast<size_t>(exponent_), '0');
  const Parsed<int64_t> parsed = ParseInt((negative_ ? "-" : "") + (text.empty() ? "0" : text), 10);
  return parsed ? std::optional(parsed.number) : std::nullopt;
}

}  // namespace headgate::templating::helm
