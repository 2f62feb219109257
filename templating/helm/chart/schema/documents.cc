#include "templating/helm/chart/schema/documents.h"

#include <fmt/format.h>

#include <algorithm>

#include "templating/helm/chart/schema/metaschemas.h"
#include "templating/helm/json_read.h"
#include "templating/helm/strconv.h"

namespace headgate::templating::helm {
namespace {

struct Draft {
  int number;
  std::string_view path;
};
constexpr Draft kDrafts[] = {{2020, "json-schema.org/schema"},
                             {2020, "json-schema.org/draft/2020-12/schema"},
                             {2019, "json-schema.org/draft/2019-09/schema"},
                             {7, "json-schema.org/draft-07/schema"},
                             {6, "json-schema.org/draft-06/schema"},
                             {4, "json-schema.org/draft-04/schema"}};

// Where schemas stand in a schema: as a keyword's value, as the items of its list, as the values of
// its object; since which draft.
enum : uint8_t { kItself = 1, kItems = 2, kValues = 4 };
struct Position {
  std::string_view keyword;
  int since;
  uint8_t where;
};
constexpr Position kPositions[] = {{"definitions", 4, kValues},
                                   {"not", 4, kItself},
                                   {"allOf", 4, kItems},
                                   {"anyOf", 4, kItems},
                                   {"oneOf", 4, kItems},
                                   {"properties", 4, kValues},
                                   {"additionalProperties", 4, kItself},
                                   {"patternProperties", 4, kValues},
                                   {"items", 4, kItself | kItems},
                                   {"additionalItems", 4, kItself},
                                   {"dependencies", 4, kValues},
                                   {"propertyNames", 6, kItself},
                                   {"contains", 6, kItself},
                                   {"if", 7, kItself},
                                   {"then", 7, kItself},
                                   {"else", 7, kItself},
                                   {"$defs", 2019, kValues},
                                   {"dependentSchemas", 2019, kValues},
                                   {"unevaluatedProperties", 2019, kItself},
                                   {"unevaluatedItems", 2019, kItself},
                                   {"contentSchema", 2019, kItself},
                                   {"prefixItems", 2020, kItems}};

std::string_view IdKeyword(int draft) { return draft == 4 ? "id" : "$id"; }

// The id that a schema gives itself, without a fragment; "" where it has none.
std::string IdOf(const Value& schema, int draft) {
  if (draft < 2019 && schema.map()->Has("$ref")) return "";
  const std::string_view id = TextIn(schema, IdKeyword(draft)).value_or("");
  return std::string(id.substr(0, id.find('#')));
}

SchemaResource* WithId(const SchemaDocument& document, const std::string& id) {
  const auto found = document.by_id.find(id);
  return found == document.by_id.end() ? nullptr : found->second;
}

void AddResource(SchemaResource resource, SchemaDocument* document) {
  SchemaResource& added = document->resources[resource.pointer] = std::move(resource);
  document->by_id[added.id] = &added;
}

std::optional<std::string> UnescapePointer(std::string_view token) {
  std::string name;
  for (size_t i = 0; i < token.size(); ++i) {
    if (token[i] != '~') {
      name += token[i];
      continue;
    }
    const char next = ++i < token.size() ? token[i] : '\0';
    if (next != '0' && next != '1') return std::nullopt;
    name += next == '0' ? '~' : '/';
  }
  return name;
}

}  // namespace

std::optional<std::string_view> TextIn(const Value& object, std::string_view key) {
  const Value* found = object.is_map() ? object.map()->Find(key) : nullptr;
  return found && found->is_string() ? std::optional(found->text()) : std::nullopt;
}

std::string EscapePointer(std::string_view name) {
  std::string token;
  for (const char c : name) {
    if (c == '~') {
      token += "~0";
    } else if (c == '/') {
      token += "~1";
    } else {
      token += c;
    }
  }
  return token;
}

std::optional<int> DraftOf(std::string_view url) {
  if (url.ends_with('#')) url.remove_suffix(1);
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (url.starts_with(scheme)) {
      url.remove_prefix(scheme.size());
      break;
    }
  }
  for (const Draft& draft : kDrafts) {
    if (draft.path == url) return draft.number;
  }
  return std::nullopt;
}

std::string_view DraftUrl(int draft) {
  switch (draft) {
    case 4:
      return "http://json-schema.org/draft-04/schema";
    case 6:
      return "http://json-schema.org/draft-06/schema";
    case 7:
      return "http://json-schema.org/draft-07/schema";
    case 2019:
      return "https://json-schema.org/draft/2019-09/schema";
    default:
      return "https://json-schema.org/draft/2020-12/schema";
  }
}

const SchemaResource& SchemaDocument::ResourceOf(std::string_view pointer) const {
  for (;;) {
    const auto found = resources.find(std::string(pointer));
    if (found != resources.end()) return found->second;
    const size_t slash = pointer.rfind('/');
    if (slash == std::string_view::npos) return resources.at("");
    pointer = pointer.substr(0, slash);
  }
}

core::Result<SchemaDocument*> SchemaDocuments::Add(std::string_view url, std::string_view json) {
  core::Result<Value> value = ReadJson(heap_.Copy(json), &heap_, {.keep_integers = true});
  if (!value) return value.error();
  SchemaDocument& document = documents_.emplace_back();
  document.url = url;
  document.value = *value;
  document.is_metaschema = MetaschemaText(url).has_value();
  core::Status gathered = Gather(&document, *value, document.url, "", 2020);
  if (!gathered) return gathered.error();
  return &document;
}

core::Result<SchemaDocument*> SchemaDocuments::Find(const std::string& url) {
  for (SchemaDocument& document : documents_) {
    if (document.url == url) return &document;
  }
  if (const std::optional<std::string_view> text = MetaschemaText(url)) return Add(url, *text);
  // Helm, too, takes what it cannot resolve there for a schema that everything satisfies.
  if (url.starts_with("urn:")) return Add(url, "true");
  return core::Invalid(
      fmt::format("the reference to {} leads out of the file; it is not followed", url));
}

core::Result<SchemaPlace> SchemaDocuments::Resolve(SchemaDocument* from, const SchemaResource& base,
                                                   std::string_view reference) {
  const std::optional<SchemaUrl> url = ResolveSchemaUrl(base.id, reference);
  if (!url) return core::Invalid(fmt::format("{}: a reference with broken escapes", reference));
  SchemaDocument* document = from;
  const SchemaResource* resource =
      url->document == from->url ? &from->resources.at("") : WithId(*from, url->document);
  if (!resource) {
    core::Result<SchemaDocument*> found = Find(url->document);
    if (!found) return found.error();
    document = *found;
    resource = &document->resources.at("");
  }
  if (url->is_pointer()) return SchemaPlace{document, resource->pointer + url->fragment};
  const auto anchor = resource->anchors.find(url->fragment);
  if (anchor == resource->anchors.end()) {
    return core::Invalid(fmt::format("{}: there is no such anchor", reference));
  }
  return SchemaPlace{document, anchor->second};
}

core::Result<Value> SchemaDocuments::Lookup(const SchemaPlace& place) const {
  Value value = place.document->value;
  std::string_view rest = place.pointer;
  while (!rest.empty()) {
    rest.remove_prefix(1);
    const size_t end = std::min(rest.find('/'), rest.size());
    const std::optional<std::string> name = UnescapePointer(rest.substr(0, end));
    rest.remove_prefix(end);
    const Value* next = nullptr;
    if (name && value.is_map()) next = value.map()->Find(*name);
    if (name && value.is_list()) {
      const Parsed<uint64_t> index = ParseUint(*name, 10);
      if (index && index.number < value.size()) next = &value.items()[index.number];
    }
    if (!next) return core::Invalid(fmt::format("#{}: the reference leads nowhere", place.pointer));
    value = *next;
  }
  return value;
}

core::Result<bool> SchemaDocuments::Gather(const SchemaPlace& place) {
  SchemaDocument* document = place.document;
  if (document->gathered.contains(place.pointer)) return false;
  core::Result<Value> value = Lookup(place);
  if (!value) return value.error();
  const SchemaResource& base = document->ResourceOf(place.pointer);
  core::Status gathered = Gather(document, *value, base.id, place.pointer, base.draft);
  if (!gathered) return gathered.error();
  return true;
}

core::Status SchemaDocuments::AddAnchors(const Value& value, const std::string& pointer,
                                         SchemaResource* resource) {
  const auto add = [&](std::string name) {
    const auto [at, added] = resource->anchors.emplace(std::move(name), pointer);
    if (added || at->second == pointer) return core::Ok();
    return core::Status(core::Invalid(
        fmt::format("the anchor {} stands at #{} and at #{}", at->first, at->second, pointer)));
  };
  if (resource->draft < 2019) {
    if (value.map()->Has("$ref")) return core::Ok();
    const std::string_view id = TextIn(value, IdKeyword(resource->draft)).value_or("");
    const std::optional<SchemaUrl> url = ResolveSchemaUrl("", id);
    if (!url) return core::Invalid(fmt::format("#{}: an id with broken escapes", pointer));
    return url->is_pointer() ? core::Ok() : add(url->fragment);
  }
  if (const auto anchor = TextIn(value, "$anchor")) {
    core::Status added = add(std::string(*anchor));
    if (!added) return added;
  }
  const auto dynamic = resource->draft >= 2020 ? TextIn(value, "$dynamicAnchor") : std::nullopt;
  if (!dynamic) return core::Ok();
  core::Status added = add(std::string(*dynamic));
  if (added) resource->dynamic_anchors.emplace_back(*dynamic);
  return added;
}

core::Status SchemaDocuments::Gather(SchemaDocument* document, const Value& value,
                                     const std::string& base, const std::string& pointer,
                                     int draft) {
  if (!document->gathered.insert(pointer).second) return core::Ok();
  if (++schemas_ > limits_.schemas) {
    return core::Invalid(fmt::format("more than {} schemas", limits_.schemas));
  }
  if (!value.is_map()) {
    if (pointer.empty()) AddResource({"", base, draft}, document);
    return core::Ok();
  }
  int own_draft = draft;
  if (const auto named = TextIn(value, "$schema")) {
    const std::optional<int> known = DraftOf(*named);
    if (!known) {
      return core::Invalid(fmt::format(
          "#{}: $schema: draft 4, 6, 7, 2019-09 or 2020-12 of json-schema.org expected", pointer));
    }
    own_draft = *known;
  }
  std::string id = IdOf(value, own_draft);
  if (id.empty() && !pointer.empty()) {
    own_draft = draft;
    id = IdOf(value, draft);
  }
  std::string own_base = base;
  if (!id.empty()) {
    const std::optional<SchemaUrl> url = ResolveSchemaUrl(base, id);
    if (!url) return core::Invalid(fmt::format("#{}: an id with broken escapes", pointer));
    own_base = url->document;
  }
  if (!id.empty() || pointer.empty()) {
    const SchemaResource* known = WithId(*document, own_base);
    if (known && known->pointer != pointer) {
      return core::Invalid(
          fmt::format("the id {} stands at #{} and at #{}", own_base, known->pointer, pointer));
    }
    const bool says = TextIn(value, "$schema").has_value();
    AddResource({pointer, own_base, says ? own_draft : draft}, document);
  }
  SchemaResource* resource = WithId(*document, own_base);
  if (!resource) return core::Internal("a schema without a resource");
  core::Status added = AddAnchors(value, pointer, resource);
  if (!added) return added;
  return GatherBelow(document, value, own_base, pointer, own_draft);
}

core::Status SchemaDocuments::GatherBelow(SchemaDocument* document, const Value& value,
                                          const std::string& base, const std::string& pointer,
                                          int draft) {
  for (const Position& position : kPositions) {
    const Value* found = position.since <= draft ? value.map()->Find(position.keyword) : nullptr;
    if (!found) continue;
    const std::string at = fmt::format("{}/{}", pointer, position.keyword);
    core::Status gathered = core::Ok();
    if ((position.where & kItself) != 0) gathered = Gather(document, *found, base, at, draft);
    if ((position.where & kItems) != 0 && found->is_list()) {
      for (size_t i = 0; gathered && i < found->size(); ++i) {
        gathered = Gather(document, found->items()[i], base, fmt::format("{}/{}", at, i), draft);
      }
    }
    if ((position.where & kValues) != 0 && found->is_map()) {
      for (const Map::Entry& entry : found->map()->entries()) {
        if (!gathered) break;
        gathered = Gather(document, entry.value, base,
                          fmt::format("{}/{}", at, EscapePointer(entry.key)), draft);
      }
    }
    if (!gathered) return gathered;
  }
  return core::Ok();
}

}  // namespace headgate::templating::helm
