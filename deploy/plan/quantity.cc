#include "deploy/plan/quantity.h"

#include <cmath>
#include <cstdlib>
#include <iterator>
#include <string>

namespace headgate::deploy {
namespace {

struct Suffix {
  std::string_view name;
  long double factor;
};

constexpr Suffix kSuffixes[] = {
    {"", 1.0L},      {"n", 1e-9L},    {"u", 1e-6L},    {"m", 1e-3L},
    {"k", 1e3L},     {"M", 1e6L},     {"G", 1e9L},     {"T", 1e12L},
    {"P", 1e15L},    {"E", 1e18L},    {"Ki", 1024.0L}, {"Mi", 1048576.0L},
    {"Gi", 0x1p30L}, {"Ti", 0x1p40L}, {"Pi", 0x1p50L}, {"Ei", 0x1p60L},
};

std::optional<long double> NumberOf(const core::Value& value) {
  if (const int64_t* n = value.AsInt()) return static_cast<long double>(*n);
  if (const double* d = value.AsFloat()) return static_cast<long double>(*d);
  return value.AsString() ? ParseQuantity(*value.AsString()) : std::nullopt;
}

}  // namespace

std::optional<long double> ParseQuantity(std::string_view text) {
  const size_t digits = text.find_first_not_of("+-.0123456789");
  const std::string number(text.substr(0, digits));
  std::string_view rest = digits == std::string_view::npos ? "" : text.substr(digits);
  if (number.find_first_of("0123456789") == std::string::npos) return std::nullopt;

  char* end = nullptr;
  long double value = std::strtold(number.c_str(), &end);
  if (end != number.c_str() + number.size()) return std::nullopt;
  if (rest.size() > 1 && (rest[0] == 'e' || rest[0] == 'E') && rest != "Ei") {
    const std::string exponent(rest.substr(1));
    const long power = std::strtol(exponent.c_str(), &end, 10);
    if (end != exponent.c_str() + exponent.size()) return std::nullopt;
    return value * std::pow(10.0L, static_cast<long double>(power));
  }
  for (const Suffix& suffix : kSuffixes) {
    if (suffix.name == rest) return value * suffix.factor;
  }
  return std::nullopt;
}

bool SameQuantity(const core::Value& a, const core::Value& b) {
  const std::optional<long double> left = NumberOf(a);
  const std::optional<long double> right = NumberOf(b);
  if (!left || !right) return false;
  return std::fabs(*left - *right) <= 1e-12L * std::fmax(std::fabs(*left), std::fabs(*right));
}

}  // namespace headgate::deploy
