#include "templating/kustomize/field_path.h"
#include "templating/kustomize/transform.h"
#include "templating/kustomize/transform_fields.h"

namespace headgate::templating::kustomize {

core::Status AddPairs(const PairsConfig& config, Build* build, ResourceMap* all) {
  if (config.pairs.empty()) return core::Ok();
  const auto set = [&](yaml::Node* node) -> core::Status {
    for (const auto& [key, value] : config.pairs) {
      core::Status done = SetEntry(key, value, yaml::Tag::kString, build->arena, node);
      if (!done) return done;
    }
    return core::Ok();
  };
  for (const auto& each : all->all()) {
    for (const FieldSpec& spec : config.fields) {
      core::Status done = SetField(spec, Make::kMapping, build, each.get(), set);
      if (!done) return done;
    }
  }
  return core::Ok();
}

}  // namespace headgate::templating::kustomize
