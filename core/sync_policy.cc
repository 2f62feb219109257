#include "core/sync_policy.h"

#include <fmt/format.h>

#include <cstdlib>

#include "core/object.h"

namespace headgate::core {
namespace {

Conflicts ParseConflicts(Fields* sync) {
  const std::string word = sync->String("conflicts", "take");
  if (word != "take" && word != "keep") {
    sync->Fail("conflicts", fmt::format("is \"{}\"; expected one of take, keep", word));
  }
  return word == "keep" ? Conflicts::kKeep : Conflicts::kTake;
}

IgnoreRule ParseIgnoreRule(Fields* item) {
  IgnoreRule rule;
  if (item->Has("group")) rule.group = item->String("group");
  rule.kind = item->Required("kind");
  rule.name = item->String("name");
  rule.namespace_name = item->String("namespace");
  rule.json_pointers = item->Strings("jsonPointers");
  rule.jq_paths = item->Strings("jqPathExpressions");
  rule.managers = item->Strings("managedFieldsManagers");
  for (const std::string& pointer : rule.json_pointers) {
    if (pointer.size() > 1 && pointer[0] == '/') continue;
    item->Fail("jsonPointers",
               fmt::format("has \"{}\"; expected a path such as /spec/replicas", pointer));
  }
  if (rule.json_pointers.empty() && rule.jq_paths.empty() && rule.managers.empty()) {
    item->Fail("jsonPointers",
               "is missing: say by jsonPointers, jqPathExpressions or managedFieldsManagers which "
               "fields are ignored");
  }
  for (const auto& [key, list] : {std::pair("jsonPointers", &rule.json_pointers),
                                  std::pair("jqPathExpressions", &rule.jq_paths),
                                  std::pair("managedFieldsManagers", &rule.managers)}) {
    if (list->size() > kIgnorePathsMax)
      item->Fail(key, fmt::format("has more than {} items", kIgnorePathsMax));
  }
  item->Finish();
  return rule;
}

Retry ParseRetry(Fields* sync) {
  Retry retry;
  Fields fields = sync->Sub("retry");
  if (fields.Has("limit")) retry.limit = fields.Int("limit", 0, -1, 1'000'000);
  if (retry.limit && *retry.limit < 0) retry.limit.reset();
  Fields backoff = fields.Sub("backoff");
  retry.initial = backoff.Time("initial", retry.initial);
  retry.max = backoff.Time("max", retry.max);
  const std::string factor = backoff.Number("factor");
  if (!factor.empty()) {
    char* end = nullptr;
    retry.factor = std::strtod(factor.c_str(), &end);
    if (end != factor.c_str() + factor.size() || !(retry.factor >= 1 && retry.factor <= 100)) {
      backoff.Fail("factor", fmt::format("is {}; expected a number from 1 to 100", factor));
    }
  }
  if (retry.initial < std::chrono::milliseconds(1)) backoff.Fail("initial", "is shorter than 1ms");
  if (retry.max < retry.initial) backoff.Fail("max", "is shorter than initial");
  backoff.Finish();
  fields.Finish();
  return retry;
}

std::vector<Dependency> ParseDependencies(Fields* spec, const std::string& own_namespace) {
  std::vector<Dependency> all;
  for (Fields& item : spec->Items("dependsOn")) {
    all.push_back({item.Required("name"), item.String("namespace", own_namespace),
                   item.String("condition", "Ready")});
    item.Finish();
  }
  if (all.size() > kDependenciesMax) {
    spec->Fail("dependsOn", fmt::format("has more than {} items", kDependenciesMax));
  }
  return all;
}

std::vector<IgnoreRule> ParseIgnoreRules(Fields* sync) {
  std::vector<IgnoreRule> rules;
  for (Fields& item : sync->Items("ignoreDifferences")) rules.push_back(ParseIgnoreRule(&item));
  if (rules.size() > kIgnoreRulesMax) {
    sync->Fail("ignoreDifferences", fmt::format("has more than {} items", kIgnoreRulesMax));
  }
  return rules;
}

}  // namespace

SyncPolicy ReadSyncPolicy(Fields* spec, Fields* sync, const std::string& own_namespace) {
  SyncPolicy policy;
  policy.ignore_differences = ParseIgnoreRules(sync);
  policy.self_heal = sync->Bool("selfHeal", true);
  policy.conflicts = ParseConflicts(sync);
  policy.retry = ParseRetry(sync);
  policy.depends_on = ParseDependencies(spec, own_namespace);
  return policy;
}

Result<SyncPolicy> ParseSyncPolicy(const Value& body) {
  Reading reading;
  Fields spec(body.Find("spec"), "spec", &reading);
  Fields sync = spec.Sub("sync");
  SyncPolicy policy = ReadSyncPolicy(&spec, &sync, NamespaceOf(body));
  if (reading.error) return *reading.error;
  return policy;
}

}  // namespace headgate::core
