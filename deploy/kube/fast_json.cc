#include "deploy/kube/fast_json.h"

#include <simdjson.h>

namespace headgate::deploy {
namespace {

using simdjson::dom::element;

// simdjson itself refuses what is nested deeper than 1024.
core::Value ValueOf(const element& at) {
  switch (at.type()) {
    case simdjson::dom::element_type::OBJECT: {
      core::Map map;
      // A value of its own: value_unsafe() refers into the result, which is gone by the loop.
      const simdjson::dom::object fields = at.get_object().value_unsafe();
      for (const auto& field : fields) {
        map.Append(std::string(field.key), ValueOf(field.value));
      }
      return map;
    }
    case simdjson::dom::element_type::ARRAY: {
      core::List list;
      const simdjson::dom::array items = at.get_array().value_unsafe();
      list.reserve(items.size());
      for (const element& item : items) list.push_back(ValueOf(item));
      return list;
    }
    case simdjson::dom::element_type::STRING:
      return at.get_string().value_unsafe();
    case simdjson::dom::element_type::INT64:
      return at.get_int64().value_unsafe();
    case simdjson::dom::element_type::UINT64:
      return static_cast<double>(at.get_uint64().value_unsafe());
    case simdjson::dom::element_type::DOUBLE:
      return at.get_double().value_unsafe();
    case simdjson::dom::element_type::BOOL:
      return at.get_bool().value_unsafe();
    case simdjson::dom::element_type::NULL_VALUE:
      return nullptr;
  }
  return nullptr;
}

}  // namespace

core::Result<core::Value> ParseFast(std::string_view json) {
  simdjson::dom::parser parser;
  element root;
  const simdjson::error_code failed =
      parser.parse(json.data(), json.size(), /*realloc_if_needed=*/true).get(root);
  if (failed) return core::Invalid(std::string("JSON: ") + simdjson::error_message(failed));
  return ValueOf(root);
}

}  // namespace headgate::deploy
