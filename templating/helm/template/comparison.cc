#include "templating/helm/template/comparison.h"

#include <optional>
#include <string>

#include "templating/helm/template/printf.h"

namespace headgate::templating::helm {
namespace {

enum class Basic : uint8_t { kNone, kBool, kComplex, kInt, kFloat, kString, kUint };

Basic BasicOf(const Value& value) {
  switch (value.kind()) {
    case Kind::kBool:
      return Basic::kBool;
    case Kind::kInt:
    case Kind::kInt32:
    case Kind::kInt64:
      return Basic::kInt;
    case Kind::kUint8:
    case Kind::kUint32:
    case Kind::kUint64:
      return Basic::kUint;
    case Kind::kFloat64:
      return Basic::kFloat;
    case Kind::kComplex128:
      return Basic::kComplex;
    case Kind::kString:
      return Basic::kString;
    default:
      return Basic::kNone;
  }
}

std::string Incompatible(const Value& a, const Value& b) {
  return "incompatible types for comparison: " + std::string(TypeName(a)) + " and " +
         std::string(TypeName(b));
}

std::string Shown(const char* format, std::initializer_list<Value> values) {
  std::string shown;
  AppendPrintf(&shown, format, {values.begin(), values.size()}, 1 << 20);
  return shown;
}

uint64_t Natural(const Value& value) { return static_cast<uint64_t>(value.integer()); }

// Two of the same basic kind.
bool SameBasic(Basic basic, const Value& a, const Value& b) {
  switch (basic) {
    case Basic::kComplex:
      return a.complex() == b.complex();
    case Basic::kFloat:
      return a.number() == b.number();
    case Basic::kString:
      return a.text() == b.text();
    default:
      return a.integer() == b.integer();
  }
}

// Two that are no numbers, texts or bools. Nothing with an error: they cannot be compared.
std::optional<bool> SameOther(const Value& a, const Value& b, std::string* error) {
  if (a.kind() != b.kind() && !a.is_nil() && !b.is_nil()) {
    *error = "non-comparable types " + Shown("%s", {a}) + ": " + std::string(TypeName(a)) + ", " +
             std::string(TypeName(b)) + ": " + Shown("%v", {b});
    return std::nullopt;
  }
  const bool a_nil = a.is_nil() || a.is_null_reference();
  const bool b_nil = b.is_nil() || b.is_null_reference();
  if (a_nil || b_nil) return a_nil == b_nil;
  if (b.is_list() || b.is_map()) {
    *error = "non-comparable type " + Shown("%s", {b}) + ": " + std::string(TypeName(b));
    return std::nullopt;
  }
  if (a.type() != b.type()) return false;
  if (a.kind() == Kind::kPointer) return a.object() == b.object();
  return DeepEqual(a, b);
}

std::optional<bool> Same(const Value& a, const Value& b, std::string* error) {
  const Basic ours = BasicOf(a), theirs = BasicOf(b);
  if (ours == theirs) {
    return ours == Basic::kNone ? SameOther(a, b, error) : SameBasic(ours, a, b);
  }
  if (ours == Basic::kInt && theirs == Basic::kUint) {
    return a.integer() >= 0 && Natural(a) == Natural(b);
  }
  if (ours == Basic::kUint && theirs == Basic::kInt) {
    return b.integer() >= 0 && Natural(a) == Natural(b);
  }
  if (a.is_nil() || b.is_nil()) return false;
  *error = Incompatible(a, b);
  return std::nullopt;
}

std::optional<bool> Before(const Value& a, const Value& b, std::string* error) {
  const Basic ours = BasicOf(a), theirs = BasicOf(b);
  constexpr const char* kBad = "invalid type for comparison";
  if (ours == Basic::kNone || theirs == Basic::kNone) {
    *error = kBad;
    return std::nullopt;
  }
  if (ours == Basic::kInt && theirs == Basic::kUint) {
    return a.integer() < 0 || Natural(a) < Natural(b);
  }
  if (ours == Basic::kUint && theirs == Basic::kInt) {
    return b.integer() >= 0 && Natural(a) < Natural(b);
  }
  if (ours != theirs) {
    *error = Incompatible(a, b);
    return std::nullopt;
  }
  switch (ours) {
    case Basic::kFloat:
      return a.number() < b.number();
    case Basic::kInt:
      return a.integer() < b.integer();
    case Basic::kUint:
      return Natural(a) < Natural(b);
    case Basic::kString:
      return a.text() < b.text();
    default:
      *error = kBad;
      return std::nullopt;
  }
}

Value Result(Call& call, std::optional<bool> result, std::string error) {
  return result ? Value::Bool(*result) : call.Fail(std::move(error));
}

std::optional<bool> Not(std::optional<bool> result) {
  return result ? std::optional(!*result) : result;
}

std::optional<bool> BeforeOrSame(const Value& a, const Value& b, std::string* error) {
  const std::optional<bool> before = Before(a, b, error);
  return !before || *before ? before : Same(a, b, error);
}

}  // namespace

// Of the first with any of the others.
Value Equal(Call& call) {
  if (call.size() < 2) return call.Fail("missing argument for comparison");
  for (size_t i = 1; i < call.size(); ++i) {
    std::string error;
    const std::optional<bool> same = Same(call[0], call[i], &error);
    if (!same) return call.Fail(std::move(error));
    if (*same) return Value::Bool(true);
  }
  return Value::Bool(false);
}

Value NotEqual(Call& call) {
  std::string error;
  const std::optional<bool> same = Same(call[0], call[1], &error);
  return Result(call, Not(same), std::move(error));
}

Value Less(Call& call) {
  std::string error;
  const std::optional<bool> before = Before(call[0], call[1], &error);
  return Result(call, before, std::move(error));
}

Value LessOrEqual(Call& call) {
  std::string error;
  const std::optional<bool> before = BeforeOrSame(call[0], call[1], &error);
  return Result(call, before, std::move(error));
}

Value Greater(Call& call) {
  std::string error;
  const std::optional<bool> before = BeforeOrSame(call[0], call[1], &error);
  return Result(call, Not(before), std::move(error));
}

// Not less: a NaN is greater than or equal to everything.
Value GreaterOrEqual(Call& call) {
  std::string error;
  const std::optional<bool> before = Before(call[0], call[1], &error);
  return Result(call, Not(before), std::move(error));
}

}  // namespace headgate::templating::helm
