#pragma once

#include <openssl/bn.h>

#include <cstdint>
#include <optional>

#include "templating/helm/functions/openssl.h"

namespace headgate::templating::helm {

// A number of any size in decimal digits, as shopspring/decimal 1.4.0 has them: sums, differences
// and products are exact, quotients have 16 digits behind the point.
class Decimal {
 public:
  // The shortest decimal that reads back as that float; nothing for infinities and what is no
  // number.
  static std::optional<Decimal> Of(double number);

  Decimal Plus(const Decimal& other) const;
  Decimal Minus(const Decimal& other) const;
  Decimal Times(const Decimal& other) const;
  // Rounded half away from zero; nothing where `other` is zero.
  std::optional<Decimal> Over(const Decimal& other) const;

  double ToDouble() const;  // the nearest

 private:
  using Digits = Handle<BIGNUM, BN_free>;

  Decimal(Digits digits, int64_t exponent);
  static Digits Scaled(const BIGNUM* digits, int64_t power);  // times 10 to the power

  Digits digits_;
  int64_t exponent_;  // digits times 10 to this
};

}  // namespace headgate::templating::helm
