#include "templating/kustomize_first/selector.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <string>
#include <vector>

namespace headgate::templating {
namespace {

// One requirement of a label selector: "a", "!a", "a=b", "a!=b", "a in (b,c)", "a notin (b,c)".
struct Requirement {
  std::string key;
  bool negated = false;
  bool exists = false;  // only whether the key is there counts
  std::vector<std::string> values;
};

std::string_view Trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

// Parts at commas that stand outside of parentheses.
std::vector<std::string_view> SplitCommas(std::string_view text) {
  std::vector<std::string_view> parts;
  int depth = 0;
  size_t start = 0;
  for (size_t at = 0; at <= text.size(); ++at) {
    if (at == text.size() || (text[at] == ',' && depth == 0)) {
      parts.push_back(Trim(text.substr(start, at - start)));
      start = at + 1;
    } else if (text[at] == '(') {
      ++depth;
    } else if (text[at] == ')') {
      --depth;
    }
  }
  return parts;
}

core::Result<Requirement> ParseRequirement(std::string_view text) {
  static const RE2 exists(R"((!?)\s*([^\s=!,()]+))");
  static const RE2 equals(R"(([^\s=!,()]+)\s*(==|=|!=)\s*([^\s=!,()]*))");
  static const RE2 in(R"(([^\s=!,()]+)\s+(in|notin)\s*\(([^()]*)\))");
  Requirement requirement;
  std::string op, values;
  if (RE2::FullMatch(text, exists, &op, &requirement.key)) {
    requirement.negated = op == "!";
    requirement.exists = true;
    return requirement;
  }
  if (RE2::FullMatch(text, equals, &requirement.key, &op, &values)) {
    requirement.negated = op == "!=";
    requirement.values = {values};
    return requirement;
  }
  if (RE2::FullMatch(text, in, &requirement.key, &op, &values)) {
    requirement.negated = op == "notin";
    for (std::string_view value : SplitCommas(values)) requirement.values.emplace_back(value);
    return requirement;
  }
  return core::Invalid(
      fmt::format("\"{}\": a selector such as app=web or tier in (a,b) expected", text));
}

core::Result<std::vector<Requirement>> ParseRequirements(std::string_view text) {
  std::vector<Requirement> requirements;
  if (Trim(text).empty()) return requirements;
  for (std::string_view part : SplitCommas(text)) {
    core::Result<Requirement> requirement = ParseRequirement(part);
    if (!requirement) return requirement.error();
    requirements.push_back(*std::move(requirement));
  }
  return requirements;
}

bool Meets(const std::vector<Requirement>& requirements, const core::Value* strings) {
  for (const Requirement& requirement : requirements) {
    const core::Value* value = strings ? strings->Find(requirement.key) : nullptr;
    bool fits = value != nullptr;
    if (fits && !requirement.exists) {
      const std::string* text = value->AsString();
      fits = text && std::find(requirement.values.begin(), requirement.values.end(), *text) !=
                         requirement.values.end();
    }
    if (fits == requirement.negated) return false;
  }
  return true;
}

}  // namespace

struct Selector::Parts {
  std::unique_ptr<RE2> group, version, kind, name, namespace_name;  // nullptr: any
  std::vector<Requirement> labels, annotations;
};

Selector::Selector(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Selector::~Selector() = default;
Selector::Selector(Selector&&) noexcept = default;
Selector& Selector::operator=(Selector&&) noexcept = default;

core::Result<Selector> Selector::Parse(const core::Value& target) {
  auto parts = std::make_unique<Parts>();
  const std::pair<const char*, std::unique_ptr<RE2>*> patterns[] = {
      {"group", &parts->group},
      {"version", &parts->version},
      {"kind", &parts->kind},
      {"name", &parts->name},
      {"namespace", &parts->namespace_name}};
  for (const auto& [field, pattern] : patterns) {
    const std::string& text = target.StringAt(field);
    if (text.empty()) continue;
    *pattern = std::make_unique<RE2>(text, RE2::Quiet);
    if (!(*pattern)->ok()) {
      return core::Invalid(
          fmt::format("{}: \"{}\" is no regular expression: {}", field, text, (*pattern)->error()));
    }
  }
  core::Result<std::vector<Requirement>> labels =
      ParseRequirements(target.StringAt("labelSelector"));
  if (!labels) return labels.error().In("labelSelector");
  core::Result<std::vector<Requirement>> annotations =
      ParseRequirements(target.StringAt("annotationSelector"));
  if (!annotations) return annotations.error().In("annotationSelector");
  parts->labels = *std::move(labels);
  parts->annotations = *std::move(annotations);
  return Selector(std::move(parts));
}

bool Selector::Selects(const Resource& resource) const {
  const core::Value& body = resource.object.body;
  const Id now = IdOf(body), original = OriginalId(resource);
  const auto fits = [](const std::unique_ptr<RE2>& pattern, const std::string& text) {
    return !pattern || RE2::FullMatch(text, *pattern);
  };
  return fits(parts_->group, now.group) && fits(parts_->version, now.version) &&
         fits(parts_->kind, now.kind) &&
         (fits(parts_->name, now.name) || fits(parts_->name, original.name)) &&
         (fits(parts_->namespace_name, EffectiveNamespace(now)) ||
          fits(parts_->namespace_name, EffectiveNamespace(original))) &&
         Meets(parts_->labels, body.Find("metadata", "labels")) &&
         Meets(parts_->annotations, body.Find("metadata", "annotations"));
}

}  // namespace headgate::templating
