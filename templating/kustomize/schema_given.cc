#include "templating/kustomize/schema_given.h"

#include <fmt/format.h>

#include <string>
#include <unordered_map>

#include "templating/yaml/parse.h"

namespace headgate::templating::kustomize {
namespace {

using yaml::Node;

constexpr std::string_view kKinds = "x-kubernetes-group-version-kind";
constexpr std::string_view kStrategy = "x-kubernetes-patch-strategy";
constexpr std::string_view kMergeKey = "x-kubernetes-patch-merge-key";
constexpr std::string_view kListKeys = "x-kubernetes-list-map-keys";

// "apps/v1 Deployment" of {group: apps, version: v1, kind: Deployment}.
std::string KindKey(const Node& kind) {
  const std::string_view group = kind.TextAt("group");
  return fmt::format("{}{}{} {}", group, group.empty() ? "" : "/", kind.TextAt("version"),
                     kind.TextAt("kind"));
}
std::string KindKey(std::string_view api_version, std::string_view kind) {
  return fmt::format("{} {}", api_version, kind);
}

class Document : public GivenSchema {
 public:
  core::Status Read(std::string_view text, std::string_view file);

  const Node* Definition(std::string_view name) const override {
    const auto found = definitions_.find(name);
    return found == definitions_.end() ? nullptr : found->second;
  }
  const Node* TypeOf(std::string_view api_version, std::string_view kind) const override {
    const auto found = types_.find(KindKey(api_version, kind));
    return found == types_.end() ? nullptr : found->second;
  }
  Scope ScopeOf(std::string_view api_version, std::string_view kind) const override {
    const auto found = scopes_.find(KindKey(api_version, kind));
    return found == scopes_.end() ? Scope::kUnknown : found->second;
  }

 private:
  void ReadDefinitions(const Node& definitions);
  void ReadPaths(const Node& paths);

  yaml::Arena arena_;
  std::unordered_map<std::string_view, const Node*> definitions_;
  std::unordered_map<std::string, const Node*> types_;
  std::unordered_map<std::string, Scope> scopes_;
};

core::Status Document::Read(std::string_view text, std::string_view file) {
  yaml::ParseOptions options;
  options.unique_keys = false;
  options.first_only = true;
  core::Result<std::vector<Node*>> documents = yaml::Parse(text, file, &arena_, options);
  if (!documents) return documents.error();
  const Node* root = documents->empty() ? nullptr : documents->front();
  if (!root || !root->is_mapping()) {
    return core::Invalid(fmt::format("{}: an OpenAPI document expected", file));
  }
  if (const Node* definitions = root->Find("definitions")) ReadDefinitions(*definitions);
  if (const Node* paths = root->Find("paths")) ReadPaths(*paths);
  return core::Ok();
}

void Document::ReadDefinitions(const Node& definitions) {
  for (size_t i = 0; i < definitions.entries(); ++i) {
    const Node& schema = *definitions.value(i);
    definitions_[definitions.key(i)->text()] = &schema;
    const Node* kinds = schema.Find(kKinds);
    if (!kinds || !kinds->is_sequence()) continue;
    for (const Node* kind : kinds->children()) {
      if (kind->is_mapping()) types_[KindKey(*kind)] = &schema;
    }
  }
}

// A kind is namespaced if any path to it names a namespace.
void Document::ReadPaths(const Node& paths) {
  for (size_t i = 0; i < paths.entries(); ++i) {
    const Node* kind = paths.value(i)->Find("get", kKinds);
    if (!kind || !kind->is_mapping()) continue;
    const std::string key = KindKey(*kind);
    if (paths.key(i)->text().find("namespaces/{namespace}") != std::string_view::npos) {
      scopes_[key] = Scope::kNamespaced;
    } else {
      scopes_.try_emplace(key, Scope::kCluster);
    }
  }
}

}  // namespace

core::Result<std::unique_ptr<GivenSchema>> GivenSchema::Parse(std::string_view text,
                                                              std::string_view file) {
  auto document = std::make_unique<Document>();
  core::Status done = document->Read(text, file);
  if (!done) return done.error();
  return std::unique_ptr<GivenSchema>(std::move(document));
}

std::optional<std::string_view> GivenSchema::Reference(const Node& schema) {
  constexpr std::string_view kDefinitions = "#/definitions/";
  const std::string_view reference = schema.TextAt("$ref");
  if (reference.empty()) return std::nullopt;
  return reference.starts_with(kDefinitions) ? reference.substr(kDefinitions.size()) : "";
}

const Node* GivenSchema::Field(const Node& schema, std::string_view name) {
  if (const Node* found = schema.Find("properties", name)) return found;
  const Node* others = schema.Find("additionalProperties");
  return others && others->is_mapping() ? others : nullptr;
}

const Node* GivenSchema::Items(const Node& schema) {
  const Node* type = schema.Find("type");
  if (type && type->is_sequence() && type->children().size() == 1) type = type->children()[0];
  const Node* items = schema.Find("items");
  return type && type->text() == "array" && items && items->is_mapping() ? items : nullptr;
}

bool GivenSchema::Merges(const Node& schema) {
  std::string_view strategies = schema.TextAt(kStrategy);
  while (true) {
    const size_t comma = strategies.find(',');
    if (strategies.substr(0, comma) == "merge") return true;
    if (comma == std::string_view::npos) return false;
    strategies.remove_prefix(comma + 1);
  }
}

std::vector<std::string_view> GivenSchema::Keys(const Node& schema) {
  std::vector<std::string_view> keys;
  if (const Node* list = schema.Find(kListKeys); list && list->is_sequence()) {
    for (const Node* key : list->children()) keys.push_back(key->text());
  } else if (const Node* key = schema.Find(kMergeKey)) {
    keys.push_back(key->text());
  }
  return keys;
}

}  // namespace headgate::templating::kustomize
