#include "deploy/plan/drift.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/hash.h"
#include "core/json.h"
#include "deploy/plan/fields_v1.h"

namespace headgate::deploy {
namespace {

constexpr size_t kFieldsShown = 4;
constexpr size_t kValueBytesShown = 80;
// A pause that is over is not forgotten before the look that undoes.
constexpr core::Duration kOver = std::chrono::milliseconds(200);

bool IsOurManager(const core::Value& entry) {
  const std::string& manager = entry.StringAt("manager");
  return manager == "headgate" || manager == "headgate-released";
}

// "[name=web]" for "k:{"name":"web"}", as in the paths of a diff.
std::string ShownElement(std::string_view element) {
  const core::Result<core::Value> keys = core::ParseJson(element.substr(2));
  if (element[0] != 'k' || !keys || !keys->is_map()) {
    return "[" + std::string(element.substr(2)) + "]";
  }
  std::string text;
  for (const core::Map::Entry& key : *keys->AsMap()) {
    const std::string* word = key.second.AsString();
    text += (text.empty() ? "" : ",") + key.first + "=" + (word ? *word : core::ToJson(key.second));
  }
  return "[" + text + "]";
}

bool IsBelow(std::string_view path, std::string_view parent) {
  return path.starts_with(parent) &&
         (path.size() == parent.size() || path[parent.size()] == '.' || path[parent.size()] == '[');
}

// Whether `tree` has a leaf at, above or below the path of a difference.
bool Covers(const core::Value& tree, const std::string& at, const std::string& path) {
  if (!tree.AsMap() || tree.AsMap()->empty()) return IsBelow(path, at) || IsBelow(at, path);
  if (!at.empty() && !IsBelow(path, at) && !IsBelow(at, path)) return false;
  for (const core::Map::Entry& entry : *tree.AsMap()) {
    if (entry.first == "." || entry.first.size() < 2) continue;
    const std::string next =
        entry.first[0] == 'f' ? WithElement(at, entry.first) : at + ShownElement(entry.first);
    if (Covers(entry.second, next, path)) return true;
  }
  return false;
}

// Who has a field: the one that wrote last, if several do.
void FindManager(const core::Value& live, SetField* field) {
  for (const core::Value& entry : live.ListAt("metadata", "managedFields")) {
    const core::Value* fields = entry.Find("fieldsV1");
    if (IsOurManager(entry) || !fields || !Covers(*fields, "", field->diff.path)) continue;
    if (!field->manager.empty() && entry.StringAt("time") <= field->time) continue;
    field->manager = entry.StringAt("manager");
    field->time = entry.StringAt("time");
  }
}

core::Value Held(const core::Value& tree, const core::Value& ours, const core::Value& live) {
  core::Map held;
  if (!tree.AsMap()) return held;
  for (const core::Map::Entry& entry : *tree.AsMap()) {
    const core::Value* wanted = StepInto(&ours, entry.first);
    const core::Value* now = StepInto(&live, entry.first);
    if (entry.first == "." || !wanted || !now) continue;
    const bool leaf = !entry.second.AsMap() || entry.second.AsMap()->empty();
    if (leaf) {
      const bool differs = !DiffOnWanted(core::Map{{"v", *wanted}}, core::Map{{"v", *now}}).empty();
      if (differs) held.Append(entry.first, core::Map{});
      continue;
    }
    core::Value below = Held(entry.second, *wanted, *now);
    if (!IsEmptyTree(below)) held.Append(entry.first, std::move(below));
  }
  return held;
}

std::string Cut(const std::optional<core::Value>& value) {
  if (!value) return "missing";
  std::string text = core::ToJson(*value);
  if (text.size() <= kValueBytesShown) return text;
  size_t end = kValueBytesShown;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end) + "...";
}

// What two drifts have in common where somebody answers alike: who and where; and the values.
std::string WhoOf(const Drift& drift) {
  std::string who = drift.deleted ? "deleted" : "";
  for (const SetField& field : drift.fields) who += field.diff.path + "\t" + field.manager + "\n";
  return who;
}
std::string ValuesOf(const Drift& drift) {
  std::string values;
  for (const SetField& field : drift.fields) {
    values += (field.diff.from ? core::ContentHash(*field.diff.from) : "") + "\n";
  }
  return values;
}

}  // namespace

Drift DriftOf(const core::Value& ours, const core::Value& live) {
  Drift drift;
  for (FieldDiff& diff : DiffOnWanted(Masked(ours), Masked(live))) {
    SetField field{std::move(diff), "", ""};
    FindManager(live, &field);
    drift.fields.push_back(std::move(field));
  }
  return drift;
}

core::Value HeldByOthers(const core::Value& ours, const core::Value& live) {
  core::Value all = core::Map{};
  for (const core::Value& entry : live.ListAt("metadata", "managedFields")) {
    const core::Value* fields = entry.Find("fieldsV1");
    if (!IsOurManager(entry) && fields) all = UnitedFields(all, Held(*fields, ours, live));
  }
  return all;
}

std::string Show(const Drift& drift) {
  if (drift.deleted) return "was deleted";
  std::string text;
  for (size_t i = 0; i < std::min(drift.fields.size(), kFieldsShown); ++i) {
    const SetField& field = drift.fields[i];
    text += fmt::format("{}{} is {}, not {}", text.empty() ? "" : "; ", field.diff.path,
                        Cut(field.diff.from), Cut(field.diff.to));
    if (!field.manager.empty()) {
      text += fmt::format(" (set by {}{}{})", field.manager, field.time.empty() ? "" : " at ",
                          field.time);
    }
  }
  if (drift.fields.size() > kFieldsShown) {
    text += fmt::format("; and {} more fields", drift.fields.size() - kFieldsShown);
  }
  return text;
}

bool Fights::MayHeal(const core::ObjectRef& ref, const Drift& drift, core::BootTime now) {
  const std::lock_guard lock(mutex_);
  Standing& at = standings_[ref];
  at.drift = drift;
  if (at.until) {
    if (now < *at.until) return false;
    at.until.reset();
    return true;
  }
  const bool answer = at.healed && now - *at.healed < kAnswerMax && at.who == WhoOf(drift);
  at.alike = answer && at.values == ValuesOf(drift) ? at.alike + 1 : 0;
  at.rounds = answer ? at.rounds + 1 : 0;
  at.who = WhoOf(drift);
  at.values = ValuesOf(drift);
  const int over = std::max(at.alike - kRoundsFree, at.rounds - kRoundsFreeOtherwise);
  if (over < 0) return true;
  at.until = now + std::min(kPauseFirst * (int64_t{1} << std::min(over, 20)), kPauseMax);
  return false;
}

void Fights::Healed(const core::ObjectRef& ref, core::BootTime now) {
  const std::lock_guard lock(mutex_);
  standings_[ref].healed = now;
  // What nobody has answered for long is forgotten.
  std::erase_if(standings_, [&](const auto& each) {
    const Standing& at = each.second;
    return !at.until && at.healed && now - *at.healed > kAnswerMax;
  });
}

std::vector<Fights::Contest> Fights::Contests(core::BootTime now) const {
  const std::lock_guard lock(mutex_);
  std::vector<Contest> contests;
  for (const auto& [ref, at] : standings_) {
    const bool lasts = at.until && now < *at.until + kOver;
    if (lasts) contests.push_back({ref, at.drift, at.rounds, *at.until});
  }
  return contests;
}

}  // namespace headgate::deploy
