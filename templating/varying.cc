#include "templating/varying.h"

#include <fmt/format.h>

#include <charconv>
#include <utility>

#include "core/hash.h"

namespace headgate::templating {
namespace {

// A part of a map or list; nullptr where there is none.
template <class V>
V* PartOf(V* value, const std::string& key) {
  if (value->is_map()) return value->Find(key);
  auto* list = value->AsList();
  size_t index = 0;
  const char* end = key.data() + key.size();
  if (!list || std::from_chars(key.data(), end, index).ptr != end) return nullptr;
  return index < list->size() ? &(*list)[index] : nullptr;
}

template <class V>
V* At(V* value, const std::vector<std::string>& path) {
  for (const std::string& key : path) {
    if (value) value = PartOf(value, key);
  }
  return value;
}

}  // namespace

std::string Show(const VaryingField& field) {
  return fmt::format("{}{}{} varies: {}", core::Show(field.object), field.path.empty() ? "" : ": ",
                     fmt::join(field.path, "."), field.why);
}

void KeepLive(const VaryingField& field, const core::Value& live, core::Value* body) {
  core::Value* to = field.path.empty() ? nullptr : At(body, field.path);
  if (!to) return;
  if (const core::Value* from = At(&live, field.path)) {
    *to = *from;
    return;
  }
  if (field.object.kind != "Secret" || field.path.size() != 2 || field.path[0] != "stringData") {
    return;
  }
  const std::string& encoded = live.StringAt("data", field.path[1]);
  core::Result<std::string> text = core::FromBase64(encoded);
  if (text && !encoded.empty()) *to = std::move(*text);
}

}  // namespace headgate::templating
