#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "templating/kustomize/field_spec.h"

namespace headgate::templating::kustomize {

// The fields that may hold the name of an object of a kind.
struct ReferenceRule {
  std::string_view group, version, kind;  // of what is named; "" fits all
  FieldSpecs referrers;                   // where the name stands
};

// Which fields the transformers look at: the built-in tables, what a file of `configurations` adds,
// and what `crds` add. Field names are those of such a file.
struct TransformerConfig {
  FieldSpecs name_prefix, name_suffix, namespace_fields, common_labels, labels, template_labels,
      common_annotations, var_reference, images, replicas;
  std::vector<ReferenceRule> name_reference;
};

// Shared, because nearly every kustomization of a build has the same one.
using SharedConfig = std::shared_ptr<const TransformerConfig>;

// The built-in tables. Source: kustomize 5.8.1, api/internal/konfig/builtinpluginconsts.
SharedConfig DefaultConfig();

// Of both, what is in both once, sorted by kind as kustomize does. An empty pointer is an empty
// configuration. kInvalid: "conflicting fieldspecs ..." where both have a field of a kind but
// disagree about making it.
core::Result<SharedConfig> Merge(const SharedConfig& first, const SharedConfig& second);

// `more` after `specs`, but for those that an earlier one covers. kInvalid as above.
core::Status MergeSpecs(const FieldSpecs& more, FieldSpecs* specs);

}  // namespace headgate::templating::kustomize
