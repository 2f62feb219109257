#pragma once

#include <cmath>
#include <cstdint>

namespace headgate::rollout::analysis {

// A number that is not negative, of any size: e-values multiply up for hours. Only additions,
// multiplications and divisions of doubles, and shifts of exponents: equal bits on every machine.
class Wealth {
 public:
  Wealth() = default;
  explicit Wealth(double value) : mantissa_(value) { Normalise(); }

  Wealth& operator*=(double by) {
    mantissa_ *= by;
    Normalise();
    return *this;
  }
  Wealth& operator+=(const Wealth& other) {
    if (other.mantissa_ == 0) return *this;
    if (mantissa_ == 0) return *this = other;
    const int64_t apart = exponent_ - other.exponent_;
    if (apart >= 0) {
      mantissa_ += Shifted(other.mantissa_, -apart);
    } else {
      mantissa_ = Shifted(mantissa_, apart) + other.mantissa_;
      exponent_ = other.exponent_;
    }
    Normalise();
    return *this;
  }
  friend Wealth operator*(Wealth a, double by) { return a *= by; }
  friend bool operator<(const Wealth& a, const Wealth& b) {
    if (a.mantissa_ == 0 || b.mantissa_ == 0) return a.mantissa_ < b.mantissa_;
    return a.exponent_ != b.exponent_ ? a.exponent_ < b.exponent_ : a.mantissa_ < b.mantissa_;
  }

  double Log() const {
    return mantissa_ == 0
               ? -1e300
               : std::log(mantissa_) + static_cast<double>(exponent_) * 0.6931471805599453;
  }
  // At most 1e300, for people.
  double Shown() const {
    if (exponent_ > 996) return 1e300;
    return exponent_ < -1000 ? 0 : Shifted(mantissa_, exponent_);
  }

 private:
  static double Shifted(double value, int64_t by) {
    return by < -2000 ? 0 : std::ldexp(value, static_cast<int>(by));
  }
  void Normalise() {
    int shift = 0;
    mantissa_ = std::frexp(mantissa_, &shift);
    exponent_ = mantissa_ == 0 ? 0 : exponent_ + shift;
  }

  double mantissa_ = 0;
  int64_t exponent_ = 0;
};

}  // namespace headgate::rollout::analysis
