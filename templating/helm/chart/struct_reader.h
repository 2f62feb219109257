#pragma once

#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "templating/helm/value.h"

namespace headgate::templating::helm {

// Puts what ReadYaml gives (with its numbers kept) into structs, as sigs.k8s.io/yaml and Go's
// encoding/json do: names in any case, numbers and Booleans as texts where texts are wanted, null
// changes nothing, lists are overwritten item by item, and a fault does not keep the rest from
// being read.
class StructReader {
 public:
  StructReader(std::string_view file, Heap* heap) : file_(file), heap_(heap) {}

  // A field of a struct: its name, and what takes its value.
  struct Field {
    std::string_view name;
    std::function<void(const Value&)> take;
  };
  void Struct(const Value& value, std::string_view where, std::initializer_list<Field> fields);

  void Text(const Value& value, std::string_view where, std::string_view* text);
  void Bool(const Value& value, std::string_view where, bool* flag);
  template <class T, class Take>
  void List(const Value& value, std::string_view where, std::vector<T>* list, const Take& take) {
    if (value.is_nil()) return list->clear();
    if (value.type() != Type::kList) return Fault(where, "a list", value);
    list->resize(value.size());
    for (size_t i = 0; i < value.size(); ++i) take(value.items()[i], &(*list)[i]);
  }
  void Texts(const Value& value, std::string_view where, std::vector<std::string_view>* list) {
    List(value, where, list,
         [&](const Value& item, std::string_view* text) { Text(item, where, text); });
  }
  void TextMap(const Value& value, std::string_view where, Map** map);

  core::Status status() const { return error_.empty() ? core::Ok() : core::Invalid(error_); }
  Heap* heap() { return heap_; }

 private:
  void Fault(std::string_view where, std::string_view wanted, const Value& found);

  std::string_view file_;
  Heap* heap_;
  std::string error_;  // the first
};

}  // namespace headgate::templating::helm
