#include "deploy/plan/managed.h"

#include <algorithm>
#include <charconv>
#include <vector>

#include "core/hash.h"
#include "core/json.h"
#include "deploy/plan/fields_v1.h"

namespace headgate::deploy {
namespace {

// "PATH<tab>value<newline>" for each leaf; of a place that is owned as such only that it is there.
void WalkValues(const core::Value& fields, const core::Value* at, const std::string& path,
                std::vector<std::string>* lines) {
  const core::Map* map = fields.AsMap();
  if (!map || map->empty()) {
    lines->push_back(path + "\t" + (at ? core::ToCanonicalJson(*at) : "gone") + "\n");
    return;
  }
  for (const core::Map::Entry& entry : *map) {
    if (entry.first == ".") {
      lines->push_back(path + (at ? ".\tthere\n" : ".\tgone\n"));
    } else if (!entry.first.empty()) {
      WalkValues(entry.second, StepInto(at, entry.first), WithElement(path, entry.first), lines);
    }
  }
}

// A list item that is owned as such goes as a whole; of maps only the leaves that are ours.
void WalkGone(const core::Value& fields, const core::Value* live, const core::Value* wanted,
              const std::string& path, FieldDiffs* gone) {
  const core::Map* map = fields.AsMap();
  if (!live) return;
  const bool whole = !map || map->empty() || (path.ends_with(']') && map->Find("."));
  if (!wanted && whole) {
    gone->push_back({path, *live, std::nullopt});
    return;
  }
  if (!map) return;
  for (const core::Map::Entry& entry : *map) {
    if (entry.first == "." || entry.first.empty()) continue;
    WalkGone(entry.second, StepInto(live, entry.first), StepInto(wanted, entry.first),
             WithElement(path, entry.first), gone);
  }
}

// resourceVersions of one kind are numbers that grow (KEP-5504).
std::optional<uint64_t> VersionNumber(const std::string& text) {
  uint64_t number = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failed != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

std::string DigestOfManaged(const core::Value& live, std::string_view manager) {
  std::vector<std::string> lines;
  for (const core::Value* fields : AppliedFields(live, manager))
    WalkValues(*fields, &live, "", &lines);
  if (lines.empty()) return "";
  std::sort(lines.begin(), lines.end());
  std::string all;
  for (const std::string& line : lines) all += line;
  return core::Sha256(all);
}

FieldDiffs OwnedButNotWanted(const core::Value& wanted, const core::Value& live,
                             std::string_view manager) {
  FieldDiffs gone;
  for (const core::Value* fields : AppliedFields(live, manager)) {
    WalkGone(*fields, &live, &wanted, "", &gone);
  }
  return gone;
}

bool IsOlder(const core::Value& live, const AppliedMark& mark) {
  const std::optional<uint64_t> seen = VersionNumber(live.StringAt("metadata", "resourceVersion"));
  const std::optional<uint64_t> left = VersionNumber(mark.resource_version);
  return seen && left && *seen < *left;
}

std::optional<AppliedMark> Applied::Find(const core::ObjectRef& ref) const {
  const std::lock_guard lock(mutex_);
  const auto found = marks_.find(ref);
  if (found == marks_.end()) return std::nullopt;
  return found->second;
}

void Applied::Remember(const core::ObjectRef& ref, AppliedMark mark) {
  const std::lock_guard lock(mutex_);
  marks_.insert_or_assign(ref, std::move(mark));
}

void Applied::Forget(const core::ObjectRef& ref) {
  const std::lock_guard lock(mutex_);
  marks_.erase(ref);
}

size_t Applied::size() const {
  const std::lock_guard lock(mutex_);
  return marks_.size();
}

}  // namespace headgate::deploy
