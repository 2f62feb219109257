#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "templating/kustomize/build.h"
#include "templating/kustomize/resource.h"

namespace headgate::templating::kustomize {

// Where a kustomization stands, seen from the directory that is built; empty where `buildMetadata`
// asks for nothing, and nothing is followed then.
using Trail = std::shared_ptr<const Origin>;

// Further along the trail: `path` is a file, or a base.
Trail Follow(const Trail& trail, std::string_view path);
// Of what a field of a kustomization makes or changes; `plugin` is the built-in that does it.
Trail ConfiguredBy(const Trail& trail, std::string_view kustomization_file,
                   std::string_view plugin);
// Of what a plugin's own file configures; its file's trail is in its origin.
Trail ConfiguredBy(const Resource& plugin);

// Gives resources without an origin this one. Nothing where the trail is empty.
void SetOrigin(const Trail& origin, Build* build, ResourceMap* all);
// The resources of a file: their origin is overwritten.
void SetOrigin(const Trail& origin, Build* build, Resource* resource);
// A transformer went over all resources; those without an origin were made by it.
void AddTransformation(const Trail& by, Build* build, ResourceMap* all);
// After patches: a patch that dropped all annotations dropped the origin, too.
void DropLostOrigin(Resource* resource);

// Writes the annotations that `buildMetadata` asks for. After FinishAnnotations.
core::Status AnnotateOrigin(const Resource& resource, yaml::Arena* arena);
core::Status AnnotateTransformations(const Resource& resource, yaml::Arena* arena);

}  // namespace headgate::templating::kustomize
