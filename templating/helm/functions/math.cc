// Arithmetic: on int64, whose overflow wraps around, and on floats through decimals.

#include <algorithm>
#include <cmath>
#include <string>

#include "templating/helm/functions/decimal.h"
#include "templating/helm/functions/functions.h"
#include "templating/helm/functions/values.h"
#include "templating/helm/strconv.h"
#include "templating/helm/template/printf.h"

namespace headgate::templating::helm {
namespace {

uint64_t Wrapping(const Value& value) { return static_cast<uint64_t>(ToInt64(value)); }
Value Wrapped(uint64_t number) { return Value::Int64(static_cast<int64_t>(number)); }

Value Add(Call& call) {
  uint64_t sum = 0;
  for (const Value& value : call.arguments()) sum += Wrapping(value);
  return Wrapped(sum);
}
Value Add1(Call& call) { return Wrapped(Wrapping(call[0]) + 1); }
Value Sub(Call& call) { return Wrapped(Wrapping(call[0]) - Wrapping(call[1])); }
Value Mul(Call& call) {
  uint64_t product = 1;
  for (const Value& value : call.arguments()) product *= Wrapping(value);
  return Wrapped(product);
}

Value Div(Call& call) {
  const int64_t by = ToInt64(call[1]);
  if (by == 0) return call.Fail("runtime error: integer divide by zero");
  return by == -1 ? Wrapped(0 - Wrapping(call[0])) : Value::Int64(ToInt64(call[0]) / by);
}
Value Mod(Call& call) {
  const int64_t by = ToInt64(call[1]);
  if (by == 0) return call.Fail("runtime error: integer divide by zero");
  return Value::Int64(by == -1 ? 0 : ToInt64(call[0]) % by);
}

Value Max(Call& call) {
  int64_t best = INT64_MIN;
  for (const Value& value : call.arguments()) best = std::max(best, ToInt64(value));
  return Value::Int64(best);
}
Value Min(Call& call) {
  int64_t best = INT64_MAX;
  for (const Value& value : call.arguments()) best = std::min(best, ToInt64(value));
  return Value::Int64(best);
}

// As IEEE 754 orders them: what is no number wins, unless there is the infinity that was sought; 0
// is more than -0.
double Chosen(double a, double b, bool largest) {
  const double infinity = largest ? INFINITY : -INFINITY;
  if (a == infinity || b == infinity) return infinity;
  if (std::isnan(a) || std::isnan(b)) return NAN;
  if (a == 0 && b == 0) return std::signbit(a) == largest ? b : a;
  return largest ? std::max(a, b) : std::min(a, b);
}
Value Extreme(Call& call, bool largest) {
  double best = ToFloat(call[0]);
  for (const Value& value : call.From(1)) best = Chosen(best, ToFloat(value), largest);
  return Value::Float(best);
}
Value MaxF(Call& call) { return Extreme(call, true); }
Value MinF(Call& call) { return Extreme(call, false); }

Value Floor(Call& call) { return Value::Float(std::floor(ToFloat(call[0]))); }
Value Ceil(Call& call) { return Value::Float(std::ceil(ToFloat(call[0]))); }

// 10 to that power, by squarings, as Go's math.Pow: its last digits show.
double PowerOfTen(int64_t power) {
  if (power == 0) return 1;
  if (power == 1) return 10;
  double mantissa = 1;
  int exponent = 0, square_exponent = 0;
  double square = std::frexp(10.0, &square_exponent);
  for (uint64_t bits = static_cast<uint64_t>(power < 0 ? -power : power); bits != 0; bits >>= 1) {
    if (square_exponent < -(1 << 12) || square_exponent > 1 << 12) {
      exponent += square_exponent;
      break;
    }
    if (bits & 1) {
      mantissa *= square;
      exponent += square_exponent;
    }
    square *= square;
    square_exponent *= 2;
    if (square < 0.5) {
      square += square;
      --square_exponent;
    }
  }
  return power < 0 ? std::ldexp(1 / mantissa, -exponent) : std::ldexp(mantissa, exponent);
}

Value Round(Call& call) {
  constexpr int64_t kPowerMax = 1'000'000;  // far beyond the largest float
  const double up_from = call.size() > 2 ? call.Float(2) : 0.5;
  const double power = PowerOfTen(std::clamp(call.Int(1), -kPowerMax, kPowerMax));
  const double digits = power * ToFloat(call[0]);
  double whole = 0;
  const double fraction = std::modf(digits, &whole);
  return Value::Float((fraction >= up_from ? std::ceil(digits) : std::floor(digits)) / power);
}

// Digits of base 8.
Value ToDecimal(Call& call) {
  const Parsed<int64_t> parsed = ParseInt(ShowPlain(call, call[0]), 8);
  return Value::Int64(parsed ? parsed.number : 0);
}

Value Atoi(Call& call) {
  const Parsed<int64_t> parsed = ParseInt(call.Text(0), 10);
  return Value::Int(parsed.fault == NumberFault::kSyntax ? 0 : parsed.number);
}
Value Int(Call& call) { return Value::Int(ToInt64(call[0])); }
Value Int64(Call& call) { return Value::Int64(ToInt64(call[0])); }
Value Float64(Call& call) { return Value::Float(ToFloat(call[0])); }

// A calculation from left to right with decimals.
template <class Step>
Value Calculated(Call& call, double from, std::span<const Value> with, Step step) {
  std::optional<Decimal> result = Decimal::Of(from);
  double read = from;
  for (size_t i = 0; result && i < with.size(); ++i) {
    read = ToFloat(with[i]);
    const std::optional<Decimal> next = Decimal::Of(read);
    if (next && !(result = step(*result, *next))) return call.Fail("decimal division by 0");
    if (!next) result.reset();
  }
  if (!result) return call.Fail("Cannot create a Decimal from " + FormatFloat(read));
  return Value::Float(result->ToDouble());
}

std::optional<Decimal> Sum(const Decimal& a, const Decimal& b) { return a.Plus(b); }
std::optional<Decimal> Difference(const Decimal& a, const Decimal& b) { return a.Minus(b); }
std::optional<Decimal> Product(const Decimal& a, const Decimal& b) { return a.Times(b); }
std::optional<Decimal> Quotient(const Decimal& a, const Decimal& b) { return a.Over(b); }

Value AddF(Call& call) { return Calculated(call, 0, call.arguments(), Sum); }
Value Add1F(Call& call) {
  const Value one = Value::Int(1);
  return Calculated(call, ToFloat(call[0]), {&one, 1}, Sum);
}
Value SubF(Call& call) { return Calculated(call, ToFloat(call[0]), call.From(1), Difference); }
Value MulF(Call& call) { return Calculated(call, ToFloat(call[0]), call.From(1), Product); }
Value DivF(Call& call) { return Calculated(call, ToFloat(call[0]), call.From(1), Quotient); }

constexpr Type kAny = Type::kAny;
constexpr Function kFunctions[] = {
    {"add", Params().Rest(kAny), Add},
    {"add1", {kAny}, Add1},
    {"sub", {kAny, kAny}, Sub},
    {"mul", Params({kAny}).Rest(kAny), Mul},
    {"div", {kAny, kAny}, Div},
    {"mod", {kAny, kAny}, Mod},
    {"max", Params({kAny}).Rest(kAny), Max},
    {"biggest", Params({kAny}).Rest(kAny), Max},
    {"min", Params({kAny}).Rest(kAny), Min},
    {"maxf", Params({kAny}).Rest(kAny), MaxF},
    {"minf", Params({kAny}).Rest(kAny), MinF},
    {"floor", {kAny}, Floor},
    {"ceil", {kAny}, Ceil},
    {"round", Params({kAny, Type::kInt}).Rest(Type::kFloat64), Round},
    {"toDecimal", {kAny}, ToDecimal},
    {"atoi", {Type::kString}, Atoi},
    {"int", {kAny}, Int},
    {"int64", {kAny}, Int64},
    {"float64", {kAny}, Float64},
    {"addf", Params().Rest(kAny), AddF},
    {"add1f", {kAny}, Add1F},
    {"subf", Params({kAny}).Rest(kAny), SubF},
    {"mulf", Params({kAny}).Rest(kAny), MulF},
    {"divf", Params({kAny}).Rest(kAny), DivF},
};

}  // namespace

void AddMath(FunctionTable* table) { table->Add(kFunctions); }

}  // namespace headgate::templating::helm
