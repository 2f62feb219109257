#include "templating/kustomize_first/json6902.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <string>
#include <vector>

namespace headgate::templating {
namespace {

// RFC 6901. Nothing where it does not begin with '/'.
std::optional<std::vector<std::string>> ParsePointer(const std::string& text) {
  std::vector<std::string> tokens;
  if (!text.empty() && text[0] != '/') return std::nullopt;
  for (size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '/') {
      tokens.emplace_back();
    } else if (text[at] == '~' && at + 1 < text.size() && text[at + 1] == '0') {
      tokens.back() += '~';
      ++at;
    } else if (text[at] == '~' && at + 1 < text.size() && text[at + 1] == '1') {
      tokens.back() += '/';
      ++at;
    } else {
      tokens.back() += text[at];
    }
  }
  return tokens;
}

// An index below `bound`; negative ones count from the end. Nothing for other texts.
std::optional<size_t> IndexOf(const std::string& token, size_t bound) {
  int64_t number = 0;
  auto [stop, error] = std::from_chars(token.data(), token.data() + token.size(), number);
  if (error != std::errc() || stop != token.data() + token.size()) return std::nullopt;
  if (number < 0) number += static_cast<int64_t>(bound);
  if (number < 0 || number >= static_cast<int64_t>(bound)) return std::nullopt;
  return static_cast<size_t>(number);
}

core::Value* Child(core::Value* value, const std::string& token) {
  if (core::Map* map = value->AsMap()) return map->Find(token);
  core::List* list = value->AsList();
  if (!list) return nullptr;
  const std::optional<size_t> index = IndexOf(token, list->size());
  return index ? &(*list)[*index] : nullptr;
}

class Patch {
 public:
  explicit Patch(core::Value* body) : body_(body) {}

  core::Status Apply(const core::Value& operation) {
    const std::string& op = operation.StringAt("op");
    const std::string& path = operation.StringAt("path");
    const core::Value* value = operation.Find("value");
    if (op == "remove") return Remove(path);
    if (op == "move" || op == "copy") {
      core::Result<core::Value> from = Get(operation.StringAt("from"));
      if (!from) return from.error();
      if (op == "move") {
        core::Status removed = Remove(operation.StringAt("from"));
        if (!removed) return removed;
      }
      return Add(path, *from);
    }
    if (op == "test") return Test(path, value ? *value : core::Value());
    if (op != "add" && op != "replace") {
      return core::Invalid("as op add, remove, replace, move, copy or test expected");
    }
    if (!value) return core::Invalid(fmt::format("\"{}\": value is missing", path));
    return op == "add" ? Add(path, *value) : Replace(path, *value);
  }

 private:
  struct Place {
    core::Value* parent;
    std::string token;
  };

  static core::Error Missing(const std::string& path) {
    return core::Invalid(fmt::format("\"{}\" is not there", path));
  }

  core::Result<Place> Find(const std::string& path) {
    const std::optional<std::vector<std::string>> tokens = ParsePointer(path);
    if (!tokens || tokens->empty()) {
      return core::Invalid(
          fmt::format("path \"{}\": a pointer such as /spec/replicas expected", path));
    }
    core::Value* at = body_;
    for (size_t i = 0; i + 1 < tokens->size(); ++i) {
      at = Child(at, (*tokens)[i]);
      if (!at) return Missing(path);
    }
    return Place{at, tokens->back()};
  }

  core::Result<core::Value> Get(const std::string& path) {
    core::Result<Place> place = Find(path);
    if (!place) return place.error();
    core::Value* value = Child(place->parent, place->token);
    if (!value) return Missing(path);
    return *value;
  }

  core::Status Add(const std::string& path, const core::Value& value) {
    core::Result<Place> place = Find(path);
    if (!place) return place.error();
    if (core::Map* map = place->parent->AsMap()) {
      map->Set(place->token, value);
      return core::Ok();
    }
    core::List* list = place->parent->AsList();
    if (!list) return Missing(path);
    if (place->token == "-") {
      list->push_back(value);
      return core::Ok();
    }
    const std::optional<size_t> index = IndexOf(place->token, list->size() + 1);
    if (!index) return Missing(path);
    list->insert(list->begin() + static_cast<std::ptrdiff_t>(*index), value);
    return core::Ok();
  }

  core::Status Replace(const std::string& path, const core::Value& value) {
    core::Result<Place> place = Find(path);
    if (!place) return place.error();
    core::Value* old = Child(place->parent, place->token);
    if (!old) return Missing(path);
    *old = value;
    return core::Ok();
  }

  core::Status Remove(const std::string& path) {
    core::Result<Place> place = Find(path);
    if (!place) return place.error();
    if (core::Map* map = place->parent->AsMap()) {
      if (map->Erase(place->token)) return core::Ok();
      return Missing(path);
    }
    core::List* list = place->parent->AsList();
    const std::optional<size_t> index = list ? IndexOf(place->token, list->size()) : std::nullopt;
    if (!index) return Missing(path);
    list->erase(list->begin() + static_cast<std::ptrdiff_t>(*index));
    return core::Ok();
  }

  core::Status Test(const std::string& path, const core::Value& want) {
    core::Result<core::Value> value = Get(path);
    if (!value && want.is_null()) return core::Ok();
    if (!value) return value.error();
    if (*value == want) return core::Ok();
    return core::Invalid(fmt::format("test of \"{}\" failed: it holds another value", path));
  }

  core::Value* body_;
};

}  // namespace

core::Status ApplyJsonPatch(const core::Value& operations, core::Value* body) {
  Patch patch(body);
  for (const core::Value& operation : *operations.AsList()) {
    core::Status applied = patch.Apply(operation);
    if (!applied) return applied.error().In(operation.StringAt("op"));
  }
  return core::Ok();
}

}  // namespace headgate::templating
