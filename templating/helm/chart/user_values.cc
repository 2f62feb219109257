#include "templating/helm/chart/user_values.h"

#include <fmt/format.h>

#include "templating/helm/chart/load.h"
#include "templating/helm/chart/text.h"
#include "templating/helm/json_read.h"

namespace headgate::templating::helm {
namespace {

// An object of JSON is merged whole; anything else is of the form key=value.
core::Status MergeJson(const std::string& line, Map* values, Heap* heap,
                       const ChartLimits& limits) {
  const std::string_view text = TrimSpace(line);
  if (!text.starts_with('{')) return ApplySet(SetKind::kJson, line, values, heap, limits);
  const core::Result<Value> object = ReadJson(heap->Copy(text), heap);
  if (!object) return object.error();
  MergeMaps(values, object->map(), heap);
  return core::Ok();
}

}  // namespace

Value FromDocument(const core::Value& value, Heap* heap) {
  if (const bool* flag = value.AsBool()) return Value::Bool(*flag);
  if (const int64_t* number = value.AsInt()) return Value::Float(static_cast<double>(*number));
  if (const double* number = value.AsFloat()) return Value::Float(*number);
  if (const std::string* text = value.AsString()) return Value::Text(*text, heap);
  if (const core::List* list = value.AsList()) {
    const std::span<Value> items = heap->NewList(list->size());
    for (size_t i = 0; i < items.size(); ++i) items[i] = FromDocument((*list)[i], heap);
    return Value::List(items);
  }
  if (const core::Map* map = value.AsMap()) {
    Map* made = heap->NewMap(map->size());
    for (const auto& [key, item] : *map) made->Set(heap->Copy(key), FromDocument(item, heap), heap);
    return Value::Of(made);
  }
  return {};
}

core::Value ToDocument(const Value& value) {
  if (value.is_bool()) return value.boolean();
  if (value.is_string()) return value.text();
  if (value.is_float()) return value.number();
  if (value.type() == Type::kUint64) {
    return static_cast<double>(static_cast<uint64_t>(value.integer()));
  }
  if (value.is_integer()) return value.integer();
  if (value.is_list()) {
    core::List list;
    for (const Value& item : value.items()) list.push_back(ToDocument(item));
    return list;
  }
  core::Map map;
  if (!value.is_map() || !value.map()) return nullptr;
  for (const Map::Entry& entry : value.map()->entries()) {
    map.Append(std::string(entry.key), ToDocument(entry.value));
  }
  return map;
}

core::Result<Map*> MergeUserValues(const ChartOptions& options, Heap* heap) {
  const ChartLimits& limits = options.limits;
  Map* values = heap->NewMap();
  for (const ValuesFile& file : options.values_files) {
    core::Result<Map*> read = ReadValues(file.text, file.name, heap, limits);
    if (!read) return read.error();
    MergeMaps(values, *read, heap);
  }
  if (!options.values.is_null()) {
    const Value given = FromDocument(options.values, heap);
    if (!given.is_map()) return core::Invalid("values: a map expected");
    MergeMaps(values, given.map(), heap);
  }
  for (const std::string& line : options.set_json) {
    const core::Status merged = MergeJson(line, values, heap, limits);
    if (!merged) return merged.error().In("--set-json");
  }
  const struct {
    SetKind kind;
    const char* flag;
    const std::vector<std::string>& lines;
  } kSets[] = {{SetKind::kTyped, "--set", options.set},
               {SetKind::kString, "--set-string", options.set_string},
               {SetKind::kFile, "--set-file", options.set_file},
               {SetKind::kLiteral, "--set-literal", options.set_literal}};
  for (const auto& [kind, flag, lines] : kSets) {
    for (const std::string& line : lines) {
      const core::Status applied = ApplySet(kind, line, values, heap, limits, options.read_file);
      if (!applied) return applied.error().In(flag);
    }
  }
  return values;
}

}  // namespace headgate::templating::helm
