#pragma once

#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "core/result.h"
#include "templating/helm/chart/limits.h"
#include "templating/helm/chart/schema/url.h"
#include "templating/helm/value.h"

namespace headgate::templating::helm {

// A part of a document that has an id of its own, or the whole of it.
struct SchemaResource {
  std::string pointer;  // into the document
  std::string id;
  int draft = 2020;
  std::unordered_map<std::string, std::string> anchors = {};  // name to pointer
  std::vector<std::string> dynamic_anchors = {};
};

// One document of schemas.
struct SchemaDocument {
  std::string url;
  Value value;
  std::map<std::string, SchemaResource> resources = {};  // by pointer; the root's is ""
  std::unordered_map<std::string, SchemaResource*> by_id = {};
  std::unordered_set<std::string> gathered = {};  // pointers that were looked at
  bool is_metaschema = false;

  const SchemaResource& ResourceOf(std::string_view pointer) const;  // the innermost one
};

// A place in a document.
struct SchemaPlace {
  SchemaDocument* document = nullptr;
  std::string pointer;
  bool operator==(const SchemaPlace&) const = default;
};

// The documents of one compilation: the file itself, and the schemas of schemas. Nothing is ever
// fetched.
class SchemaDocuments {
 public:
  SchemaDocuments(Heap* heap, const ChartLimits& limits) : heap_(*heap), limits_(limits) {}

  core::Result<SchemaDocument*> Add(std::string_view url, std::string_view json);
  // Where a reference in a resource leads.
  core::Result<SchemaPlace> Resolve(SchemaDocument* from, const SchemaResource& base,
                                    std::string_view reference);
  core::Result<Value> Lookup(const SchemaPlace& place) const;
  // Looks for ids and anchors at a place that no keyword of a schema leads to; whether there was
  // anything to do.
  core::Result<bool> Gather(const SchemaPlace& place);

 private:
  core::Result<SchemaDocument*> Find(const std::string& url);
  core::Status Gather(SchemaDocument* document, const Value& value, const std::string& base,
                      const std::string& pointer, int draft);
  core::Status GatherBelow(SchemaDocument* document, const Value& value, const std::string& base,
                           const std::string& pointer, int draft);
  core::Status AddAnchors(const Value& value, const std::string& pointer, SchemaResource* resource);

  Heap& heap_;
  const ChartLimits& limits_;
  std::deque<SchemaDocument> documents_;
  size_t schemas_ = 0;
};

std::string EscapePointer(std::string_view name);
// The draft that a $schema names; nothing for others.
std::optional<int> DraftOf(std::string_view url);
std::string_view DraftUrl(int draft);

// The text of an object's entry; nothing where it is missing or no text.
std::optional<std::string_view> TextIn(const Value& object, std::string_view key);

}  // namespace headgate::templating::helm
