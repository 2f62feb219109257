#include "templating/helm/functions/decimal.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "templating/helm/strconv.h"

namespace headgate::templating::helm {
namespace {

constexpr int64_t kQuotientDigits = 16;

using Work = Handle<BN_CTX, BN_CTX_free>;

}  // namespace

Decimal::Decimal(Digits digits, int64_t exponent)
    : digits_(std::move(digits)), exponent_(exponent) {}

std::optional<Decimal> Decimal::Of(double number) {
  if (!std::isfinite(number)) return std::nullopt;
  // "-1.25e+01": the digits without their point, and where it was.
  std::string text = FormatFloat(number, 'e');
  const size_t e = text.find('e');
  int64_t exponent = std::stoll(text.substr(e + 1));
  text.resize(e);
  if (const size_t point = text.find('.'); point != std::string::npos) {
    exponent -= static_cast<int64_t>(text.size() - point - 1);
    text.erase(point, 1);
  }
  BIGNUM* digits = nullptr;
  BN_dec2bn(&digits, text.c_str());
  return Decimal(Digits(digits), exponent);
}

Decimal::Digits Decimal::Scaled(const BIGNUM* digits, int64_t power) {
  const Work work(BN_CTX_new());
  Digits ten(BN_new()), exponent(BN_new()), result(BN_new());
  BN_set_word(ten.get(), 10);
  BN_set_word(exponent.get(), static_cast<BN_ULONG>(power));
  BN_exp(result.get(), ten.get(), exponent.get(), work.get());
  BN_mul(result.get(), result.get(), digits, work.get());
  return result;
}

Decimal Decimal::Plus(const Decimal& other) const {
  const int64_t exponent = std::min(exponent_, other.exponent_);
  const Digits ours = Scaled(digits_.get(), exponent_ - exponent);
  const Digits theirs = Scaled(other.digits_.get(), other.exponent_ - exponent);
  Digits sum(BN_new());
  BN_add(sum.get(), ours.get(), theirs.get());
  return Decimal(std::move(sum), exponent);
}

Decimal Decimal::Minus(const Decimal& other) const {
  Decimal negative(Digits(BN_dup(other.digits_.get())), other.exponent_);
  BN_set_negative(negative.digits_.get(), !BN_is_negative(other.digits_.get()));
  return Plus(negative);
}

Decimal Decimal::Times(const Decimal& other) const {
  const Work work(BN_CTX_new());
  Digits product(BN_new());
  BN_mul(product.get(), digits_.get(), other.digits_.get(), work.get());
  return Decimal(std::move(product), exponent_ + other.exponent_);
}

std::optional<Decimal> Decimal::Over(const Decimal& other) const {
  if (BN_is_zero(other.digits_.get())) return std::nullopt;
  const int64_t shift = exponent_ - other.exponent_ + kQuotientDigits;
  const Digits above = Scaled(digits_.get(), std::max<int64_t>(0, shift));
  const Digits below = Scaled(other.digits_.get(), std::max<int64_t>(0, -shift));
  const Work work(BN_CTX_new());
  Digits quotient(BN_new()), rest(BN_new());
  BN_div(quotient.get(), rest.get(), above.get(), below.get(), work.get());
  BN_lshift1(rest.get(), rest.get());
  if (BN_ucmp(rest.get(), below.get()) >= 0) {
    const bool negative = BN_is_negative(above.get()) != BN_is_negative(below.get());
    if (negative) {
      BN_sub_word(quotient.get(), 1);
    } else {
      BN_add_word(quotient.get(), 1);
    }
  }
  return Decimal(std::move(quotient), -kQuotientDigits);
}

double Decimal::ToDouble() const {
  if (BN_is_zero(digits_.get())) return 0;
  char* digits = BN_bn2dec(digits_.get());
  const std::string text = std::string(digits) + "e" + std::to_string(exponent_);
  OPENSSL_free(digits);
  return ParseFloat(text).number;
}

}  // namespace headgate::templating::helm
