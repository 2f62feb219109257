#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/result.h"
#include "templating/kustomize/build.h"
#include "templating/kustomize/kustomization.h"
#include "templating/kustomize/loader.h"
#include "templating/kustomize/origin.h"
#include "templating/kustomize/resource.h"
#include "templating/kustomize/rules.h"
#include "templating/kustomize/schema.h"
#include "templating/kustomize/transform.h"

namespace headgate::templating::kustomize {

// The objects of files, each parsed once (or twice, where a second base uses it, and never more);
// not at all where renderings share it.
class ObjectCache {
 public:
  // Objects that the caller may change.
  core::Result<std::vector<std::unique_ptr<Resource>>> Read(const File& file, Files* files,
                                                            Build* build);

 private:
  struct Parsed {
    bool kept = false;
    std::vector<yaml::Node*> objects;  // nobody changes them, once `kept`
  };
  std::unordered_map<const File*, Parsed> parsed_;
};

// What all kustomizations of a build share.
struct Context {
  Context(const core::FileTree& tree, LoadRules rules, SharedFiles shared, yaml::Arena* arena)
      : files(tree, std::move(rules), std::move(shared), arena) {
    build.arena = arena;
    build.files = &tree;
    build.schema = &schema;
  }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  Schema schema;
  size_t schemas_given =
      0;  // by kustomizations so far; each may change which kinds are in namespaces
  Build build;
  Files files;
  ObjectCache objects;
};

// What a kustomization comes to, before hashes and references.
struct Accumulated {
  explicit Accumulated(Build* build) : resources(build) {}

  ResourceMap resources;
  SharedConfig config;
  std::vector<Var> vars;
};

// Adds what one generator made; its `behavior` says how it meets what is there.
core::Status AddGenerated(std::vector<std::unique_ptr<Resource>> made, const Trail& by,
                          Build* build, Accumulated* all);

// One kustomization on its way. Order of steps: kustomize, api/internal/target/kusttarget.go.
class Target {
 public:
  Target(Context* context, Loader loader) : context_(*context), loader_(std::move(loader)) {}

  // Reads the kustomization. kInvalid where there is none, or two.
  core::Status Load();
  const Kustomization& kustomization() const { return kustomization_; }
  const Loader& loader() const { return loader_; }
  Context& context() const { return context_; }
  const Trail& trail() const { return trail_; }
  // What charts are rendered for that name no namespace: the kustomization's, or that of one on the
  // way here.
  std::string_view chart_namespace() const {
    return kustomization_.namespace_name.empty() ? outer_namespace_ : kustomization_.namespace_name;
  }
  // The first trail, where buildMetadata asks for anything.
  void StartTrail();

  // `openapi`: to be called after Load.
  core::Status UseOpenApi();
  // Adds to `all`: what the parent has where this is a component, else nothing.
  core::Status Accumulate(Accumulated* all);

  // The resources that an entry of a field leads to, a file or a base, appended.
  core::Status AddResource(const Text& path, std::string_view field, size_t index,
                           Accumulated* all);
  // "FILE:LINE: FIELD[INDEX]: what", for an entry of this kustomization.
  core::Error At(const Text& entry, std::string_view field, size_t index,
                 const core::Error& error) const;
  core::Error At(uint32_t line, std::string_view field, size_t index,
                 const core::Error& error) const;

 private:
  core::Status AddFile(std::string_view path, Accumulated* all);
  core::Status AddBase(std::string_view path, bool component, Accumulated* all);
  core::Status AddComponents(Accumulated* all);
  core::Status AddConfigs(Accumulated* all);
  core::Status AddResources(Accumulated* all);
  core::Status Generate(Accumulated* all);
  core::Status GenerateCharts(Accumulated* all);
  core::Status Transform(Accumulated* all);

  Context& context_;
  Loader loader_;
  Kustomization kustomization_;
  Trail trail_;
  std::string_view outer_namespace_;
};

}  // namespace headgate::templating::kustomize
