#include <algorithm>
#include <array>

#include "templating/kustomize/field_path.h"
#include "templating/kustomize/transform.h"
#include "templating/kustomize/transform_fields.h"

namespace headgate::templating::kustomize {
namespace {

using yaml::Node;

enum class Side : uint8_t { kFront, kBack };

// Kinds whose names must stay. Source: kustomize's prefixFieldSpecsToSkip.
bool KeepsItsName(const Id& id) {
  return id.kind == "CustomResourceDefinition" || id.kind == "Namespace" ||
         (id.kind == "APIService" && id.group == "apiregistration.k8s.io");
}

// Adds a text to the fields of one resource.
class Adder {
 public:
  Adder(const AffixConfig& config, Side side, Build* build)
      : config_(config), side_(side), build_(build) {}

  core::Status AddTo(Resource* resource) const {
    const Id original = OriginalId(*resource);
    if (KeepsItsName(original)) return core::Ok();
    for (const FieldSpec& spec : config_.fields) {
      if (!IsOf(original, spec.group, spec.version, spec.kind)) continue;
      const bool is_name = spec.path == "metadata/name";
      if (is_name) Remember(resource);
      core::Status added = AddTo(spec, resource);
      if (!added) return added;
      if (is_name) resource->id = IdOf(*resource->body, *build_);
    }
    return core::Ok();
  }

 private:
  void Remember(Resource* resource) const {
    if (side_ == Side::kFront) {
      AddNamePrefix(resource, config_.text, build_);
    } else {
      AddNameSuffix(resource, config_.text, build_);
    }
    StorePreviousId(resource, build_);
  }

  core::Status AddTo(const FieldSpec& spec, Resource* resource) const {
    return SetField(spec, Make::kScalar, build_, resource, [&](Node* node) {
      const std::string_view text = side_ == Side::kFront
                                        ? build_->arena->Join({config_.text, node->text()})
                                        : build_->arena->Join({node->text(), config_.text});
      return SetScalar(text, yaml::Tag::kNone, node);
    });
  }

  const AffixConfig& config_;
  Side side_;
  Build* build_;
};

core::Status Add(const AffixConfig& config, Side side, Build* build, ResourceMap* all) {
  if (config.text.empty()) return core::Ok();
  const Adder adder(config, side, build);
  for (const auto& each : all->all()) {
    core::Status added = adder.AddTo(each.get());
    if (!added) return added;
  }
  all->Reindex();
  return core::Ok();
}

}  // namespace

core::Status AddPrefix(const AffixConfig& config, Build* build, ResourceMap* all) {
  return Add(config, Side::kFront, build, all);
}

core::Status AddSuffix(const AffixConfig& config, Build* build, ResourceMap* all) {
  return Add(config, Side::kBack, build, all);
}

}  // namespace headgate::templating::kustomize
