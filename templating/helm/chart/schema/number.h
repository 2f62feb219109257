#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "templating/helm/value.h"

namespace headgate::templating::helm {

// A number as its decimal digits say it: 0.3 is three times 0.1, as people expect of multipleOf.
class SchemaNumber {
 public:
  // Of the digits that Go prints for it. Nothing for other values.
  static std::optional<SchemaNumber> Of(const Value& value);
  // "1.5", "-2e3"; nothing for what is no such text.
  static std::optional<SchemaNumber> Parse(std::string_view text);

  bool IsWhole() const { return exponent_ >= 0; }
  bool IsMultipleOf(const SchemaNumber& unit) const;  // `unit` is more than 0
  std::optional<int64_t> AsInteger() const;

  // -1, 0, 1
  static int Compare(const SchemaNumber& a, const SchemaNumber& b);

 private:
  bool negative_ = false;
  std::string digits_;    // without zeros at either end; "" is 0
  int64_t exponent_ = 0;  // of the last digit; 0 for 0
};

}  // namespace headgate::templating::helm
