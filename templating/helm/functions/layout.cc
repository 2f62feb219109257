#include "templating/helm/functions/layout.h"

#include <cstddef>

namespace headgate::templating::helm {
namespace {

struct Example {
  std::string_view text;
  Part part;
  bool whole = false;  // no lower-case letter may follow
  size_t skip = 0;     // that are not part of it
};

// Of those that begin alike, the first counts.
constexpr Example kExamples[] = {
    {"January", Part::kLongMonth},
    {"Jan", Part::kMonth, true},
    {"Monday", Part::kLongWeekday},
    {"Mon", Part::kWeekday, true},
    {"MST", Part::kZoneName},
    {"01", Part::kZeroMonth},
    {"02", Part::kZeroDay},
    {"03", Part::kZeroHour12},
    {"04", Part::kZeroMinute},
    {"05", Part::kZeroSecond},
    {"06", Part::kYear},
    {"002", Part::kZeroYearDay},
    {"15", Part::kHour},
    {"1", Part::kNumMonth},
    {"2006", Part::kLongYear},
    {"2", Part::kDay},
    {"_2006", Part::kLongYear, false, 1},
    {"_2", Part::kUnderDay},
    {"__2", Part::kUnderYearDay},
    {"3", Part::kHour12},
    {"4", Part::kMinute},
    {"5", Part::kSecond},
    {"PM", Part::kPM},
    {"pm", Part::kpm},
};

struct OffsetForm {
  std::string_view text;  // behind "-" or "Z"
  bool colons, minutes, seconds;
};
constexpr OffsetForm kOffsets[] = {
    {"070000", false, true, true}, {"07:00:00", true, true, true}, {"0700", false, true, false},
    {"07:00", true, true, false},  {"07", false, false, false},
};

bool IsDigit(char c) { return '0' <= c && c <= '9'; }

bool TakeExample(std::string_view at, LayoutPart* found, size_t* skip) {
  for (const Example& example : kExamples) {
    if (!at.starts_with(example.text)) continue;
    const std::string_view behind = at.substr(example.text.size());
    if (example.whole && !behind.empty() && 'a' <= behind[0] && behind[0] <= 'z') continue;
    found->part = example.part;
    found->text = example.text.substr(example.skip);
    *skip = example.skip;
    return true;
  }
  return false;
}

bool TakeOffset(std::string_view at, LayoutPart* found) {
  if (at[0] != '-' && at[0] != 'Z') return false;
  for (const OffsetForm& form : kOffsets) {
    if (!at.substr(1).starts_with(form.text)) continue;
    found->part = Part::kOffset;
    found->text = at.substr(0, form.text.size() + 1);
    found->z = at[0] == 'Z';
    found->colons = form.colons;
    found->minutes = form.minutes;
    found->seconds = form.seconds;
    return true;
  }
  return false;
}

// ".000", ",999": no other digit may follow.
bool TakeFraction(std::string_view at, LayoutPart* found) {
  if ((at[0] != '.' && at[0] != ',') || at.size() < 2 || (at[1] != '0' && at[1] != '9')) {
    return false;
  }
  size_t end = at.find_first_not_of(at[1], 1);
  if (end == std::string_view::npos) end = at.size();
  if (end < at.size() && IsDigit(at[end])) return false;
  found->part = at[1] == '0' ? Part::kFraction0 : Part::kFraction9;
  found->text = at.substr(0, end);
  found->digits = end - 1;
  found->separator = at[0];
  return true;
}

}  // namespace

LayoutPart NextPart(std::string_view layout) {
  LayoutPart found;
  for (size_t i = 0; i < layout.size(); ++i) {
    const std::string_view at = layout.substr(i);
    size_t skip = 0;
    if (!TakeExample(at, &found, &skip) && !TakeOffset(at, &found) && !TakeFraction(at, &found)) {
      continue;
    }
    found.prefix = layout.substr(0, i + skip);
    found.rest = layout.substr(i + skip + found.text.size());
    return found;
  }
  found.prefix = layout;
  return found;
}

}  // namespace headgate::templating::helm
