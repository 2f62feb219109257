#include "templating/helm/chart/ignore.h"

#include <fmt/format.h>

#include "templating/helm/chart/paths.h"
#include "templating/helm/chart/text.h"

namespace headgate::templating::helm {
namespace {

constexpr size_t kLineBytesMax = 64 * 1024;  // of Go's line scanner

}  // namespace

core::Result<IgnoreRules> IgnoreRules::Parse(std::string_view text) {
  IgnoreRules rules;
  rules.rules_.clear();
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  for (size_t number = 1; !text.empty(); ++number) {
    const size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.size() >= kLineBytesMax) {
      return core::Invalid(
          fmt::format(".helmignore:{}: a line of more than {} bytes", number, kLineBytesMax));
    }
    const core::Status added = rules.Add(line);
    if (!added) return added.error().In(fmt::format(".helmignore:{}", number));
  }
  rules.AddDefaults();
  return rules;
}

void IgnoreRules::AddDefaults() { rules_.push_back({"templates/.?*", false, false, true}); }

core::Status IgnoreRules::Add(std::string_view line) {
  line = TrimSpace(line);
  if (line.empty() || line.starts_with('#')) return core::Ok();
  if (line.find("**") != std::string_view::npos) {
    return core::Invalid("double-star (**) syntax is not supported");
  }
  if (!MatchPath(line, "abc"))
    return core::Invalid(fmt::format("{}: syntax error in pattern", line));
  Rule rule;
  if (line.starts_with('!')) {
    rule.negated = true;
    line.remove_prefix(1);
  }
  if (line.ends_with('/')) {
    rule.directories_only = true;
    line.remove_suffix(1);
  }
  rule.whole_path = line.find('/') != std::string_view::npos;
  if (line.starts_with('/')) line.remove_prefix(1);
  rule.pattern = line;
  rules_.push_back(std::move(rule));
  return core::Ok();
}

bool IgnoreRules::Ignores(std::string_view path, bool is_directory) const {
  for (const Rule& rule : rules_) {
    if (rule.directories_only && !is_directory) {
      if (rule.negated) return true;
      continue;
    }
    const std::string_view name = rule.whole_path ? path : PathBase(path);
    // A pattern that turns out to be malformed matches nothing.
    if (MatchPath(rule.pattern, name).value_or(false) != rule.negated) return true;
  }
  return false;
}

}  // namespace headgate::templating::helm
