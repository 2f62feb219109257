#pragma once

#include "templating/kustomize/transform.h"

namespace headgate::templating::kustomize {

// What ChangeNamespace does to one resource, without its history.
core::Status ChangeNamespace(const NamespaceConfig& config, Build* build, Resource* resource);

}  // namespace headgate::templating::kustomize
