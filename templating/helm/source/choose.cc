#include "templating/helm/source/choose.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "templating/helm/functions/constraint.h"
#include "templating/helm/functions/version.h"

namespace headgate::templating::helm {
namespace {

constexpr size_t kNearestMax = 3;

struct Candidate {
  Version version;
  size_t index;
};

// Newest first; of the same version what was named first.
std::vector<Candidate> Sorted(const std::vector<std::string>& versions) {
  std::vector<Candidate> sorted;
  for (size_t i = 0; i < versions.size(); ++i) {
    std::string ignored;
    if (std::optional<Version> version = ParseVersion(versions[i], &ignored)) {
      sorted.push_back({std::move(*version), i});
    }
  }
  std::stable_sort(sorted.begin(), sorted.end(), [](const Candidate& a, const Candidate& b) {
    return Compare(a.version, b.version) > 0;
  });
  return sorted;
}

// The first version that a text has: of ">= 1.2 < 2" 1.2.
std::optional<Version> VersionIn(std::string_view text) {
  const size_t start = text.find_first_of("0123456789");
  if (start == std::string_view::npos) return std::nullopt;
  const size_t end = std::min(text.find_first_of(" ,|<>=", start), text.size());
  std::string ignored;
  return ParseVersion(text.substr(start, end - start), &ignored);
}

// Those around the wanted one, the newest first.
std::string Nearest(const std::vector<Candidate>& sorted, std::string_view wanted) {
  const std::optional<Version> near = VersionIn(wanted);
  size_t at = 0;
  while (near && at < sorted.size() && Compare(sorted[at].version, *near) > 0) ++at;
  const size_t first = at > 1 ? std::min(at - 1, sorted.size() - 1) : 0;
  std::string names;
  for (size_t i = first; i < std::min(first + kNearestMax, sorted.size()); ++i) {
    names += (names.empty() ? "" : ", ") + sorted[i].version.original;
  }
  return names;
}

}  // namespace

core::Result<size_t> ChooseVersion(const std::vector<std::string>& versions,
                                   std::string_view wanted) {
  std::string error;
  const std::shared_ptr<const Constraints> constraints =
      Constraints::Parse(wanted.empty() ? "*" : wanted, &error);
  if (!constraints) {
    return core::Invalid(fmt::format(
        "version: a version or a constraint (\">=1.2 <2\") expected, found {}: {}", wanted, error));
  }
  const auto same = std::find(versions.begin(), versions.end(), wanted);
  if (!wanted.empty() && same != versions.end()) {
    return static_cast<size_t>(same - versions.begin());
  }
  const std::vector<Candidate> sorted = Sorted(versions);
  for (const Candidate& candidate : sorted) {
    if (constraints->Allows(candidate.version)) return candidate.index;
  }
  if (sorted.empty()) return core::NotFound("there is no version of it");
  return core::NotFound(fmt::format("no version is {}; nearest: {}",
                                    wanted.empty() ? "a release" : wanted,
                                    Nearest(sorted, wanted)));
}

}  // namespace headgate::templating::helm
