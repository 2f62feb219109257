#include "templating/kustomize_first/kustomization.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "templating/kustomize_first/kustomize.h"
#include "templating/yaml/yaml.h"

namespace headgate::templating {
namespace {

enum class Type { kString, kInteger, kBool, kStrings, kStringMap, kMapping, kMappings, kNotYet };

struct Field {
  std::string_view name;
  Type type;
  std::vector<Field> fields = {};  // of a mapping, or of each mapping in a list
};

const std::vector<Field>& Fields() {
  static const std::vector<Field> options{{"labels", Type::kStringMap},
                                          {"annotations", Type::kStringMap},
                                          {"disableNameSuffixHash", Type::kBool},
                                          {"immutable", Type::kBool}};
  static const std::vector<Field> generator{
      {"name", Type::kString},  {"namespace", Type::kString}, {"behavior", Type::kString},
      {"type", Type::kString},  {"literals", Type::kStrings}, {"files", Type::kStrings},
      {"envs", Type::kStrings}, {"env", Type::kString},       {"options", Type::kMapping, options}};
  static const std::vector<Field> target{{"group", Type::kString},
                                         {"version", Type::kString},
                                         {"kind", Type::kString},
                                         {"name", Type::kString},
                                         {"namespace", Type::kString},
                                         {"labelSelector", Type::kString},
                                         {"annotationSelector", Type::kString}};
  static const std::vector<Field> patch{
      {"path", Type::kString},
      {"patch", Type::kString},
      {"target", Type::kMapping, target},
      {"options",
       Type::kMapping,
       {{"allowNameChange", Type::kBool}, {"allowKindChange", Type::kBool}}}};
  static const std::vector<Field> spec{{"path", Type::kString},
                                       {"group", Type::kString},
                                       {"version", Type::kString},
                                       {"kind", Type::kString},
                                       {"create", Type::kBool}};
  static const std::vector<Field> image{{"name", Type::kString},
                                        {"newName", Type::kString},
                                        {"newTag", Type::kString},
                                        {"tagSuffix", Type::kString},
                                        {"digest", Type::kString}};
  static const std::vector<Field> fields{
      {"apiVersion", Type::kString},
      {"kind", Type::kString},
      {"metadata",
       Type::kMapping,
       {{"name", Type::kString},
        {"namespace", Type::kString},
        {"labels", Type::kStringMap},
        {"annotations", Type::kStringMap}}},
      {"resources", Type::kStrings},
      {"bases", Type::kStrings},
      {"components", Type::kStrings},
      {"namespace", Type::kString},
      {"namePrefix", Type::kString},
      {"nameSuffix", Type::kString},
      {"labels",
       Type::kMappings,
       {{"pairs", Type::kStringMap},
        {"includeSelectors", Type::kBool},
        {"includeTemplates", Type::kBool},
        {"fields", Type::kMappings, spec}}},
      {"commonLabels", Type::kStringMap},
      {"commonAnnotations", Type::kStringMap},
      {"images", Type::kMappings, image},
      {"imageTags", Type::kMappings, image},
      {"replicas", Type::kMappings, {{"name", Type::kString}, {"count", Type::kInteger}}},
      {"configMapGenerator", Type::kMappings, generator},
      {"secretGenerator", Type::kMappings, generator},
      {"generatorOptions", Type::kMapping, options},
      {"patches", Type::kMappings, patch},
      {"patchesJson6902", Type::kMappings, patch},
      {"patchesStrategicMerge", Type::kStrings},
      {"sortOptions",
       Type::kMapping,
       {{"order", Type::kString},
        {"legacySortOptions",
         Type::kMapping,
         {{"orderFirst", Type::kStrings}, {"orderLast", Type::kStrings}}}}},
      {"buildMetadata", Type::kNotYet},
      {"configurations", Type::kNotYet},
      {"crds", Type::kNotYet},
      {"generators", Type::kNotYet},
      {"helmChartInflationGenerator", Type::kNotYet},
      {"helmCharts", Type::kNotYet},
      {"helmGlobals", Type::kNotYet},
      {"openapi", Type::kNotYet},
      {"replacements", Type::kNotYet},
      {"transformers", Type::kNotYet},
      {"validators", Type::kNotYet},
      {"vars", Type::kNotYet},
  };
  return fields;
}

// kustomize decodes its file as Go decodes JSON: the case of a field's name does not matter.
bool SameName(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return (x | 0x20) == (y | 0x20); });
}

// Checks the fields of one file. Field names come out as they are documented.
class Checker {
 public:
  explicit Checker(const Kustomization& kustomization) : kustomization_(kustomization) {}

  core::Status Check(const std::vector<Field>& fields, std::string_view place, core::Map* map) {
    core::Map checked;
    for (core::Map::Entry& entry : *map) {
      auto field = std::find_if(fields.begin(), fields.end(), [&](const Field& each) {
        return SameName(each.name, entry.first);
      });
      const std::string name =
          place.empty() ? entry.first : fmt::format("{}.{}", place, entry.first);
      if (field == fields.end()) {
        return kustomization_.At(entry.second, name, "no field of this name is known");
      }
      if (checked.Find(field->name)) {
        return kustomization_.At(entry.second, name, "this field is given twice");
      }
      core::Status fits = CheckType(*field, name, &entry.second);
      if (!fits) return fits;
      checked.Append(std::string(field->name), std::move(entry.second));
    }
    *map = std::move(checked);
    return core::Ok();
  }

 private:
  core::Status CheckType(const Field& field, const std::string& name, core::Value* value) {
    if (field.type == Type::kNotYet) {
      return core::Invalid(
          fmt::format("{} is not supported yet", kustomization_.Place(*value, name)));
    }
    if (value->is_null()) return core::Ok();
    switch (field.type) {
      case Type::kString:
        return Want(value->is_string(), *value, name, "a string expected; other values in quotes");
      case Type::kInteger:
        return Want(value->is_int(), *value, name, "an integer expected");
      case Type::kBool:
        return Want(value->is_bool(), *value, name, "true or false expected");
      case Type::kStrings:
        return CheckStrings(name, *value);
      case Type::kStringMap:
        return CheckStringMap(name, *value);
      case Type::kMapping: {
        core::Map* map = value->AsMap();
        if (!map) return kustomization_.At(*value, name, "a mapping expected");
        return Check(field.fields, name, map);
      }
      case Type::kMappings:
        return CheckMappings(field, name, value);
      case Type::kNotYet:
        break;
    }
    return core::Ok();
  }

  core::Status Want(bool fits, const core::Value& value, const std::string& name,
                    std::string_view expected) {
    if (fits) return core::Ok();
    return kustomization_.At(value, name, expected);
  }

  core::Status CheckStrings(const std::string& name, const core::Value& value) {
    if (!value.is_list()) return kustomization_.At(value, name, "a list of strings expected");
    for (const core::Value& item : *value.AsList()) {
      if (!item.is_string()) return kustomization_.At(item, name, "a string expected");
    }
    return core::Ok();
  }

  core::Status CheckStringMap(const std::string& name, const core::Value& value) {
    if (!value.is_map()) return kustomization_.At(value, name, "a mapping of strings expected");
    for (const core::Map::Entry& entry : *value.AsMap()) {
      if (entry.second.is_string() || entry.second.is_null()) continue;
      return kustomization_.At(entry.second, name + "." + entry.first,
                               "a string expected; write other values in quotes");
    }
    return core::Ok();
  }

  core::Status CheckMappings(const Field& field, const std::string& name, core::Value* value) {
    core::List* list = value->AsList();
    if (!list) return kustomization_.At(*value, name, "a list of mappings expected");
    for (core::Value& item : *list) {
      core::Map* map = item.AsMap();
      if (!map) return kustomization_.At(item, name, "a mapping expected");
      core::Status checked = Check(field.fields, name, map);
      if (!checked) return checked;
    }
    return core::Ok();
  }

  const Kustomization& kustomization_;
};

core::Status CheckKind(const Kustomization& kustomization) {
  const core::Value& body = kustomization.body;
  const std::string& kind = body.StringAt("kind");
  if (!kind.empty() && kind != "Kustomization" && kind != "Component") {
    return kustomization.At(*body.Find("kind"), "kind", "Kustomization or Component expected");
  }
  const std::string& version = body.StringAt("apiVersion");
  const char* wanted =
      kind == "Component" ? "kustomize.config.k8s.io/v1alpha1" : "kustomize.config.k8s.io/v1beta1";
  if (!version.empty() && version != wanted) {
    return kustomization.At(*body.Find("apiVersion"), "apiVersion",
                            fmt::format("{} expected", wanted));
  }
  return core::Ok();
}

// Whether a file says nothing beyond its own type; an empty list says something.
bool IsEmpty(const core::Value& body) {
  for (const core::Map::Entry& entry : *body.AsMap()) {
    const std::string* text = entry.second.AsString();
    const bool empty = entry.second.is_null() || (text && text->empty());
    if (entry.first != "kind" && entry.first != "apiVersion" && !empty) return false;
  }
  return true;
}

}  // namespace

std::string Kustomization::Place(const core::Value& value, std::string_view field) const {
  if (value.mark().line == 0) return fmt::format("{}: {}", file, field);
  return fmt::format("{}:{}: {}", file, value.mark().line, field);
}

core::Error Kustomization::At(const core::Value& value, std::string_view field,
                              std::string_view text) const {
  return core::Invalid(fmt::format("{}: {}", Place(value, field), text));
}

core::Result<std::string> Kustomization::ReadFile(const core::FileTree& files,
                                                  const core::Value& name, std::string_view field,
                                                  std::string* path) const {
  const std::string& text = *name.AsString();
  core::Result<std::string> clean = core::Clean(directory, text);
  if (!clean) return clean.error().In(Place(name, field));
  if (!directory.empty() && !clean->starts_with(directory + "/")) {
    return At(name, field,
              fmt::format("{}: the file lies outside of the kustomization's directory; "
                          "copy it there, or name a directory",
                          text));
  }
  if (files.TypeOf(*clean) == core::FileTree::Type::kNone) {
    return At(name, field, text + ": no such file");
  }
  core::Result<std::string> bytes = files.Read(*clean);
  if (!bytes) return bytes.error().In(Place(name, field));
  if (path) *path = *clean;
  return bytes;
}

core::Result<Kustomization> LoadKustomization(const core::FileTree& files,
                                              const std::string& directory) {
  const std::string prefix = directory.empty() ? "" : directory + "/";
  Kustomization kustomization{directory, "", {}};
  for (std::string_view name : kKustomizationNames) {
    const std::string file = prefix + std::string(name);
    if (files.TypeOf(file) != core::FileTree::Type::kFile) continue;
    if (!kustomization.file.empty()) {
      return core::Invalid(fmt::format("{} and {}: a directory has one kustomization file",
                                       kustomization.file, file));
    }
    kustomization.file = file;
  }
  if (kustomization.file.empty()) {
    return core::NotFound((directory.empty() ? "." : directory) +
                          ": the directory has no kustomization.yaml");
  }
  core::Result<std::string> text = files.Read(kustomization.file);
  if (!text) return text.error();
  core::Result<std::vector<core::Value>> documents = ParseYaml(*text, kustomization.file);
  if (!documents) return documents.error();
  if (documents->size() != 1 || !documents->front().is_map()) {
    return core::Invalid(kustomization.file + ": one document, a mapping, expected");
  }
  kustomization.body = std::move(documents->front());
  core::Status checked = Checker(kustomization).Check(Fields(), "", kustomization.body.AsMap());
  if (!checked) return checked.error();
  checked = CheckKind(kustomization);
  if (!checked) return checked.error();
  if (IsEmpty(kustomization.body)) {
    return core::Invalid(kustomization.file + ": it says nothing; name resources to render");
  }
  return kustomization;
}

std::vector<std::pair<std::string, std::string>> SortedStrings(const core::Value* map) {
  std::vector<std::pair<std::string, std::string>> strings;
  if (!map || !map->is_map()) return strings;
  for (const core::Map::Entry& entry : *map->AsMap()) {
    const std::string* text = entry.second.AsString();
    strings.emplace_back(entry.first, text ? *text : "");
  }
  std::sort(strings.begin(), strings.end());
  return strings;
}

}  // namespace headgate::templating
