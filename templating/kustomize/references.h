#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "templating/kustomize/references_index.h"
#include "templating/kustomize/resource.h"

namespace headgate::templating::kustomize {

// What a field says about the object that it names.
struct Query {
  std::string_view group, version, kind;           // that it may be of; "" fits all
  std::string_view name;                           // that it had
  std::string_view path;                           // of the field
  std::optional<std::string_view> namespace_name;  // where the field has one beside the name
  bool compares_namespaces = false;  // several with the same name are one only in one namespace
};

// A resource whose fields name others.
class Referrer {
 public:
  // kInvalid where the subjects of a role binding cannot be read.
  static core::Result<Referrer> Make(const FormerNames& names, const Resource* resource);

  // The object that a field names; nullptr for one that is not there, or was never called
  // otherwise. kInvalid where it may be several that are called differently now. Source: kustomize
  // 5.8.1, api/filters/nameref and resmap's SubsetThatCouldBeReferencedByResource.
  core::Result<const Resource*> Choose(const Query& query);

 private:
  Referrer(const FormerNames& names, const Resource* resource)
      : names_(names), resource_(resource) {}
  bool Reaches(const Resource& target) const;
  void Gather(const Query& query);
  void GatherIn(std::string_view space, const Query& query);
  bool Fits(const Query& query, const Resource& target) const;
  bool FitsRole(const Resource& target) const;
  core::Error Ambiguous(const Query& query) const;

  const FormerNames& names_;
  const Resource* resource_;
  // Where a role binding's accounts are, as written there.
  std::vector<std::string_view> subject_namespaces_;
  std::vector<Resource*> found_;  // kept between calls for its memory
};

}  // namespace headgate::templating::kustomize
