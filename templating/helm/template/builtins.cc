#include "templating/helm/template/builtins.h"

namespace headgate::templating::helm {
namespace {

Value Required(Call& call) {
  const Value& value = call[1];
  if (value.is_nil() || (value.is_string() && value.text().empty())) {
    return call.FailForUser(std::string(call.Text(0)));
  }
  return value;
}

Value Fail(Call& call) { return call.FailForUser(std::string(call.Text(0))); }

constexpr Function kFunctions[] = {
    {"and", Params({Type::kReflect}).Rest(Type::kReflect), nullptr, Special::kAnd},
    {"or", Params({Type::kReflect}).Rest(Type::kReflect), nullptr, Special::kOr},
    {"include", {Type::kString, Type::kAny}, nullptr, Special::kInclude},
    {"tpl", {Type::kString, Type::kAny}, nullptr, Special::kTpl},
    {"required", {Type::kString, Type::kAny}, Required},
    {"fail", {Type::kString}, Fail},
};

}  // namespace

std::span<const Function> Builtins() { return kFunctions; }

}  // namespace headgate::templating::helm
