#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "templating/kustomize/build.h"
#include "templating/yaml/node.h"

namespace headgate::templating::kustomize {

// How kustomize identifies an object (its ResId). The texts live in the build's arena.
struct Id {
  std::string_view group, version, kind, namespace_name, name;
  bool cluster_scoped = false;  // by the schema; unknown kinds, and previous ids, are not
  friend bool operator==(const Id&, const Id&) = default;
};

Id IdOf(const yaml::Node& body, const Build& build);
std::string Show(const Id& id);  // "apps/v1 Deployment shop/web"
// "default" where none is given; a name of its own for what is cluster-scoped.
std::string_view EffectiveNamespace(const Id& id);
bool SameGvk(const Id& a, const Id& b);
bool Same(const Id& a, const Id& b);  // GVK, name and effective namespace
// Whether an id is of a kind; "" fits all.
bool IsOf(const Id& id, std::string_view group, std::string_view version, std::string_view kind);

// Where a resource, or a change to it, came from: buildMetadata's origin and transformer
// annotations. Empty fields are not printed.
struct Origin {
  std::string path, repo, ref;
  std::string configured_in;
  Id configured_by;
};

// What a generated resource does to one of the same id (generatorOptions' and generators'
// `behavior`).
enum class Behavior : uint8_t { kUnspecified, kCreate, kReplace, kMerge };
std::string_view Show(Behavior behavior);

// An object on its way through the kustomizations, with its history: what kustomize keeps in
// annotations of its own while it builds. That shows: metadata.annotations is there for patches
// that add one, a patch that drops all annotations drops the history, and so on. So the body has
// one annotation that stands for all of them while there is a history.
struct Resource {
  yaml::Node* body = nullptr;
  Id id;  // of the body, as of the last ResourceMap::Append or Reindex
  // The file it came from, as errors name it, and in the tree; "" for made ones.
  std::string_view file, path;

  struct Previous {
    std::string_view namespace_name, name, kind;  // the namespace is the effective one
  };
  std::vector<Previous> previous;                    // oldest first: what references may still say
  std::vector<std::string_view> prefixes, suffixes;  // that were added, inner ones first
  Behavior behavior = Behavior::kUnspecified;
  bool generated = false;   // `behavior` was set, perhaps to kUnspecified
  bool needs_hash = false;  // a hash of the content will end its name
  bool allow_name_change = false, allow_kind_change = false;  // of patches
  bool has_history = false;  // the annotation that stands for it is in the body

  std::vector<std::string_view> vars;  // names of the vars that read from here
  std::shared_ptr<const Origin> origin;
  std::vector<std::shared_ptr<const Origin>> transformations;

  // Some node stands in several places (see AddPairs): to be parted where kustomize makes new
  // nodes.
  bool shares_nodes = false;

  size_t position = 0;  // kept by ResourceMap: of two, the later one has the larger
};

Id PreviousId(const Resource& resource, const Resource::Previous& previous);
Id OriginalId(const Resource& resource);  // the oldest previous one, else the present one

// The present id becomes a previous one, too. `resource.id` must be good.
void StorePreviousId(Resource* resource, Build* build);
void AddNamePrefix(Resource* resource, std::string_view text, Build* build);  // to the history only
void AddNameSuffix(Resource* resource, std::string_view text, Build* build);
void SetBehavior(Resource* resource, Behavior behavior, Build* build);
void EnableHash(Resource* resource, Build* build);

// Takes the history from the body's annotations: to be called for what a file brought, which may
// hold internal annotations, and after patches, which may have dropped the history.
void ReadHistory(Resource* resource, Build* build);
// Writes the history into the body's annotations as kustomize would: for what copies all of them.
void WriteHistory(Resource* resource, Build* build);
// To be called last: the history leaves the annotations, their values become strings, and an empty
// mapping goes.
void FinishAnnotations(Resource* resource, Build* build);

// Every node stands in one place from now on: for what kustomize does by way of JSON.
void PartNodes(Resource* resource, Build* build);

// metadata.name and .namespace as kustomize sets them: without a tag, in the style of what was
// there. An empty namespace is dropped.
void SetName(yaml::Node* body, std::string_view name, yaml::Arena* arena);
void SetNamespace(yaml::Node* body, std::string_view name, yaml::Arena* arena);
// A field of a mapping likewise.
void SetText(yaml::Node* mapping, std::string_view field, std::string_view text,
             yaml::Arena* arena);

// The API server takes no larger ConfigMap or Secret. Source: Kubernetes, MaxSecretSize.
inline constexpr size_t kDataBytesMax = 1024 * 1024;

// A resource takes from `old` the labels and annotations that it does not have itself, and in any
// case name, namespace and history (kustomize's CopyMergeMetaDataFieldsFrom).
void TakeMetadata(const Resource& old, Resource* resource, Build* build);
// The entries of data and binaryData likewise. kInvalid for more than the API server takes.
core::Status TakeData(const Resource& old, Resource* resource, Build* build);

class HashIndex;

// The resources of a build or a base, in order, with an index by name so that no look-up scans
// them all. Pointers to resources stay good until they are removed.
class ResourceMap {
 public:
  explicit ResourceMap(Build* build);
  ResourceMap(ResourceMap&&) noexcept;
  ResourceMap& operator=(ResourceMap&&) noexcept;
  ~ResourceMap();

  Build* build() const { return build_; }
  const std::vector<std::unique_ptr<Resource>>& all() const { return all_; }
  size_t size() const { return all_.size(); }

  // kInvalid where a resource of the same present id is there already (kustomize's AppendAll).
  core::Status Append(std::unique_ptr<Resource> resource);
  core::Status AppendAll(ResourceMap other);
  // As Append, but `behavior` may merge or replace (kustomize's AbsorbAll).
  core::Status Absorb(ResourceMap other);
  void Remove(const Resource* resource);  // linear
  void RemoveIf(const std::function<bool(const Resource&)>& drop);
  void Reorder(std::vector<std::unique_ptr<Resource>> all);  // the same resources
  std::vector<std::unique_ptr<Resource>> TakeAll();          // leaves none

  // In order. Whose present id is the same; whose present or any previous id is the same; whose
  // present or any previous name it is.
  std::vector<Resource*> FindCurrent(const Id& id) const;
  std::vector<Resource*> FindAny(const Id& id) const;
  std::vector<Resource*> FindNamed(std::string_view name) const;

  // To be called after a change to apiVersion, kind, name or namespace of one resource (constant
  // time), or of many.
  void Reindex(Resource* resource);
  void Reindex();

 private:
  struct Indexes;
  const HashIndex& AnyIndex() const;
  core::Status AbsorbOne(std::unique_ptr<Resource> resource);
  core::Status Replace(Resource* old, std::unique_ptr<Resource> resource);

  Build* build_;
  std::vector<std::unique_ptr<Resource>> all_;
  std::unique_ptr<Indexes> indexes_;  // made when they are first asked
};

}  // namespace headgate::templating::kustomize
