#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/result.h"
#include "templating/yaml/node.h"

namespace headgate::templating::kustomize {

// How kustomize identifies an object (its ResId). The texts live in the build's arena.
struct Id {
  std::string_view group, version, kind, namespace_name, name;
  friend bool operator==(const Id&, const Id&) = default;
};

Id IdOf(const yaml::Node& body);
std::string Show(const Id& id);      // "Deployment.v1.apps/web.shop", as kustomize prints it
bool IsClusterScoped(const Id& id);  // by the schema; unknown kinds are not
// "default" where none is given; a name of its own for what is cluster-scoped.
std::string_view EffectiveNamespace(const Id& id);
bool SameGvk(const Id& a, const Id& b);
bool Same(const Id& a, const Id& b);  // GVK, name and effective namespace

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

// An object on its way through the kustomizations, with what kustomize keeps in annotations of its
// own while it builds.
struct Resource {
  yaml::Node* body = nullptr;
  std::string_view file;  // relative to the tree's root; "" for made ones. For errors only.

  struct Previous {
    std::string_view namespace_name, name, kind;
  };
  std::vector<Previous> previous;                    // oldest first: what references may still say
  std::vector<std::string_view> prefixes, suffixes;  // that were added, inner ones first
  std::vector<std::string_view> vars;                // names of the vars that read from here
  Behavior behavior = Behavior::kUnspecified;
  bool needs_hash = false;  // a hash of the content will end its name
  bool allow_name_change = false, allow_kind_change = false;
  std::shared_ptr<const Origin> origin;
  std::vector<std::shared_ptr<const Origin>> transformations;
};

Id CurrentId(const Resource& resource);
Id OriginalId(const Resource& resource);                // the oldest previous one, else the current
std::vector<Id> PreviousIds(const Resource& resource);  // oldest first, without the current one
// The current id becomes a previous one, unless it is the last of them already.
void StorePreviousId(Resource* resource);

// The resources of a build or a base, in order, with an index by name so that no look-up scans
// them all. Pointers to resources stay good until they are removed.
class ResourceMap {
 public:
  ResourceMap();
  ResourceMap(ResourceMap&&) noexcept;
  ResourceMap& operator=(ResourceMap&&) noexcept;
  ~ResourceMap();

  const std::vector<std::unique_ptr<Resource>>& all() const { return all_; }
  size_t size() const { return all_.size(); }

  // kInvalid where a resource of the same current id is there already (kustomize's AppendAll).
  core::Status Append(std::unique_ptr<Resource> resource);
  core::Status AppendAll(ResourceMap other);
  // As Append, but `behavior` may merge or replace (kustomize's AbsorbAll).
  core::Status Absorb(ResourceMap other, yaml::Arena* arena);
  void Remove(const Resource* resource);
  void RemoveIf(const std::function<bool(const Resource&)>& drop);
  void Reorder(std::vector<std::unique_ptr<Resource>> all);  // the same resources

  // Whose current id (or: current or any previous id) is the same, but perhaps for the namespace
  // rule of `fits`; found by the index of kind and name.
  std::vector<Resource*> FindCurrent(const Id& id) const;
  std::vector<Resource*> FindAny(const Id& id) const;

  // To be called after a change to kind, name or namespace of one resource, or of many.
  void Reindex(const Resource* resource);
  void Reindex();

 private:
  std::vector<std::unique_ptr<Resource>> all_;
  struct Index;
  std::unique_ptr<Index> index_;
};

}  // namespace headgate::templating::kustomize
