// A plan for people and for programs.
#include <fmt/format.h>

#include <algorithm>

#include "core/json.h"
#include "deploy/plan/plan.h"

namespace headgate::deploy {
namespace {

constexpr size_t kValueBytesMax = 200;  // of one value in a line
constexpr size_t kLinesMax = 12;        // of a long text's difference, each side

char MarkOf(ChangeKind kind) {
  switch (kind) {
    case ChangeKind::kCreate:
      return '+';
    case ChangeKind::kUpdate:
      return '~';
    case ChangeKind::kRecreate:
      return '!';
    case ChangeKind::kPrune:
      return '-';
    case ChangeKind::kKeep:
      return '=';
    case ChangeKind::kUnchanged:
      return ' ';
    case ChangeKind::kRun:
      return '*';
  }
  return ' ';
}

std::string ShowValue(const std::optional<core::Value>& value) {
  if (!value) return "(none)";
  std::string text = core::ToJson(*value);
  if (text.size() <= kValueBytesMax) return text;
  size_t end = kValueBytesMax;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end) + "...";
}

std::vector<std::string_view> LinesOf(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    lines.push_back(text.substr(0, end));
    text = end == std::string_view::npos ? "" : text.substr(end + 1);
  }
  return lines;
}

void AppendLines(const std::vector<std::string_view>& lines, size_t begin, size_t end, char mark,
                 std::string* out) {
  const size_t shown = std::min(end, begin + kLinesMax);
  for (size_t i = begin; i < shown; ++i) *out += fmt::format("      {} {}\n", mark, lines[i]);
  if (shown < end) *out += fmt::format("      {} ... {} more lines\n", mark, end - shown);
}

// Two texts of several lines: what is between their common beginning and end.
void AppendTexts(std::string_view from, std::string_view to, std::string* out) {
  const std::vector<std::string_view> before = LinesOf(from);
  const std::vector<std::string_view> after = LinesOf(to);
  const size_t shorter = std::min(before.size(), after.size());
  size_t head = 0;
  while (head < shorter && before[head] == after[head]) ++head;
  size_t tail = 0;
  while (tail < shorter - head &&
         before[before.size() - 1 - tail] == after[after.size() - 1 - tail]) {
    ++tail;
  }
  AppendLines(before, head, before.size() - tail, '-', out);
  AppendLines(after, head, after.size() - tail, '+', out);
}

const std::string* LongText(const std::optional<core::Value>& value) {
  const std::string* text = value ? value->AsString() : nullptr;
  return text && text->find('\n') != std::string::npos ? text : nullptr;
}

void AppendField(const FieldDiff& field, std::string* out) {
  const std::string* from = LongText(field.from);
  const std::string* to = LongText(field.to);
  if (from && to) {
    *out += fmt::format("    {}:\n", field.path);
    return AppendTexts(*from, *to, out);
  }
  *out += fmt::format("    {}: {} -> {}\n", field.path, ShowValue(field.from), ShowValue(field.to));
}

}  // namespace

std::string Show(const Plan& plan) {
  std::string out;
  for (const Change& change : plan.changes) {
    if (change.kind == ChangeKind::kUnchanged) continue;
    out += fmt::format("{} {} {}: {}\n", MarkOf(change.kind), Show(change.kind),
                       core::Show(change.ref), change.reason);
    for (const FieldDiff& field : change.fields) AppendField(field, &out);
  }
  if (!plan.warning.empty()) out += "warning: " + plan.warning + "\n";
  out += fmt::format("{} to create, {} to update, {} to prune, {} unchanged",
                     plan.Count(ChangeKind::kCreate), plan.Count(ChangeKind::kUpdate),
                     plan.Count(ChangeKind::kPrune), plan.Count(ChangeKind::kUnchanged));
  if (const size_t anew = plan.Count(ChangeKind::kRecreate))
    out += fmt::format(", {} to recreate", anew);
  if (const size_t kept = plan.Count(ChangeKind::kKeep)) out += fmt::format(", {} kept", kept);
  const size_t hooks = plan.Count(ChangeKind::kRun);
  if (hooks) out += fmt::format(", {} hook{} to run", hooks, hooks == 1 ? "" : "s");
  return out + "\n";
}

core::Value ToValue(const Plan& plan) {
  core::List changes;
  for (const Change& change : plan.changes) {
    core::Map entry{{"action", Show(change.kind)}, {"group", change.ref.group},
                    {"kind", change.ref.kind},     {"namespace", change.ref.namespace_name},
                    {"name", change.ref.name},     {"reason", change.reason}};
    if (!change.file.empty()) entry.Set("file", change.file);
    core::List fields;
    for (const FieldDiff& field : change.fields) {
      core::Map diff{{"path", field.path}};
      if (field.from) diff.Set("from", *field.from);
      if (field.to) diff.Set("to", *field.to);
      fields.push_back(std::move(diff));
    }
    if (!fields.empty()) entry.Set("fields", std::move(fields));
    changes.push_back(std::move(entry));
  }
  core::Map summary;
  for (const ChangeKind kind : {ChangeKind::kCreate, ChangeKind::kUpdate, ChangeKind::kPrune,
                                ChangeKind::kKeep, ChangeKind::kUnchanged}) {
    summary.Set(Show(kind), plan.Count(kind));
  }
  if (const size_t anew = plan.Count(ChangeKind::kRecreate)) summary.Set("recreate", anew);
  if (const size_t hooks = plan.Count(ChangeKind::kRun)) summary.Set("run", hooks);
  core::Map all{{"changes", std::move(changes)}, {"summary", std::move(summary)}};
  if (!plan.warning.empty()) all.Set("warning", plan.warning);
  return all;
}

}  // namespace headgate::deploy
