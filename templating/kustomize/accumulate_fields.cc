#include "templating/kustomize/accumulate_fields.h"

#include <fmt/format.h>

#include <utility>

#include "templating/kustomize/accumulate.h"
#include "templating/kustomize/patches.h"
#include "templating/kustomize/plugins.h"

namespace headgate::templating::kustomize {
namespace {

// Collects the transformers of one kustomization.
class Collector {
 public:
  Collector(const Target& target, const TransformerConfig& config)
      : target_(target), kustomization_(target.kustomization()), config_(config) {}

  core::Result<std::vector<Transformer>> Collect() {
    core::Status fine = AddStrategicPatches();
    if (fine) fine = AddPatches();
    if (!fine) return fine.error();
    AddNames();
    if (fine = AddLabels(); !fine) return fine.error();
    AddAnnotations();
    if (fine = AddJsonPatches(); !fine) return fine.error();
    AddReplicasAndImages();
    if (fine = AddReplacements(); !fine) return fine.error();
    return std::move(all_);
  }

 private:
  void Add(std::string_view plugin, std::string where, Change run) {
    Trail origin = ConfiguredBy(target_.trail(), kustomization_.file_name, plugin);
    all_.push_back({std::move(run), std::move(where), std::move(origin)});
  }
  std::string Where(std::string_view field) const {
    return fmt::format("{}: {}", kustomization_.file, field);
  }
  std::string Where(uint32_t line, std::string_view field, size_t index) const {
    return fmt::format("{}:{}: {}[{}]", kustomization_.file, line, field, index);
  }
  Patches MakePatches(uint32_t line) const {
    return {target_.loader(), kustomization_.file, line, &target_.context().build};
  }

  core::Status AddStrategicPatches() {
    const std::vector<Text>& patches = kustomization_.patches_strategic_merge;
    if (patches.empty()) return core::Ok();
    core::Result<Change> run = MakePatches(0).Strategic(patches, {});
    if (!run) return run.error().In(Where("patchesStrategicMerge"));
    Add("PatchStrategicMergeTransformer", Where("patchesStrategicMerge"), std::move(*run));
    return core::Ok();
  }

  core::Status AddPatches() {
    const std::vector<At<PatchArgs>>& patches = kustomization_.patches;
    for (size_t i = 0; i < patches.size(); ++i) {
      std::string where = Where(patches[i].line, "patches", i);
      core::Result<Change> run = MakePatches(patches[i].line).Any(patches[i].value);
      if (!run) return run.error().In(where);
      Add("PatchTransformer", std::move(where), std::move(*run));
    }
    return core::Ok();
  }

  void AddNames() {
    if (const std::string_view name = kustomization_.namespace_name; !name.empty()) {
      NamespaceConfig config{.name = name, .fields = config_.namespace_fields};
      Add("NamespaceTransformer", Where("namespace"),
          [config = std::move(config)](Build* build, ResourceMap* all) {
            return ChangeNamespace(config, build, all);
          });
    }
    if (const std::string_view text = kustomization_.name_prefix; !text.empty()) {
      Add("PrefixTransformer", Where("namePrefix"),
          [config = AffixConfig{text, config_.name_prefix}](Build* build, ResourceMap* all) {
            return AddPrefix(config, build, all);
          });
    }
    if (const std::string_view text = kustomization_.name_suffix; !text.empty()) {
      Add("SuffixTransformer", Where("nameSuffix"),
          [config = AffixConfig{text, config_.name_suffix}](Build* build, ResourceMap* all) {
            return AddSuffix(config, build, all);
          });
    }
  }

  void AddPairsTransformer(std::string_view plugin, std::string where, PairsConfig config) {
    Add(plugin, std::move(where), [config = std::move(config)](Build* build, ResourceMap* all) {
      return AddPairs(config, build, all);
    });
  }

  // Which fields a `labels` entry is for.
  core::Result<FieldSpecs> LabelFields(const LabelArgs& label) const {
    FieldSpecs fields = label.fields;
    core::Status fine = MergeSpecs(config_.labels, &fields);
    if (fine && label.include_selectors) {
      fine = MergeSpecs(config_.common_labels, &fields);
    } else if (fine) {
      if (label.include_templates) fine = MergeSpecs(config_.template_labels, &fields);
      if (fine) fine = MergeSpecs({{"", "", "", "metadata/labels", true}}, &fields);
    }
    if (!fine) return fine.error();
    return fields;
  }

  core::Status AddLabels() {
    const std::vector<At<LabelArgs>>& labels = kustomization_.labels;
    for (size_t i = 0; i < labels.size(); ++i) {
      std::string where = Where(labels[i].line, "labels", i);
      core::Result<FieldSpecs> fields = LabelFields(labels[i].value);
      if (!fields) return fields.error().In(where);
      AddPairsTransformer("LabelTransformer", std::move(where),
                          {labels[i].value.pairs, std::move(*fields)});
    }
    // That of commonLabels is there whenever that of a label is: it shows in annotations.
    if (!labels.empty() || !kustomization_.common_labels.empty()) {
      AddPairsTransformer("LabelTransformer", Where("commonLabels"),
                          {kustomization_.common_labels, config_.common_labels});
    }
    return core::Ok();
  }

  void AddAnnotations() {
    if (kustomization_.common_annotations.empty()) return;
    AddPairsTransformer("AnnotationsTransformer", Where("commonAnnotations"),
                        {kustomization_.common_annotations, config_.common_annotations});
  }

  core::Status AddJsonPatches() {
    const std::vector<At<PatchArgs>>& patches = kustomization_.patches_json6902;
    for (size_t i = 0; i < patches.size(); ++i) {
      std::string where = Where(patches[i].line, "patchesJson6902", i);
      core::Result<Change> run = MakePatches(patches[i].line).Json6902(patches[i].value);
      if (!run) return run.error().In(where);
      Add("PatchJson6902Transformer", std::move(where), std::move(*run));
    }
    return core::Ok();
  }

  void AddReplicasAndImages() {
    for (size_t i = 0; i < kustomization_.replicas.size(); ++i) {
      const At<ReplicasConfig>& replicas = kustomization_.replicas[i];
      ReplicasConfig config = replicas.value;
      config.fields = config_.replicas;
      Add("ReplicaCountTransformer", Where(replicas.line, "replicas", i),
          [config = std::move(config)](Build* build, ResourceMap* all) {
            return SetReplicas(config, build, all);
          });
    }
    if (kustomization_.images.empty()) return;
    std::vector<ImageConfig> images;
    for (const kustomize::At<ImageConfig>& image : kustomization_.images) {
      images.push_back(image.value);
    }
    Add("ImageTagTransformer", Where("images"),
        [images, fields = config_.images](Build* build, ResourceMap* all) {
          return SetImages(images, fields, build, all);
        });
    all_.back().steps = images.size();
  }

  core::Status AddReplacements() {
    if (kustomization_.replacements.empty()) return core::Ok();
    core::Result<std::vector<Replacement>> read =
        ReadReplacements(kustomization_.replacements, target_.loader(), kustomization_.file,
                         target_.context().build.arena);
    if (!read) return read.error();
    Add("ReplacementTransformer", Where("replacements"),
        [replacements = std::move(*read)](Build* build, ResourceMap* all) {
          return Replace(replacements, build, all);
        });
    return core::Ok();
  }

  const Target& target_;
  const Kustomization& kustomization_;
  const TransformerConfig& config_;
  std::vector<Transformer> all_;
};

}  // namespace

core::Result<std::vector<Transformer>> FieldTransformers(const Target& target,
                                                         const TransformerConfig& config) {
  return Collector(target, config).Collect();
}

}  // namespace headgate::templating::kustomize
