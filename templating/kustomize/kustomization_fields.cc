#include "templating/kustomize/kustomization.h"

namespace headgate::templating::kustomize {
namespace {

struct ObjectReference {
  std::string_view api_version, group, version, kind, name, namespace_name;
};

void Describe(Fields* fields, ObjectReference* to) {
  Fields& f = *fields;
  f("apiVersion", &to->api_version);
  f("group", &to->group);
  f("version", &to->version);
  f("kind", &to->kind);
  f("name", &to->name);
  f("namespace", &to->namespace_name);
}

struct FieldReference {
  std::string_view field_path;
};

void Describe(Fields* fields, FieldReference* to) { (*fields)("fieldPath", &to->field_path); }

// The embedded structs Gvk and ResId, which many others hold.
template <class T>
void EmbedKind(Fields* fields, T* to) {
  fields->Embedded("group", &to->group);
  fields->Embedded("version", &to->version);
  fields->Embedded("kind", &to->kind);
}

template <class T>
void EmbedId(Fields* fields, T* to) {
  EmbedKind(fields, to);
  fields->Embedded("name", &to->name);
  fields->Embedded("namespace", &to->namespace_name);
}

}  // namespace

void Describe(Fields* fields, SelectorFields* to) {
  Fields& f = *fields;
  EmbedId(&f, to);
  f("annotationSelector", &to->annotation_selector);
  f("labelSelector", &to->label_selector);
}

void Describe(Fields* fields, FieldSpec* to) {
  Fields& f = *fields;
  EmbedKind(&f, to);
  f("path", &to->path);
  f("create", &to->create);
}

void Describe(Fields* fields, GeneratorOptions* to) {
  Fields& f = *fields;
  f("labels", &to->labels);
  f("annotations", &to->annotations);
  f("disableNameSuffixHash", &to->disable_name_suffix_hash);
  f("immutable", &to->immutable);
}

// Without `type` and the old `env`.
void Describe(Fields* fields, GeneratorArgs* to) {
  Fields& f = *fields;
  f.Embedded("namespace", &to->namespace_name);
  f.Embedded("name", &to->name);
  f.Embedded("behavior", &to->behavior);
  f.Embedded("literals", &to->literals);
  f.Embedded("files", &to->files);
  f.Embedded("envs", &to->envs);
  f.Embedded("options", &to->options);
}

void Describe(Fields* fields, PatchOptions* to) {
  Fields& f = *fields;
  f("allowNameChange", &to->allow_name_change);
  f("allowKindChange", &to->allow_kind_change);
}

void Describe(Fields* fields, ImageConfig* to) {
  Fields& f = *fields;
  f("name", &to->name);
  f("newName", &to->new_name);
  f("tagSuffix", &to->tag_suffix);
  f("newTag", &to->new_tag);
  f("digest", &to->digest);
}

void Describe(Fields* fields, ReplicasConfig* to) {
  Fields& f = *fields;
  f("name", &to->name);
  f("count", &to->count);
}

void Describe(Fields* fields, FieldOptions* to) {
  Fields& f = *fields;
  std::string_view encoding;  // read, and not used, there too
  f("delimiter", &to->delimiter);
  f("index", &to->index);
  f("encoding", &encoding);
  f("create", &to->create);
}

void Describe(Fields* fields, ReplacementSource* to) {
  Fields& f = *fields;
  EmbedId(&f, to);
  f("fieldPath", &to->field_path);
  f("options", &to->options);
}

void Describe(Fields* fields, ReplacementTarget* to) {
  Fields& f = *fields;
  f("select", &to->select);
  f("reject", &to->reject);
  f("fieldPaths", &to->field_paths);
  f("options", &to->options);
}

void Describe(Fields* fields, Replacement* to) {
  Fields& f = *fields;
  f("source", &to->source);
  f("targets", &to->targets);
  f("sourceValue", &to->source_value);
}

void Describe(Fields* fields, ReplacementArgs* to) {
  Fields& f = *fields;
  f.Embedded("source", &to->replacement.source);
  f.Embedded("targets", &to->replacement.targets);
  f.Embedded("sourceValue", &to->replacement.source_value);
  f("path", &to->path);
}

void Describe(Fields* fields, PatchArgs* to) {
  Fields& f = *fields;
  f("path", &to->path);
  f("patch", &to->patch);
  f("target", &to->target);
  f("options", &to->options);
}

void Describe(Fields* fields, LabelArgs* to) {
  Fields& f = *fields;
  f("pairs", &to->pairs);
  f("includeSelectors", &to->include_selectors);
  f("includeTemplates", &to->include_templates);
  f("fields", &to->fields);
}

void Describe(Fields* fields, Var* to) {
  ObjectReference object;
  FieldReference field;
  (*fields)("name", &to->name);
  (*fields)("objref", &object);
  (*fields)("fieldref", &field);
  const size_t slash = object.api_version.find('/');
  if (slash == object.api_version.npos) {
    if (!object.api_version.empty()) object.version = object.api_version;
  } else if (object.api_version.find('/', slash + 1) == object.api_version.npos) {
    object.group = object.api_version.substr(0, slash);
    object.version = object.api_version.substr(slash + 1);
  }
  to->group = object.group;
  to->version = object.version;
  to->kind = object.kind;
  to->object = object.name;
  to->namespace_name = object.namespace_name;
  to->field_path = field.field_path;
}

void Describe(Fields* fields, SortOptions::Legacy* to) {
  (*fields)("orderFirst", &to->first);
  (*fields)("orderLast", &to->last);
}

void Describe(Fields* fields, SortOptions* to) {
  (*fields)("order", &to->order);
  (*fields)("legacySortOptions", &to->legacy);
}

void Describe(Fields* fields, HelmGlobals* to) {
  (*fields)("chartHome", &to->chart_home);
  (*fields)("configHome", &to->config_home);
}

void Describe(Fields* fields, HelmChart* to) {
  Fields& f = *fields;
  f("name", &to->name);
  f("version", &to->version);
  f("repo", &to->repo);
  f("releaseName", &to->release_name);
  f("namespace", &to->namespace_name);
  f("additionalValuesFiles", &to->additional_values_files);
  f("valuesFile", &to->values_file);
  f("valuesInline", &to->values_inline);
  f("valuesMerge", &to->values_merge);
  f("includeCRDs", &to->include_crds);
  f("skipHooks", &to->skip_hooks);
  f("apiVersions", &to->api_versions);
  f("kubeVersion", &to->kube_version);
  f("nameTemplate", &to->name_template);
  f("skipTests", &to->skip_tests);
  f("debug", &to->debug);
  f("devel", &to->devel);
}

}  // namespace headgate::templating::kustomize
