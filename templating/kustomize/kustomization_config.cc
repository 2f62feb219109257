#include "templating/kustomize/kustomization_config.h"

#include <fmt/format.h>

#include "templating/kustomize/kustomization.h"
#include "templating/yaml/parse.h"

namespace headgate::templating::kustomize {
namespace {

using yaml::Node;

constexpr size_t kReferenceDepthMax = 64;  // of definitions that refer to definitions
constexpr size_t kCrdFieldsMax = 100'000;  // that the definitions of one file may come to

// The document of a file; nullptr where it is empty.
core::Result<Node*> ParseOne(std::string_view text, std::string_view file, yaml::Arena* arena,
                             bool unique_keys) {
  const yaml::ParseOptions options{.unique_keys = unique_keys, .first_only = true};
  core::Result<std::vector<Node*>> documents = yaml::Parse(text, file, arena, options);
  if (!documents) return documents.error();
  return documents->empty() ? nullptr : documents->front();
}

// What the definitions of a file say about the fields of their types.
class Crds {
 public:
  Crds(const Node& definitions, std::string_view file, yaml::Arena* arena)
      : definitions_(definitions), file_(file), arena_(arena) {}

  core::Result<TransformerConfig> Read() {
    for (size_t i = 0; i < definitions_.entries(); ++i) {
      const Node* schema = definitions_.value(i)->Find("Schema");
      const Node* properties = schema ? schema->Find("properties") : nullptr;
      const bool is_type = properties && properties->Find("kind") &&
                           properties->Find("apiVersion") && properties->Find("metadata");
      if (!is_type) continue;
      const std::string_view name = definitions_.key(i)->text();
      kind_ = name.substr(name.rfind('.') + 1);
      if (core::Status fine = Add(*properties, "", 0); !fine) return fine.error();
    }
    return std::move(config_);
  }

 private:
  core::Status Add(const Node& properties, std::string_view path, size_t depth) {
    if (depth > kReferenceDepthMax) {
      return core::Invalid(fmt::format("{}: {} refers to itself, or through more than {} types",
                                       file_, kind_, kReferenceDepthMax));
    }
    for (size_t i = 0; i < properties.entries(); ++i) {
      const std::string_view name = properties.key(i)->text();
      const std::string_view below = path.empty() ? name : arena_->Join({path, "/", name});
      const Node& property = *properties.value(i);
      AddExtensions(property, below);
      if (++fields_ > kCrdFieldsMax) {
        return core::Invalid(fmt::format("{}: more than {} fields", file_, kCrdFieldsMax));
      }
      const Node* referred = definitions_.Find(property.TextAt("$ref"));
      const Node* inner = referred ? referred->Find("Schema", "properties") : nullptr;
      if (!inner || property.TextAt("$ref").empty()) continue;
      if (core::Status fine = Add(*inner, below, depth + 1); !fine) return fine;
    }
    return core::Ok();
  }

  void AddExtensions(const Node& property, std::string_view path) {
    const auto has = [&](std::string_view name) {
      const Node* found = property.Find(name);
      return found && found->is_string();
    };
    const FieldSpec spec{"", "", kind_, path, false};
    if (has("x-kubernetes-annotation")) config_.common_annotations.push_back(spec);
    if (has("x-kubernetes-label-selector")) config_.common_labels.push_back(spec);
    if (has("x-kubernetes-identity")) config_.name_prefix.push_back(spec);
    constexpr std::string_view kVersion = "x-kubernetes-object-ref-api-version";
    constexpr std::string_view kKind = "x-kubernetes-object-ref-kind";
    constexpr std::string_view kNameKey = "x-kubernetes-object-ref-name-key";
    if (!has(kVersion) || !has(kKind)) return;
    const std::string_view key = has(kNameKey) ? property.TextAt(kNameKey) : "name";
    const FieldSpec name{"", "", kind_, arena_->Join({path, "/", key}), false};
    config_.name_reference.push_back(
        {"", property.TextAt(kVersion), property.TextAt(kKind), {name}});
  }

  const Node& definitions_;
  std::string_view file_;
  yaml::Arena* arena_;
  TransformerConfig config_;
  std::string_view kind_;  // of the type at hand
  size_t fields_ = 0;
};

}  // namespace

void Describe(Fields* fields, ReferenceRule* to) {
  Fields& f = *fields;
  f.Embedded("group", &to->group);
  f.Embedded("version", &to->version);
  f.Embedded("kind", &to->kind);
  f("fieldSpecs", &to->referrers);
}

void Describe(Fields* fields, TransformerConfig* to) {
  Fields& f = *fields;
  f("namePrefix", &to->name_prefix);
  f("nameSuffix", &to->name_suffix);
  f("namespace", &to->namespace_fields);
  f("commonLabels", &to->common_labels);
  f("labels", &to->labels);
  f("templateLabels", &to->template_labels);
  f("commonAnnotations", &to->common_annotations);
  f("nameReference", &to->name_reference);
  f("varReference", &to->var_reference);
  f("images", &to->images);
  f("replicas", &to->replicas);
}

core::Result<SharedConfig> ParseConfig(std::string_view text, std::string_view file,
                                       yaml::Arena* arena) {
  const core::Result<Node*> document = ParseOne(text, file, arena, true);
  if (!document) return document.error();
  auto config = std::make_shared<TransformerConfig>();
  if (*document) {
    Decoder decoder(file, {.unknown_fields = false}, arena);
    if (core::Status fine = decoder.Into(**document, config.get()); !fine) return fine.error();
  }
  return SharedConfig(std::move(config));
}

core::Result<SharedConfig> ParseCrds(std::string_view text, std::string_view file,
                                     yaml::Arena* arena) {
  if (text.empty()) {
    return core::Invalid(fmt::format("{}: OpenAPI definitions expected, the file is empty", file));
  }
  const core::Result<Node*> document = ParseOne(text, file, arena, false);
  if (!document) return document.error();
  auto config = std::make_shared<TransformerConfig>();
  if (!*document || (*document)->is_null()) return SharedConfig(std::move(config));
  if (!(*document)->is_mapping()) {
    return core::Invalid(fmt::format("{}: a mapping of OpenAPI definitions expected", file));
  }
  for (size_t i = 0; i < (*document)->entries(); ++i) {
    const Node& definition = *(*document)->value(i);
    if (definition.is_mapping() || definition.is_null()) continue;
    return core::Invalid(fmt::format(
        "{}:{}: {}: an OpenAPI definition expected (crds takes no CustomResourceDefinition: list "
        "that in resources)",
        file, definition.line, (*document)->key(i)->text()));
  }
  core::Result<TransformerConfig> read = Crds(**document, file, arena).Read();
  if (!read) return read.error();
  *config = std::move(*read);
  return SharedConfig(std::move(config));
}

}  // namespace headgate::templating::kustomize
