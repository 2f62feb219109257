#include "templating/kustomize/rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <string>
#include <tuple>
#include <utility>

#include "templating/kustomize/kind_order.h"
#include "templating/kustomize/rules_tables.h"

namespace headgate::templating::kustomize {
namespace {

int RankOf(std::string_view kind) {
  const auto* first = std::find(kFirstKinds.begin(), kFirstKinds.end(), kind);
  if (first != kFirstKinds.end()) {
    return static_cast<int>(first - kFirstKinds.begin()) - static_cast<int>(kFirstKinds.size());
  }
  const auto* last = std::find(kLastKinds.begin(), kLastKinds.end(), kind);
  return last == kLastKinds.end() ? 0 : static_cast<int>(last - kLastKinds.begin()) + 1;
}

template <class Rule>
std::string SortText(const Rule& rule) {
  return fmt::format("{}_{}_{}", rule.group.empty() ? "~G" : rule.group,
                     rule.version.empty() ? "~V" : rule.version,
                     rule.kind.empty() ? "~K" : rule.kind);
}

template <class Rule>
void SortByKind(std::vector<Rule>* rules) {
  struct Entry {
    int rank;
    std::string text;
    Rule rule;
  };
  std::vector<Entry> entries;
  entries.reserve(rules->size());
  for (Rule& each : *rules) entries.push_back({RankOf(each.kind), SortText(each), std::move(each)});
  std::stable_sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return std::tie(a.rank, a.text) < std::tie(b.rank, b.text);
  });
  for (size_t i = 0; i < entries.size(); ++i) (*rules)[i] = std::move(entries[i].rule);
}

// Whether `have` is of the kinds that `more` is about.
bool Covers(const FieldSpec& have, const FieldSpec& more) {
  return have.path == more.path && (more.kind.empty() || more.kind == have.kind) &&
         (more.group.empty() || more.group == have.group) &&
         (more.version.empty() || more.version == have.version);
}

core::Status MergeRules(const std::vector<ReferenceRule>& more, std::vector<ReferenceRule>* rules) {
  for (const ReferenceRule& each : more) {
    const auto same = std::find_if(rules->begin(), rules->end(), [&](const ReferenceRule& have) {
      return have.kind == each.kind && have.group == each.group && have.version == each.version;
    });
    if (same == rules->end()) {
      rules->push_back(each);
    } else if (core::Status merged = MergeSpecs(each.referrers, &same->referrers); !merged) {
      return merged;
    }
  }
  return core::Ok();
}

// The lists of field specs of a configuration, with their names there.
struct Field {
  std::string_view name;
  FieldSpecs TransformerConfig::*specs;
};
constexpr std::array<Field, 10> kFields{{
    {"namePrefix", &TransformerConfig::name_prefix},
    {"nameSuffix", &TransformerConfig::name_suffix},
    {"namespace", &TransformerConfig::namespace_fields},
    {"commonAnnotations", &TransformerConfig::common_annotations},
    {"commonLabels", &TransformerConfig::common_labels},
    {"labels", &TransformerConfig::labels},
    {"templateLabels", &TransformerConfig::template_labels},
    {"varReference", &TransformerConfig::var_reference},
    {"images", &TransformerConfig::images},
    {"replicas", &TransformerConfig::replicas},
}};

core::Status MergeInto(const TransformerConfig& more, TransformerConfig* config) {
  for (const Field& field : kFields) {
    core::Status merged = MergeSpecs(more.*field.specs, &(config->*field.specs));
    if (!merged) return merged.error().In(field.name);
    SortByKind(&(config->*field.specs));
  }
  core::Status merged = MergeRules(more.name_reference, &config->name_reference);
  if (!merged) return merged.error().In("nameReference");
  SortByKind(&config->name_reference);
  return core::Ok();
}

}  // namespace

core::Status MergeSpecs(const FieldSpecs& more, FieldSpecs* specs) {
  for (const FieldSpec& each : more) {
    const auto same = std::find_if(specs->begin(), specs->end(),
                                   [&](const FieldSpec& have) { return Covers(have, each); });
    if (same == specs->end()) {
      specs->push_back(each);
    } else if (same->create != each.create) {
      return core::Invalid(
          fmt::format("conflicting fieldspecs: {} of {} is there already, with create: {}",
                      each.path, each.kind.empty() ? "all kinds" : each.kind, same->create));
    }
  }
  return core::Ok();
}

SharedConfig DefaultConfig() {
  static const SharedConfig config = [] {
    auto sorted = std::make_shared<TransformerConfig>();
    const core::Status merged = MergeInto(BuiltInTables(), sorted.get());
    assert(merged);
    return sorted;
  }();
  return config;
}

core::Result<SharedConfig> Merge(const SharedConfig& first, const SharedConfig& second) {
  if (!second || first == second) return first;
  // Merged once, the built-in tables are as they stay.
  if (!first && second == DefaultConfig()) return second;
  auto merged =
      first ? std::make_shared<TransformerConfig>(*first) : std::make_shared<TransformerConfig>();
  core::Status done = MergeInto(*second, merged.get());
  if (!done) return done.error();
  return SharedConfig(std::move(merged));
}

}  // namespace headgate::templating::kustomize
