#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "templating/kustomize/resource.h"

namespace headgate::templating::kustomize {

// What a patch's `target` or a replacement's `select` says. Fields that are "" fit all.
struct SelectorFields {
  std::string_view group, version, kind, name,
      namespace_name;                                    // regular expressions of whole texts
  std::string_view annotation_selector, label_selector;  // "app=web,tier in (a,b),!old"
};

// A condition on labels (or annotations), in the grammar of Kubernetes.
class LabelSelector {
 public:
  // kInvalid for other text, and for keys and values that Kubernetes does not allow.
  static core::Result<LabelSelector> Parse(std::string_view text);

  bool empty() const { return requirements_.empty(); }
  // Whether what is at metadata's `field` ("labels", "annotations") meets it.
  bool Meets(const yaml::Node& body, std::string_view field) const;

 private:
  enum class Operator : uint8_t { kIn, kNotIn, kExists, kDoesNotExist, kGreater, kLess };
  struct Requirement {
    std::string_view key;
    Operator op;
    std::vector<std::string_view> values;
  };
  class Parser;
  std::vector<Requirement> requirements_;
};

// SelectorFields, ready for use. Views the texts of the fields.
class Selector {
 public:
  static core::Result<Selector> Compile(const SelectorFields& fields);
  Selector(Selector&&) noexcept;
  Selector& operator=(Selector&&) noexcept;
  ~Selector();

  const SelectorFields& fields() const;
  bool FitsGvk(const Id& id) const;
  bool FitsName(std::string_view name) const;
  bool FitsNamespace(std::string_view name) const;
  bool FitsLabels(const yaml::Node& body) const;  // and annotations

 private:
  struct Parts;
  explicit Selector(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

// Resources that a `target` is about, in the map's order: by their present kind, by their original
// or present name, and by their original or present namespace ("default" where there is none).
std::vector<Resource*> Select(const Selector& selector, const ResourceMap& all);

}  // namespace headgate::templating::kustomize
