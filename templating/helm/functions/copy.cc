// deepCopy: mitchellh/copystructure 1.2.0.

#include <string>

#include "templating/helm/functions/functions.h"
#include "templating/helm/functions/values.h"
#include "templating/helm/functions/version_object.h"

namespace headgate::templating::helm {
namespace {

Value Copied(Call& call, const Value& value, int depth);

Value CopiedMap(Call& call, const Value& value, int depth) {
  Map* map = value.map();
  if (!map) return value;
  if (!call.Fits(map->size() * sizeof(Map::Entry))) return {};
  Map* copy = call.heap()->NewMap(map->size());
  for (const Map::Entry& entry : map->entries()) {
    copy->Set(entry.key, Copied(call, entry.value, depth), call.heap());
    if (call.failed()) break;
  }
  return Value::Of(copy, value.type());
}

Value CopiedList(Call& call, const Value& value, int depth) {
  // Bytes cannot be changed by a template.
  if (value.type() == Type::kBytes || value.is_null_reference()) return value;
  const std::span<Value> items = value.items();
  if (!call.Fits(items.size_bytes())) return {};
  const std::span<Value> copy = call.heap()->NewList(items.size());
  for (size_t i = 0; i < items.size() && !call.failed(); ++i) {
    copy[i] = Copied(call, items[i], depth);
  }
  return Value::List(copy, value.type());
}

// Fields that only their package sees are not copied: of a version its zero is left.
Value Copied(Call& call, const Value& value, int depth) {
  if (value.type() == Type::kVersion || value.type() == Type::kVersionValue) {
    return NewVersion(call, Version(), value.type());
  }
  if (!value.is_map() && !value.is_list()) return value;
  if (depth > kDepthMax) {
    return call.Fail("what is copied is nested more than " + std::to_string(kDepthMax) + " deep");
  }
  return value.is_map() ? CopiedMap(call, value, depth + 1) : CopiedList(call, value, depth + 1);
}

Value DeepCopy(Call& call) {
  if (call[0].is_nil()) return call.Fail("reflect: call of reflect.Value.Type on zero Value");
  return Copied(call, call[0], 0);
}

constexpr Function kFunctions[] = {
    {"deepCopy", {Type::kAny}, DeepCopy},
    {"mustDeepCopy", {Type::kAny}, DeepCopy},
};

}  // namespace

void AddCopies(FunctionTable* table) { table->Add(kFunctions); }

}  // namespace headgate::templating::helm
