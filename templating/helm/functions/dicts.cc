// Maps by string. Sorted wherever Go's order is random.

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "templating/helm/functions/functions.h"
#include "templating/helm/functions/values.h"

namespace headgate::templating::helm {
namespace {

Value Dict(Call& call) {
  Map* map = call.heap()->NewMap((call.size() + 1) / 2);
  for (size_t i = 0; i < call.size(); i += 2) {
    const Value value = i + 1 < call.size() ? call[i + 1] : Value::Text("");
    map->Set(ShowText(call, call[i]), value, call.heap());
  }
  return Value::Of(map);
}

const Value* Find(const Map* map, std::string_view key) { return map ? map->Find(key) : nullptr; }

Value Get(Call& call) {
  const Value* found = Find(call.map(0), call.Text(1));
  return found ? *found : Value::Text("");
}

Value Set(Call& call) {
  if (!call.map(0)) return call.Fail("assignment to entry in nil map");
  call.map(0)->Set(call.Text(1), call[2], call.heap());
  return Value::Of(call.map(0));
}

Value Unset(Call& call) {
  if (call.map(0)) call.map(0)->Erase(call.Text(1));
  return Value::Of(call.map(0));
}

Value HasKey(Call& call) { return Value::Bool(Find(call.map(0), call.Text(1)) != nullptr); }

Value Pluck(Call& call) {
  std::vector<Value> found;
  for (size_t i = 1; i < call.size(); ++i) {
    if (const Value* value = Find(call.map(i), call.Text(0))) found.push_back(*value);
  }
  return NewItems(call, found);
}

Value Keys(Call& call) {
  std::vector<std::string_view> keys;
  for (const Value& dict : call.arguments()) {
    if (!dict.map()) continue;
    for (const Map::Entry& entry : dict.map()->entries()) keys.push_back(entry.key);
  }
  return NewTexts(call, keys);
}

Value Values(Call& call) {
  std::vector<Value> values;
  if (call.map(0)) {
    for (const Map::Entry& entry : call.map(0)->entries()) values.push_back(entry.value);
  }
  return NewItems(call, values);
}

Value Pick(Call& call) {
  Map* picked = call.heap()->NewMap(call.size() - 1);
  for (const Value& key : call.From(1)) {
    const Value* found = Find(call.map(0), key.text());
    if (found) picked->Set(key.text(), *found, call.heap());
  }
  return Value::Of(picked);
}

Value Omit(Call& call) {
  std::vector<std::string_view> omitted;
  for (const Value& key : call.From(1)) omitted.push_back(key.text());
  std::sort(omitted.begin(), omitted.end());
  const size_t size = call.map(0) ? call.map(0)->size() : 0;
  if (!call.Fits(size * sizeof(Map::Entry))) return {};
  Map* kept = call.heap()->NewMap(size);
  if (call.map(0)) {
    for (const Map::Entry& entry : call.map(0)->entries()) {
      if (std::binary_search(omitted.begin(), omitted.end(), entry.key)) continue;
      kept->Set(entry.key, entry.value, call.heap());
    }
  }
  return Value::Of(kept);
}

// A type assertion: only that very type will do.
bool Is(Call& call, const Value& value, Type type) {
  if (value.type() == type) return true;
  call.Fail("interface conversion: interface {} is " +
            std::string(value.is_nil() ? "nil" : TypeName(value)) + ", not " +
            std::string(Name(type)));
  return false;
}

// (key, key..., default, dict)
Value Dig(Call& call) {
  if (call.size() < 3) return call.Fail("dig needs at least three arguments");
  const size_t keys = call.size() - 2;
  Value at = call[call.size() - 1];
  if (!Is(call, at, Type::kMap)) return {};
  for (size_t i = 0; i < keys; ++i) {
    if (!Is(call, call[i], Type::kString)) return {};
  }
  for (size_t i = 0; i < keys; ++i) {
    if (!Is(call, at, Type::kMap)) return {};
    const Value* found = Find(at.map(), call[i].text());
    if (!found) return call[keys];
    at = *found;
  }
  return at;
}

constexpr Type kMap = Type::kMap, kText = Type::kString, kAny = Type::kAny;
constexpr Function kFunctions[] = {
    {"dict", Params().Rest(kAny), Dict},        {"get", {kMap, kText}, Get},
    {"set", {kMap, kText, kAny}, Set},          {"unset", {kMap, kText}, Unset},
    {"hasKey", {kMap, kText}, HasKey},          {"pluck", Params({kText}).Rest(kMap), Pluck},
    {"keys", Params().Rest(kMap), Keys},        {"values", {kMap}, Values},
    {"pick", Params({kMap}).Rest(kText), Pick}, {"omit", Params({kMap}).Rest(kText), Omit},
    {"dig", Params().Rest(kAny), Dig},
};

}  // namespace

void AddDicts(FunctionTable* table) { table->Add(kFunctions); }

}  // namespace headgate::templating::helm
