#include "templating/helm/chart/schema/compile.h"

#include <fmt/format.h>

#include <deque>
#include <mutex>
#include <string>
#include <unordered_map>

#include "templating/helm/chart/schema/check.h"
#include "templating/helm/chart/schema/documents.h"
#include "templating/helm/chart/schema/formats.h"
#include "templating/helm/chart/schema/metaschemas.h"

namespace headgate::templating::helm {
namespace {

constexpr std::string_view kFileUrl = "file:///values.schema.json";

const SchemaNode& Metaschema(int draft);

std::vector<std::string_view> Texts(const Value& list) {
  std::vector<std::string_view> texts;
  for (const Value& item : list.items()) {
    if (item.is_string()) texts.push_back(item.text());
  }
  return texts;
}

uint8_t TypeOf(std::string_view name) {
  constexpr std::pair<std::string_view, SchemaType> kTypes[] = {
      {"null", kNullType},       {"boolean", kBooleanType}, {"number", kNumberType},
      {"integer", kIntegerType}, {"string", kStringType},   {"array", kArrayType},
      {"object", kObjectType}};
  for (const auto& [known, type] : kTypes) {
    if (known == name) return type;
  }
  return 0;
}

// Compiles schemas from a queue: what keywords lead to comes behind, so that nothing recurses.
class Compiler {
 public:
  // Formats hold nobody since 2019-09 but for the schemas of schemas.
  Compiler(SchemaSet* set, const ChartLimits& limits, bool all_formats)
      : set_(*set), documents_(&set->heap, limits), limits_(limits), all_formats_(all_formats) {}

  core::Status Run(std::string_view url, std::string_view json);

 private:
  // The node of a place; it is compiled later.
  SchemaNode* NodeAt(const SchemaPlace& place);
  core::Status CompileNext(size_t next);
  core::Status Check(const SchemaPlace& place, const Value& value);
  void AddResource(const SchemaPlace& place, SchemaNode* node);
  core::Status CompileKeywords();
  core::Status CompileReferences();
  void CompileLogic();
  void CompileObject();
  void CompileList();
  core::Status CompilePatterns();
  void CompileNumbers();

  // Of the schema that is being compiled.
  const Value* Find(std::string_view keyword) const { return object_->Find(keyword); }
  const Value* List(std::string_view keyword) const {
    const Value* found = Find(keyword);
    return found && found->is_list() ? found : nullptr;
  }
  std::optional<bool> Flag(std::string_view keyword) const {
    const Value* found = Find(keyword);
    return found && found->is_bool() ? std::optional(found->boolean()) : std::nullopt;
  }
  std::optional<SchemaNumber> Number(std::string_view keyword) const {
    const Value* found = Find(keyword);
    return found ? SchemaNumber::Of(*found) : std::nullopt;
  }
  std::optional<int64_t> Count(std::string_view keyword) const {
    const std::optional<SchemaNumber> number = Number(keyword);
    return number ? number->AsInteger() : std::nullopt;
  }
  SchemaNode* Child(std::string_view keyword, std::string_view below = {});
  SchemaNode* ChildIf(std::string_view keyword) { return Find(keyword) ? Child(keyword) : nullptr; }
  std::vector<SchemaNode*> Children(std::string_view keyword);
  core::Result<SchemaNode*> Reference(std::string_view keyword);

  struct PlaceHash {
    size_t operator()(const SchemaPlace& place) const {
      return std::hash<std::string>()(place.pointer) ^ std::hash<void*>()(place.document);
    }
  };

  SchemaSet& set_;
  SchemaDocuments documents_;
  const ChartLimits& limits_;
  const bool all_formats_;
  std::unordered_map<SchemaPlace, SchemaNode*, PlaceHash> nodes_;
  std::deque<SchemaPlace> places_;  // of the nodes, in their order

  const Map* object_ = nullptr;  // of the schema that is being compiled
  SchemaPlace place_ = {};
  SchemaNode* node_ = nullptr;
};

SchemaNode* Compiler::NodeAt(const SchemaPlace& place) {
  const auto [at, added] = nodes_.emplace(place, nullptr);
  if (added) {
    at->second = &set_.nodes.emplace_back();
    at->second->location = "#" + place.pointer;
    places_.push_back(place);
  }
  return at->second;
}

SchemaNode* Compiler::Child(std::string_view keyword, std::string_view below) {
  std::string pointer = fmt::format("{}/{}", place_.pointer, keyword);
  if (below.data() != nullptr) pointer += "/" + EscapePointer(below);
  return NodeAt({place_.document, std::move(pointer)});
}

std::vector<SchemaNode*> Compiler::Children(std::string_view keyword) {
  std::vector<SchemaNode*> nodes;
  const Value* list = List(keyword);
  for (size_t i = 0; list && i < list->size(); ++i) {
    nodes.push_back(Child(keyword, std::to_string(i)));
  }
  return nodes;
}

core::Result<SchemaNode*> Compiler::Reference(std::string_view keyword) {
  const Value* reference = Find(keyword);
  if (!reference || !reference->is_string()) return nullptr;
  core::Result<SchemaPlace> place = documents_.Resolve(
      place_.document, place_.document->ResourceOf(place_.pointer), reference->text());
  if (!place) return place.error().In(fmt::format("{}/{}", node_->location, keyword));
  return NodeAt(*place);
}

core::Status Compiler::Run(std::string_view url, std::string_view json) {
  core::Result<SchemaDocument*> document = documents_.Add(url, json);
  if (!document) return document.error();
  const SchemaPlace root{*document, ""};
  core::Status checked = Check(root, (*document)->value);
  if (!checked) return checked;
  set_.root = NodeAt(root);
  for (size_t next = 0; next < places_.size(); ++next) {
    core::Status compiled = CompileNext(next);
    if (!compiled) return compiled;
    if (places_.size() > limits_.schemas) {
      return core::Invalid(fmt::format("more than {} schemas", limits_.schemas));
    }
  }
  return core::Ok();
}

// Whether a schema is one, as its draft's own schema has it.
core::Status Compiler::Check(const SchemaPlace& place, const Value& value) {
  if (place.document->is_metaschema) return core::Ok();
  const int draft = place.document->ResourceOf(place.pointer).draft;
  const std::vector<std::string> faults = CheckValue(Metaschema(draft), value, limits_);
  if (faults.empty()) return core::Ok();
  return core::Invalid(fmt::format("#{} is no schema: {}", place.pointer, faults.front()));
}

core::Status Compiler::CompileNext(size_t next) {
  place_ = places_[next];
  node_ = &set_.nodes[next];
  core::Result<Value> value = documents_.Lookup(place_);
  if (!value) return value.error();
  core::Result<bool> gathered = documents_.Gather(place_);
  if (!gathered) return gathered.error();
  if (*gathered) {
    core::Status checked = Check(place_, *value);
    if (!checked) return checked;
  }
  AddResource(place_, node_);
  if (value->is_bool()) node_->always = value->boolean();
  if (!value->is_map()) return core::Ok();
  object_ = value->map();
  if (object_->empty()) node_->always = true;
  return object_->empty() ? core::Ok() : CompileKeywords();
}

void Compiler::AddResource(const SchemaPlace& place, SchemaNode* node) {
  const SchemaResource& resource = place.document->ResourceOf(place.pointer);
  node->draft = resource.draft;
  node->resource = NodeAt({place.document, resource.pointer});
  if (node->draft < 2020 || node->resource != node) return;
  for (const std::string& name : resource.dynamic_anchors) {
    node->dynamic_anchors[name] = NodeAt({place.document, resource.anchors.at(name)});
  }
}

core::Status Compiler::CompileKeywords() {
  if (node_->draft >= 6) node_->constant = Find("const");
  core::Status compiled = CompileReferences();
  if (!compiled || (node_->draft < 2019 && node_->reference)) return compiled;
  if (const Value* type = Find("type")) {
    if (type->is_string()) node_->types = TypeOf(type->text());
    if (type->is_list()) {
      for (const std::string_view name : Texts(*type)) node_->types |= TypeOf(name);
    }
  }
  node_->choices = List("enum");
  const Value* format = Find("format");
  if (format && format->is_string() && (all_formats_ || node_->draft < 2019)) {
    node_->format = FindFormat(format->text());
  }
  CompileLogic();
  CompileObject();
  CompileList();
  CompileNumbers();
  return CompilePatterns();
}

core::Status Compiler::CompileReferences() {
  core::Result<SchemaNode*> reference = Reference("$ref");
  if (!reference) return reference.error();
  node_->reference = *reference;
  if (node_->draft < 2019) return core::Ok();
  reference = Reference("$recursiveRef");
  if (!reference) return reference.error();
  node_->recursive_reference = *reference;
  node_->recursive_anchor = Flag("$recursiveAnchor").value_or(false);
  if (node_->draft < 2020) return core::Ok();
  reference = Reference("$dynamicRef");
  if (!reference) return reference.error();
  node_->dynamic_reference = *reference;
  const Value* dynamic = Find("$dynamicRef");
  if (*reference && dynamic) {
    const std::optional<SchemaUrl> url = ResolveSchemaUrl("", dynamic->text());
    if (url && !url->is_pointer()) node_->dynamic_name = url->fragment;
  }
  const Value* anchor = Find("$dynamicAnchor");
  if (anchor && anchor->is_string()) node_->dynamic_anchor = anchor->text();
  return core::Ok();
}

void Compiler::CompileLogic() {
  node_->all_of = Children("allOf");
  node_->any_of = Children("anyOf");
  node_->one_of = Children("oneOf");
  node_->negated = ChildIf("not");
  node_->condition = node_->draft >= 7 ? ChildIf("if") : nullptr;
  if (!node_->condition) return;
  const std::optional<bool> known = Flag("if");
  if (known.value_or(true)) node_->consequence = ChildIf("then");
  if (!known.value_or(false)) node_->alternative = ChildIf("else");
}

void Compiler::CompileObject() {
  const auto each = [this](std::string_view keyword, const auto& take) {
    const Value* found = Find(keyword);
    if (!found || !found->is_map()) return;
    for (const Map::Entry& entry : found->map()->entries()) take(entry);
  };
  each("properties", [this](const Map::Entry& entry) {
    node_->properties[entry.key] = Child("properties", entry.key);
  });
  node_->additional_allowed = Flag("additionalProperties");
  if (!node_->additional_allowed) node_->additional = ChildIf("additionalProperties");
  node_->properties_min = Count("minProperties");
  node_->properties_max = Count("maxProperties");
  if (const Value* required = List("required")) node_->required = Texts(*required);
  if (node_->draft >= 6) node_->names = ChildIf("propertyNames");
  const auto depend = [&](std::string_view keyword, bool lists, bool schemas) {
    each(keyword, [&](const Map::Entry& entry) {
      if (entry.value.is_list() ? !lists : !schemas) return;
      node_->dependents.push_back(
          entry.value.is_list() ? SchemaNode::Dependent{entry.key, Texts(entry.value), nullptr}
                                : SchemaNode::Dependent{entry.key, {}, Child(keyword, entry.key)});
    });
  };
  depend("dependencies", true, true);
  if (node_->draft < 2019) return;
  depend("dependentRequired", true, false);
  depend("dependentSchemas", false, true);
  node_->unevaluated_properties = ChildIf("unevaluatedProperties");
}

void Compiler::CompileList() {
  node_->items_min = Count("minItems");
  node_->items_max = Count("maxItems");
  node_->unique = Flag("uniqueItems").value_or(false);
  if (node_->draft >= 2020) {
    node_->first_items = Children("prefixItems");
    node_->more_items = ChildIf("items");
  } else if (List("items")) {
    node_->first_items = Children("items");
    node_->more_items_allowed = Flag("additionalItems");
    if (!node_->more_items_allowed) node_->more_items = ChildIf("additionalItems");
  } else {
    node_->items = ChildIf("items");
  }
  if (node_->draft >= 6) node_->contains = ChildIf("contains");
  if (node_->draft < 2019) return;
  if (node_->contains) {
    node_->contains_min = Count("minContains");
    node_->contains_max = Count("maxContains");
  }
  node_->unevaluated_items = ChildIf("unevaluatedItems");
}

void Compiler::CompileNumbers() {
  node_->length_min = Count("minLength");
  node_->length_max = Count("maxLength");
  node_->multiple_of = Number("multipleOf");
  node_->min = Number("minimum");
  node_->max = Number("maximum");
  // In draft 4 these say what the others mean.
  node_->above = Number("exclusiveMinimum");
  node_->below = Number("exclusiveMaximum");
  if (Flag("exclusiveMinimum").value_or(false)) std::swap(node_->above, node_->min);
  if (Flag("exclusiveMaximum").value_or(false)) std::swap(node_->below, node_->max);
}

core::Status Compiler::CompilePatterns() {
  const auto compile = [this](std::string_view text, std::shared_ptr<const Regex>* regex) {
    std::string error;
    *regex = Regex::Compile(text, &error);
    if (*regex) return core::Ok();
    return core::Status(core::Invalid(fmt::format("{}: {}", node_->location, error)));
  };
  const Value* pattern = Find("pattern");
  if (pattern && pattern->is_string()) {
    core::Status compiled = compile(pattern->text(), &node_->pattern);
    if (!compiled) return compiled;
    node_->pattern_text = pattern->text();
  }
  const Value* properties = Find("patternProperties");
  if (!properties || !properties->is_map()) return core::Ok();
  for (const Map::Entry& entry : properties->map()->entries()) {
    std::shared_ptr<const Regex> regex;
    core::Status compiled = compile(entry.key, &regex);
    if (!compiled) return compiled;
    node_->patterns.emplace_back(std::move(regex), Child("patternProperties", entry.key));
  }
  return core::Ok();
}

std::unique_ptr<SchemaSet> CompileMetaschema(int draft) {
  auto set = std::make_unique<SchemaSet>();
  const std::string_view url = DraftUrl(draft);
  const ChartLimits limits;
  const core::Status compiled = Compiler(set.get(), limits, true).Run(url, *MetaschemaText(url));
  assert(compiled.ok());
  return compiled ? std::move(set) : nullptr;
}

// Made when it is first asked for; the same for all threads.
const SchemaNode& Metaschema(int draft) {
  static std::mutex mutex;
  static auto* const sets = new std::unordered_map<int, std::unique_ptr<SchemaSet>>;
  const std::lock_guard lock(mutex);
  std::unique_ptr<SchemaSet>& set = (*sets)[draft];
  if (!set) set = CompileMetaschema(draft);
  return *set->root;
}

}  // namespace

core::Result<std::unique_ptr<SchemaSet>> CompileSchema(std::string_view json,
                                                       const ChartLimits& limits) {
  auto set = std::make_unique<SchemaSet>();
  core::Status compiled = Compiler(set.get(), limits, false).Run(kFileUrl, json);
  if (!compiled) return compiled.error();
  return set;
}

}  // namespace headgate::templating::helm
