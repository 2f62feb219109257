#include "templating/helm/chart/struct_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "templating/helm/yaml_read.h"

namespace headgate::templating::helm {
namespace {

char LowerCase(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

bool SameName(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return LowerCase(x) == LowerCase(y); });
}

}  // namespace

void StructReader::Struct(const Value& value, std::string_view where,
                          std::initializer_list<Field> fields) {
  if (value.is_nil()) return;
  if (!value.is_map()) return Fault(where, "a map", value);
  for (const Map::Entry& entry : value.map()->entries()) {
    for (const Field& field : fields) {
      if (SameName(field.name, entry.key)) field.take(entry.value);
    }
  }
}

void StructReader::Fault(std::string_view where, std::string_view wanted, const Value& found) {
  if (!error_.empty()) return;
  const std::string_view what = found.is_map()    ? "a map"
                                : found.is_list() ? "a list"
                                                  : TypeName(found);
  error_ = fmt::format("{}: {}: {} expected, {} found", file_, where, wanted, what);
}

void StructReader::Text(const Value& value, std::string_view where, std::string_view* text) {
  if (value.is_nil()) return;
  if (value.is_string()) {
    *text = value.text();
  } else if (const std::optional<std::string> scalar = ScalarText(value)) {
    *text = heap_->Copy(*scalar);
  } else {
    Fault(where, "a text", value);
  }
}

void StructReader::Bool(const Value& value, std::string_view where, bool* flag) {
  if (value.is_nil()) return;
  if (!value.is_bool()) return Fault(where, "true or false", value);
  *flag = value.boolean();
}

void StructReader::TextMap(const Value& value, std::string_view where, Map** map) {
  if (value.is_nil()) {
    *map = nullptr;
    return;
  }
  if (!value.is_map()) return Fault(where, "a map", value);
  if (!*map) *map = heap_->NewMap();
  for (const Map::Entry& entry : value.map()->entries()) {
    std::string_view text;
    Text(entry.value, where, &text);
    (*map)->Set(entry.key, Value::Text(text), heap_);
  }
}

}  // namespace headgate::templating::helm
