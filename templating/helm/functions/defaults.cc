// What stands in for values that are missing, and what values are.

#include <algorithm>
#include <string>

#include "templating/helm/functions/functions.h"
#include "templating/helm/functions/values.h"

namespace headgate::templating::helm {
namespace {

Value Default(Call& call) { return call.size() < 2 || IsEmpty(call[1]) ? call[0] : call[1]; }

Value Empty(Call& call) { return Value::Bool(IsEmpty(call[0])); }

Value Coalesce(Call& call) {
  for (const Value& value : call.arguments()) {
    if (!IsEmpty(value)) return value;
  }
  return {};
}

Value All(Call& call) {
  return Value::Bool(std::none_of(call.arguments().begin(), call.arguments().end(), IsEmpty));
}

Value Any(Call& call) {
  return Value::Bool(!std::all_of(call.arguments().begin(), call.arguments().end(), IsEmpty));
}

Value Ternary(Call& call) { return call.Bool(2) ? call[0] : call[1]; }

Value TypeOf(Call& call) { return Value::Text(TypeName(call[0])); }
Value KindOf(Call& call) { return Value::Text(KindName(call[0])); }
Value TypeIs(Call& call) { return Value::Bool(call.Text(0) == TypeName(call[1])); }
Value KindIs(Call& call) { return Value::Bool(call.Text(0) == KindName(call[1])); }

Value TypeIsLike(Call& call) {
  const std::string_view want = call.Text(0), type = TypeName(call[1]);
  return Value::Bool(type == want || (type.starts_with('*') && type.substr(1) == want));
}

Value DeepEquals(Call& call) { return Value::Bool(DeepEqual(call[0], call[1])); }

constexpr Type kAny = Type::kAny, kText = Type::kString;
constexpr Function kDefaults[] = {
    {"default", Params({kAny}).Rest(kAny), Default},
    {"empty", {kAny}, Empty},
    {"coalesce", Params().Rest(kAny), Coalesce},
    {"all", Params().Rest(kAny), All},
    {"any", Params().Rest(kAny), Any},
    {"ternary", {kAny, kAny, Type::kBool}, Ternary},
};

constexpr Function kReflection[] = {
    {"typeOf", {kAny}, TypeOf},
    {"typeIs", {kText, kAny}, TypeIs},
    {"typeIsLike", {kText, kAny}, TypeIsLike},
    {"kindOf", {kAny}, KindOf},
    {"kindIs", {kText, kAny}, KindIs},
    {"deepEqual", {kAny, kAny}, DeepEquals},
};

}  // namespace

void AddDefaults(FunctionTable* table) { table->Add(kDefaults); }
void AddReflection(FunctionTable* table) { table->Add(kReflection); }

}  // namespace headgate::templating::helm
