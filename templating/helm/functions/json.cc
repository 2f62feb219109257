// JSON: sprig's functions, and Helm's in their places.

#include <string>

#include "templating/helm/functions/functions.h"
#include "templating/helm/functions/json_write.h"
#include "templating/helm/json_read.h"

namespace headgate::templating::helm {
namespace {

// What cannot be printed is "", or an error where it `must`.
Value Shown(Call& call, const JsonStyle& style, bool must) {
  std::string text, error;
  if (WriteJson(call.heap(), call[0], style, call.context().limits.text_bytes, &text, &error)) {
    return call.Fits(text.size()) ? call.New(text) : Value();
  }
  if (error.empty()) {
    call.Fits(SIZE_MAX);
    return {};
  }
  return must ? call.Fail(error) : Value::Text("");
}

Value ToJson(Call& call) { return Shown(call, {}, false); }
Value MustToJson(Call& call) { return Shown(call, {}, true); }
Value ToPrettyJson(Call& call) { return Shown(call, {true, true}, false); }
Value MustToPrettyJson(Call& call) { return Shown(call, {true, true}, true); }
Value ToRawJson(Call& call) { return Shown(call, {false, false}, true); }

// A value's kind, as Go's JSON names what does not fit.
std::string_view JsonKind(const Value& value) {
  if (value.is_map()) return "object";
  if (value.is_list()) return "array";
  return value.is_string() ? "string" : value.is_bool() ? "bool" : "number";
}

// An error is an entry of the result.
Value FromJson(Call& call) {
  Map* map = call.heap()->NewMap();
  const core::Result<Value> read = ReadJson(call.Text(0), call.heap());
  if (read && read->is_map()) return *read;
  if (read && read->is_nil()) return Value::Nil(Type::kMap);
  const std::string error = read ? "json: cannot unmarshal " + std::string(JsonKind(*read)) +
                                       " into Go value of type map[string]interface {}"
                                 : read.error().text();
  map->Set("Error", call.New(error), call.heap());
  return Value::Of(map);
}

Value FromJsonArray(Call& call) {
  const core::Result<Value> read = ReadJson(call.Text(0), call.heap());
  if (read && read->is_list()) return *read;
  if (read && read->is_nil()) return Value::Nil(Type::kList);
  const std::span<Value> items = call.heap()->NewList(1);
  items[0] = call.New(read ? "json: cannot unmarshal " + std::string(JsonKind(*read)) +
                                 " into Go value of type []interface {}"
                           : read.error().text());
  return Value::List(items);
}

Value MustFromJson(Call& call) {
  const core::Result<Value> read = ReadJson(call.Text(0), call.heap());
  return read ? *read : call.Fail(read.error().text());
}

constexpr Function kFunctions[] = {
    {"toJson", {Type::kAny}, ToJson},
    {"mustToJson", {Type::kAny}, MustToJson},
    {"toPrettyJson", {Type::kAny}, ToPrettyJson},
    {"mustToPrettyJson", {Type::kAny}, MustToPrettyJson},
    {"toRawJson", {Type::kAny}, ToRawJson},
    {"mustToRawJson", {Type::kAny}, ToRawJson},
    {"fromJson", {Type::kString}, FromJson},
    {"fromJsonArray", {Type::kString}, FromJsonArray},
    {"mustFromJson", {Type::kString}, MustFromJson},
};

}  // namespace

void AddJson(FunctionTable* table) { table->Add(kFunctions); }

}  // namespace headgate::templating::helm
