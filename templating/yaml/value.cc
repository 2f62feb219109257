#include "core/value.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <variant>

#include "core/hash.h"
#include "templating/yaml/node.h"
#include "templating/yaml/resolve.h"
#include "templating/yaml/value_of.h"

namespace headgate::templating::yaml {
namespace {

core::Value NumberValue(std::string_view text) {
  const std::optional<Number> number = ParseNumber(text);
  if (!number) return text;
  if (const auto* integer = std::get_if<int64_t>(&*number)) return *integer;
  if (const auto* integer = std::get_if<uint64_t>(&*number)) return static_cast<double>(*integer);
  return std::get<double>(*number);
}

// A text that does not fit its tag stays a string.
core::Value ScalarValue(const Node& node) {
  switch (node.tag) {
    case Tag::kNull:
      return nullptr;
    case Tag::kBool:
      return !node.text().empty() && BoolOf(node.text());
    case Tag::kInt:
      return NumberValue(node.text());
    case Tag::kFloat: {
      core::Value value = NumberValue(node.text());
      if (const int64_t* integer = value.AsInt()) return static_cast<double>(*integer);
      return value;
    }
    case Tag::kTimestamp: {
      const std::optional<Timestamp> moment = ParseTimestamp(node.text());
      return moment ? core::Value(moment->text) : core::Value(node.text());
    }
    case Tag::kBinary: {
      core::Result<std::string> bytes = core::FromBase64(node.text());
      return bytes ? core::Value(*std::move(bytes)) : core::Value(node.text());
    }
    default:
      return node.text();
  }
}

core::Value ValueAt(const Node& node, core::Mark mark) {
  core::Value value;
  if (node.is_scalar()) {
    value = ScalarValue(node);
  } else if (node.is_sequence()) {
    core::List& list = value.MakeList();
    list.reserve(node.size);
    for (const Node* item : node.children()) {
      list.push_back(ValueAt(*item, {item->line, item->column}));
    }
  } else {
    core::Map& map = value.MakeMap();
    for (size_t i = 0; i < node.entries(); ++i) {
      const Node &key = *node.key(i), &entry = *node.value(i);
      // A block below its key is better named by the line of the key.
      const Node& named = entry.line > key.line ? key : entry;
      const std::string_view name = key.is_null() ? "null" : key.text();
      map.Append(std::string(name), ValueAt(entry, {named.line, named.column}));
    }
  }
  value.set_mark(mark);
  return value;
}

Node* FloatNode(Arena* arena, double number) {
  if (std::isnan(number)) return arena->NewScalar(".nan", Tag::kFloat);
  if (std::isinf(number)) return arena->NewScalar(number > 0 ? ".inf" : "-.inf", Tag::kFloat);
  return arena->NewScalar(arena->Copy(JsonFloat(number)), Tag::kFloat);
}

Node* NodeOf(Arena* arena, const core::Value& value) {
  if (const bool* b = value.AsBool()) return arena->NewBool(*b);
  if (const int64_t* n = value.AsInt()) return arena->NewInt(*n);
  if (const double* d = value.AsFloat()) return FloatNode(arena, *d);
  if (const std::string* s = value.AsString()) return arena->NewScalar(arena->Copy(*s));
  if (const core::List* list = value.AsList()) {
    Node* node = arena->NewSequence(list->size());
    for (const core::Value& item : *list) node->Append(arena, FromValue(arena, item));
    return node;
  }
  if (const core::Map* map = value.AsMap()) {
    Node* node = arena->NewMapping(map->size());
    for (const auto& [key, entry] : *map) {
      node->AppendEntry(arena, arena->NewScalar(arena->Copy(key)), FromValue(arena, entry));
    }
    return node;
  }
  return arena->NewNull();
}

}  // namespace

core::Value ToValue(const Node& node) { return ValueAt(node, {node.line, node.column}); }

Node* FromValue(Arena* arena, const core::Value& value) {
  Node* node = NodeOf(arena, value);
  node->line = value.mark().line;
  node->column = value.mark().column;
  return node;
}

}  // namespace headgate::templating::yaml
