#include "templating/kustomize/selector.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "templating/kustomize/pattern.h"

namespace headgate::templating::kustomize {
struct Selector::Parts {
  SelectorFields fields;
  std::optional<Pattern> group, version, kind, name, namespace_name;  // nothing fits all
  core::Result<LabelSelector> labels = LabelSelector(), annotations = LabelSelector();
};

Selector::Selector(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Selector::~Selector() = default;
Selector::Selector(Selector&&) noexcept = default;
Selector& Selector::operator=(Selector&&) noexcept = default;

core::Result<Selector> Selector::Compile(const SelectorFields& fields) {
  auto parts = std::make_unique<Parts>();
  parts->fields = fields;
  struct Each {
    std::string_view field, text;
    std::optional<Pattern>* pattern;
  };
  const std::array<Each, 5> patterns{{
      {"group", fields.group, &parts->group},
      {"version", fields.version, &parts->version},
      {"kind", fields.kind, &parts->kind},
      {"name", fields.name, &parts->name},
      {"namespace", fields.namespace_name, &parts->namespace_name},
  }};
  for (const Each& each : patterns) {
    if (each.text.empty()) continue;
    core::Result<Pattern> pattern = Pattern::Compile(each.text, Pattern::Extent::kWhole);
    if (!pattern) return pattern.error().In(each.field);
    *each.pattern = *std::move(pattern);
  }
  parts->labels = LabelSelector::Parse(fields.label_selector);
  parts->annotations = LabelSelector::Parse(fields.annotation_selector);
  return Selector(std::move(parts));
}

const SelectorFields& Selector::fields() const { return parts_->fields; }

namespace {

bool Fits(const std::optional<Pattern>& pattern, std::string_view text) {
  return !pattern || pattern->Fits(text);
}

}  // namespace

bool Selector::FitsGvk(const Id& id) const {
  return Fits(parts_->kind, id.kind) && Fits(parts_->group, id.group) &&
         Fits(parts_->version, id.version);
}
bool Selector::FitsName(std::string_view name) const { return Fits(parts_->name, name); }
bool Selector::FitsNamespace(std::string_view name) const {
  return Fits(parts_->namespace_name, name);
}

core::Result<bool> Selector::FitsLabels(const yaml::Node& body) const {
  if (!parts_->labels) return parts_->labels.error();
  if (!parts_->labels->empty() && !parts_->labels->Fits(body.Find("metadata", "labels"))) {
    return false;
  }
  if (!parts_->annotations) return parts_->annotations.error();
  return parts_->annotations->empty() ||
         parts_->annotations->Fits(body.Find("metadata", "annotations"));
}

bool Selector::HasPlainName() const { return parts_->name && parts_->name->IsPlain(); }

core::Result<std::vector<Resource*>> Select(const Selector& selector, const ResourceMap& all) {
  std::vector<Resource*> candidates;
  if (selector.HasPlainName()) {
    candidates = all.FindNamed(selector.fields().name);
  } else {
    candidates.reserve(all.size());
    for (const auto& each : all.all()) candidates.push_back(each.get());
  }
  std::vector<Resource*> selected;
  for (Resource* each : candidates) {
    const Id original = OriginalId(*each);
    if (!selector.FitsNamespace(EffectiveNamespace(original)) &&
        !selector.FitsNamespace(EffectiveNamespace(each->id))) {
      continue;
    }
    if (!selector.FitsName(original.name) && !selector.FitsName(each->id.name)) continue;
    if (!selector.FitsGvk(each->id)) continue;
    const core::Result<bool> fits = selector.FitsLabels(*each->body);
    if (!fits) return fits.error();
    if (*fits) selected.push_back(each);
  }
  return selected;
}

}  // namespace headgate::templating::kustomize
