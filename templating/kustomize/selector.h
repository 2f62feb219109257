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
  // kInvalid for other text, and for keys and values that Kubernetes does not allow. Views `text`.
  static core::Result<LabelSelector> Parse(std::string_view text);

  bool empty() const { return requirements_.empty(); }
  // Whether a mapping of labels meets it; nullptr has none.
  bool Fits(const yaml::Node* labels) const;

 private:
  enum class Operator : uint8_t { kIn, kNotIn, kExists, kDoesNotExist, kGreater, kLess };
  struct Requirement {
    std::string_view key;
    Operator op = Operator::kExists;
    std::vector<std::string_view> values;

    bool Fits(const yaml::Node* value) const;
  };
  class Parser;
  std::vector<Requirement> requirements_;
};

// SelectorFields, ready for use. Views the texts of the fields.
class Selector {
 public:
  // kInvalid for what is no regular expression.
  static core::Result<Selector> Compile(const SelectorFields& fields);
  Selector(Selector&&) noexcept;
  Selector& operator=(Selector&&) noexcept;
  ~Selector();

  const SelectorFields& fields() const;
  bool HasPlainName() const;  // one that is no regular expression
  bool FitsGvk(const Id& id) const;
  bool FitsName(std::string_view name) const;
  bool FitsNamespace(std::string_view name) const;
  // Labels and annotations. kInvalid where a label selector cannot be read: kustomize does not mind
  // as long as nobody asks.
  core::Result<bool> FitsLabels(const yaml::Node& body) const;

 private:
  struct Parts;
  explicit Selector(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

// Resources that a `target` is about, in the map's order: by their present kind, by their original
// or present name, and by their original or present namespace ("default" where there is none).
core::Result<std::vector<Resource*>> Select(const Selector& selector, const ResourceMap& all);

}  // namespace headgate::templating::kustomize
