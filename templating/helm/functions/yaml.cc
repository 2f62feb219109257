// toYaml and its relatives: Helm's own. toYaml prints as sigs.k8s.io/yaml does (through JSON, then
// by go-yaml 2), toYamlPretty as go-yaml 3 does.

#include <string>

#include "templating/helm/functions/functions.h"
#include "templating/helm/functions/yaml_error.h"
#include "templating/helm/functions/yaml_node.h"
#include "templating/helm/yaml_read.h"
#include "templating/yaml/emit.h"

namespace headgate::templating::helm {
namespace {

// What a tree may take for each byte of text it may become.
constexpr size_t kTreeBytes = 8;

// What cannot be printed is "", or an error where it `must`.
Value Shown(Call& call, const Value& value, Encoding encoding, bool must) {
  const size_t text_bytes = call.context().limits.text_bytes;
  yaml::Arena arena;
  std::string error, text;
  const yaml::Node* node =
      ToYamlNode(call.heap(), &arena, value, encoding, text_bytes * kTreeBytes, &error);
  if (!node && error.empty()) {
    call.Fits(SIZE_MAX);
    return {};
  }
  if (node) {
    const core::Status done = encoding == Encoding::kJson ? yaml::EmitValue(*node, &text)
                                                          : yaml::EmitKept(*node, &text, false);
    if (!done) error = done.error().text();
  }
  if (!error.empty()) return must ? call.Fail(error) : Value::Text("");
  if (text.ends_with('\n')) text.pop_back();
  return call.Fits(text.size()) ? call.New(text) : Value();
}

Value ToYaml(Call& call) { return Shown(call, call[0], Encoding::kJson, false); }
Value MustToYaml(Call& call) { return Shown(call, call[0], Encoding::kJson, true); }
Value ToYamlPretty(Call& call) { return Shown(call, call[0], Encoding::kYaml3, false); }

std::string_view JsonKind(const Value& value) {
  if (value.is_map()) return "object";
  if (value.is_list()) return "array";
  return value.is_string() ? "string" : value.is_bool() ? "bool" : "number";
}

std::string Mismatch(const Value& value, const char* type) {
  return "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal " +
         std::string(JsonKind(value)) + " into Go value of type " + type;
}

// An error is an entry of the result.
Value FromYaml(Call& call) {
  const core::Result<Value> read = ReadYaml(call.Text(0), "", call.heap());
  if (read && read->is_map()) return *read;
  Map* map = call.heap()->NewMap();
  if (read && read->is_nil()) return Value::Of(map);
  const std::string error = read ? Mismatch(*read, "map[string]interface {}")
                                 : YamlErrorForCharts(call.Text(0), read.error().text());
  map->Set("Error", call.New(error), call.heap());
  return Value::Of(map);
}

Value FromYamlArray(Call& call) {
  const core::Result<Value> read = ReadYaml(call.Text(0), "", call.heap());
  if (read && read->is_list()) return *read;
  if (read && read->is_nil()) return Value::List(call.heap()->NewList(0));
  const std::span<Value> items = call.heap()->NewList(1);
  items[0] = call.New(read ? Mismatch(*read, "[]interface {}")
                           : YamlErrorForCharts(call.Text(0), read.error().text()));
  return Value::List(items);
}

constexpr Function kFunctions[] = {
    {"toYaml", {Type::kAny}, ToYaml},
    {"mustToYaml", {Type::kAny}, MustToYaml},
    {"toYamlPretty", {Type::kAny}, ToYamlPretty},
    {"fromYaml", {Type::kString}, FromYaml},
    {"fromYamlArray", {Type::kString}, FromYamlArray},
};

}  // namespace

Value ToYaml(Call& call, const Value& value) { return Shown(call, value, Encoding::kJson, false); }

void AddYaml(FunctionTable* table) { table->Add(kFunctions); }

}  // namespace headgate::templating::helm
