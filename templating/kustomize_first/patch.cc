#include "templating/kustomize_first/patch.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>

#include "templating/kustomize_first/json6902.h"
#include "templating/kustomize_first/merge.h"
#include "templating/kustomize_first/selector.h"
#include "templating/yaml/yaml.h"

namespace headgate::templating {
namespace {

// What a patch says, whichever of its two forms it has.
struct Loaded {
  std::string file;                       // where it stands, for messages
  std::vector<core::Value> merges;        // strategic merge patches
  std::optional<core::Value> operations;  // JSON 6902
};

core::Result<Loaded> ParsePatch(const std::string& text, const std::string& file) {
  core::Result<std::vector<core::Value>> documents = ParseYaml(text, file);
  if (!documents) return documents.error();
  Loaded loaded{file, {}, std::nullopt};
  for (core::Value& document : *documents) {
    if (document.is_list() && documents->size() == 1) {
      loaded.operations = std::move(document);
      return loaded;
    }
    const bool named = !document.StringAt("kind").empty() && !core::NameOf(document).empty();
    if (!named) {
      return core::Invalid(
          fmt::format("{}:{}: a patch with kind and metadata.name expected, or a "
                      "list of JSON 6902 operations",
                      file, document.mark().line));
    }
    loaded.merges.push_back(std::move(document));
  }
  if (loaded.merges.empty()) return core::Invalid(file + ": the patch is empty");
  return loaded;
}

// One entry of `patches`, or of the older fields that do the same.
class Patcher {
 public:
  Patcher(const core::FileTree& files, const Kustomization& kustomization, std::string field,
          Resources* all)
      : files_(files), kustomization_(kustomization), field_(std::move(field)), all_(all) {}

  // A mapping with path or patch, target and options.
  core::Status Apply(const core::Value& entry) {
    core::Result<Loaded> loaded = Load(entry);
    if (!loaded) return loaded.error();
    name_change_ = entry.BoolAt(false, "options", "allowNameChange");
    kind_change_ = entry.BoolAt(false, "options", "allowKindChange");
    core::Status applied = ApplyLoaded(entry.Find("target"), *loaded);
    if (!applied) return applied.error().In(kustomization_.Place(entry, field_));
    return core::Ok();
  }

  // An entry of patchesStrategicMerge: the name of a file, or the patch itself.
  core::Status ApplyText(const core::Value& entry) {
    const std::string& text = *entry.AsString();
    std::string file = kustomization_.file;
    core::Result<std::string> patch = text;
    if (text.find('\n') == std::string::npos && !text.starts_with("{")) {
      patch = kustomization_.ReadFile(files_, entry, field_, &file);
      if (!patch) return patch.error();
    }
    core::Result<Loaded> loaded = ParsePatch(*patch, file);
    if (!loaded) return loaded.error().In(kustomization_.Place(entry, field_));
    if (loaded->operations) {
      return kustomization_.At(entry, field_, file + ": a strategic merge patch expected");
    }
    core::Status applied = MergeIntoNamed(*loaded);
    if (!applied) return applied.error().In(kustomization_.Place(entry, field_));
    return core::Ok();
  }

 private:
  core::Result<Loaded> Load(const core::Value& entry) {
    const std::string& path = entry.StringAt("path");
    const std::string& text = entry.StringAt("patch");
    const bool blank = text.find_first_not_of(" \t\r\n") == std::string::npos;
    if (path.empty() == blank)
      return kustomization_.At(entry, field_, "one of path and patch expected");
    if (!blank) {
      core::Result<Loaded> loaded = ParsePatch(text, "patch");
      if (!loaded) return loaded.error().In(kustomization_.Place(entry, field_));
      return loaded;
    }
    std::string file;
    core::Result<std::string> bytes =
        kustomization_.ReadFile(files_, *entry.Find("path"), field_, &file);
    if (!bytes) return bytes.error();
    core::Result<Loaded> loaded = ParsePatch(*bytes, file);
    if (!loaded) return loaded.error().In(kustomization_.Place(entry, field_));
    return loaded;
  }

  core::Status ApplyLoaded(const core::Value* target, const Loaded& loaded) {
    if (!target || target->is_null()) {
      if (!loaded.operations) return MergeIntoNamed(loaded);
      return core::Invalid("a JSON 6902 patch needs a target");
    }
    core::Result<Selector> selector = Selector::Parse(*target);
    if (!selector) return selector.error().In("target");
    if (loaded.merges.size() > 1) {
      return core::Invalid("with a target there can be one patch only; write one entry for each");
    }
    std::vector<size_t> selected;
    for (size_t at = 0; at < all_->size(); ++at) {
      if (selector->Selects((*all_)[at])) selected.push_back(at);
    }
    for (size_t at : selected) {
      Resource* resource = &(*all_)[at];
      core::Status applied = loaded.operations ? ApplyOperations(*loaded.operations, resource)
                                               : Merge(loaded.merges.front(), resource);
      if (!applied) return applied;
    }
    DropDeleted();
    return core::Ok();
  }

  core::Status MergeIntoNamed(const Loaded& loaded) {
    for (const core::Value& patch : loaded.merges) {
      core::Result<Resource*> target = FindById(all_, IdOf(patch));
      if (!target) {
        return core::Invalid(
            fmt::format("{}:{}: {}", loaded.file, patch.mark().line, target.error().text()));
      }
      core::Status merged = Merge(patch, *target);
      if (!merged) return merged.error().In(loaded.file);
      DropDeleted();
    }
    return core::Ok();
  }

  // What identifies the object stays, unless the options say otherwise.
  core::Status Merge(const core::Value& patch, Resource* resource) {
    core::Value& body = resource->object.body;
    const Id before = IdOf(body);
    const core::Value version = *body.Find("apiVersion");
    if (name_change_ || kind_change_) StorePreviousId(resource);
    bool deleted = false;
    core::Status merged = ApplyStrategicMerge(patch, &body, &deleted);
    if (!merged) return merged.error().In(core::Where(resource->object));
    if (deleted) {
      body = nullptr;
      return core::Ok();
    }
    body.MakeMap().Set("apiVersion", version);
    if (!kind_change_) body.MakeMap().Set("kind", before.kind);
    if (!name_change_) SetName(&body, before.name);
    SetNamespace(&body, before.namespace_name);
    return core::Ok();
  }

  static core::Status ApplyOperations(const core::Value& operations, Resource* resource) {
    StorePreviousId(resource);
    core::Status applied = ApplyJsonPatch(operations, &resource->object.body);
    if (!applied) return applied.error().In(core::Where(resource->object));
    core::Status checked = core::CheckObject(resource->object.body);
    if (!checked) return checked.error().In(core::Where(resource->object) + ": after the patch");
    return core::Ok();
  }

  void DropDeleted() {
    std::erase_if(*all_, [](const Resource& each) { return each.object.body.is_null(); });
  }

  const core::FileTree& files_;
  const Kustomization& kustomization_;
  std::string field_;
  Resources* all_;
  bool name_change_ = false;
  bool kind_change_ = false;
};

core::Status ApplyEntries(const core::FileTree& files, const Kustomization& kustomization,
                          const char* field, Resources* all) {
  for (const core::Value& entry : kustomization.body.ListAt(field)) {
    core::Status applied = Patcher(files, kustomization, field, all).Apply(entry);
    if (!applied) return applied;
  }
  return core::Ok();
}

}  // namespace

core::Status ApplyPatchesStrategicMerge(const core::FileTree& files,
                                        const Kustomization& kustomization, Resources* all) {
  const char* field = "patchesStrategicMerge";
  for (const core::Value& entry : kustomization.body.ListAt(field)) {
    core::Status applied = Patcher(files, kustomization, field, all).ApplyText(entry);
    if (!applied) return applied;
  }
  return core::Ok();
}

core::Status ApplyPatches(const core::FileTree& files, const Kustomization& kustomization,
                          Resources* all) {
  return ApplyEntries(files, kustomization, "patches", all);
}

core::Status ApplyPatchesJson6902(const core::FileTree& files, const Kustomization& kustomization,
                                  Resources* all) {
  for (const core::Value& entry : kustomization.body.ListAt("patchesJson6902")) {
    if (entry.StringAt("target", "name").empty()) {
      return kustomization.At(entry, "patchesJson6902", "target.name is missing");
    }
  }
  return ApplyEntries(files, kustomization, "patchesJson6902", all);
}

}  // namespace headgate::templating
