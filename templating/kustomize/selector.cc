#include "templating/kustomize/selector.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

namespace headgate::templating::kustomize {
namespace {

// A regular expression of whole texts; most are plain words, which need none.
class Pattern {
 public:
  core::Status Compile(std::string_view field, std::string_view text) {
    text_ = text;
    if (IsLiteral()) return core::Ok();
    RE2::Options options;
    options.set_log_errors(false);
    // In this form, which lets an odd ')' in the text leave the group, as there.
    expression_ = std::make_unique<RE2>("^(?:" + std::string(text) + ")$", options);
    if (expression_->ok()) return core::Ok();
    return core::Invalid(fmt::format("{}: a regular expression expected, found \"{}\": {}", field,
                                     text, expression_->error()));
  }

  bool IsLiteral() const { return text_.find_first_of(R"(\.+*?()|[]{}^$)") == text_.npos; }

  bool Fits(std::string_view text) const {
    if (text_.empty()) return true;
    return expression_ ? RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *expression_)
                       : text == text_;
  }

 private:
  std::string_view text_;
  std::unique_ptr<RE2> expression_;
};

}  // namespace

struct Selector::Parts {
  SelectorFields fields;
  Pattern group, version, kind, name, namespace_name;
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
    Pattern* pattern;
  };
  const std::array<Each, 5> patterns{{
      {"group", fields.group, &parts->group},
      {"version", fields.version, &parts->version},
      {"kind", fields.kind, &parts->kind},
      {"name", fields.name, &parts->name},
      {"namespace", fields.namespace_name, &parts->namespace_name},
  }};
  for (const Each& each : patterns) {
    core::Status compiled = each.pattern->Compile(each.field, each.text);
    if (!compiled) return compiled.error();
  }
  parts->labels = LabelSelector::Parse(fields.label_selector);
  parts->annotations = LabelSelector::Parse(fields.annotation_selector);
  return Selector(std::move(parts));
}

const SelectorFields& Selector::fields() const { return parts_->fields; }

bool Selector::FitsGvk(const Id& id) const {
  return parts_->kind.Fits(id.kind) && parts_->group.Fits(id.group) &&
         parts_->version.Fits(id.version);
}
bool Selector::FitsName(std::string_view name) const { return parts_->name.Fits(name); }
bool Selector::FitsNamespace(std::string_view name) const {
  return parts_->namespace_name.Fits(name);
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

bool Selector::HasPlainName() const {
  return !parts_->fields.name.empty() && parts_->name.IsLiteral();
}

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
