#include "templating/helm/functions/plain_form.h"

#include <algorithm>
#include <cctype>
#include <string_view>

#include "templating/helm/functions/base_encoding.h"
#include "templating/helm/functions/moment.h"

namespace headgate::templating::helm {
namespace {

// The tags of Helm's BuildInfo, in the order of its fields; all but the last are left out where
// they are empty.
constexpr std::string_view kBuildInfoTags[] = {"version", "git_commit", "git_tree_state",
                                               "go_version", "kube_client_version"};

std::string FieldName(Type type, size_t index, std::string_view name, Encoding encoding) {
  if (encoding == Encoding::kJson) {
    const bool tagged = type == Type::kBuildInfo && index < std::size(kBuildInfoTags);
    return std::string(tagged ? kBuildInfoTags[index] : name);
  }
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

Value OfFields(Heap* heap, const Value& value, Encoding encoding) {
  Map* map = heap->NewMap();
  const Struct* fields = value.fields();
  for (size_t i = 0; fields && i < fields->fields.size(); ++i) {
    const Field& field = fields->fields[i];
    if (!field.exported) continue;
    const bool optional = encoding == Encoding::kJson && value.type() == Type::kBuildInfo &&
                          i + 1 < std::size(kBuildInfoTags);
    if (optional && !IsTrue(*field.value)) continue;
    map->Set(heap->Copy(FieldName(value.type(), i, field.name, encoding)), *field.value, heap);
  }
  return Value::Of(map);
}

Value OfBytes(Heap* heap, const Value& value, Encoding encoding) {
  if (encoding == Encoding::kJson) {
    return value.is_null_reference() ? Value() : Value::Text(EncodeBase64(value.text()), heap);
  }
  const std::span<Value> items = heap->NewList(value.size());
  for (size_t i = 0; i < items.size(); ++i) items[i] = value.At(i);
  return Value::List(items);
}

std::optional<Value> OfMoment(Heap* heap, const Moment& moment, Encoding encoding,
                              std::string* error) {
  if (encoding == Encoding::kYaml3) {
    return Value::Text(FormatMoment(moment, "2006-01-02T15:04:05.999999999Z07:00"), heap);
  }
  std::string why;
  const std::optional<std::string> text = FormatJson(moment, &why);
  if (text) return Value::Text(*text, heap);
  *error = "json: error calling MarshalJSON for type time.Time: Time.MarshalJSON: " + why;
  return std::nullopt;
}

}  // namespace

std::optional<Value> PlainForm(Heap* heap, const Value& value, Encoding encoding,
                               std::string* error) {
  switch (value.type()) {
    case Type::kBytes:
      return OfBytes(heap, value, encoding);
    case Type::kDuration:
      if (encoding == Encoding::kJson) return value;
      return Value::Text(ShowDuration(value.integer()), heap);
    case Type::kTime:
      return OfMoment(heap, value.As<MomentObject>().moment, encoding, error);
    case Type::kVersion:
    case Type::kVersionValue:
      return value.object() ? Value::Text(value.object()->Text(), heap) : Value();
    case Type::kLocation:
      return value.object() ? Value::Of(heap->NewMap()) : Value();
    case Type::kComplex128:
      *error = "json: unsupported type: complex128";
      return std::nullopt;
    default:
      break;
  }
  if (value.kind() == Kind::kStruct) return OfFields(heap, value, encoding);
  if (value.kind() != Kind::kPointer) return value;
  return value.fields() ? OfFields(heap, value, encoding) : Value();
}

}  // namespace headgate::templating::helm
