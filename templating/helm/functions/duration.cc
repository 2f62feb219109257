// Durations as text.

#include "templating/helm/functions/moment.h"

namespace headgate::templating::helm {
namespace {

constexpr uint64_t kMost = uint64_t{1} << 63;

struct Unit {
  std::string_view name;
  uint64_t nanoseconds;
};
constexpr Unit kUnits[] = {
    {"ns", 1},
    {"us", 1'000},
    {"\xc2\xb5s", 1'000},  // the micro sign
    {"\xce\xbcs", 1'000},  // the Greek letter
    {"ms", 1'000'000},
    {"s", 1'000'000'000},
    {"m", 60'000'000'000},
    {"h", 3'600'000'000'000},
};

bool IsDigit(char c) { return '0' <= c && c <= '9'; }

// Whole digits; false beyond 2^63.
bool TakeWhole(std::string_view* text, uint64_t* number) {
  for (*number = 0; !text->empty() && IsDigit(text->front()); text->remove_prefix(1)) {
    if (*number > kMost / 10) return false;
    *number = *number * 10 + static_cast<uint64_t>(text->front() - '0');
    if (*number > kMost) return false;
  }
  return true;
}

// Digits behind a point, as far as they fit.
void TakeFraction(std::string_view* text, uint64_t* number, double* scale) {
  bool full = false;
  for (*number = 0, *scale = 1; !text->empty() && IsDigit(text->front()); text->remove_prefix(1)) {
    full = full || *number > (kMost - 1) / 10;
    const uint64_t next = *number * 10 + static_cast<uint64_t>(text->front() - '0');
    full = full || next > kMost;
    if (full) continue;
    *number = next;
    *scale *= 10;
  }
}

// One number with its unit, added to `sum`. What is wrong; "" where nothing is.
std::string TakeTerm(std::string_view* text, uint64_t* sum) {
  static constexpr char kInvalid[] = "invalid duration";
  const size_t before = text->size();
  uint64_t whole = 0, fraction = 0;
  double scale = 1;
  if (!TakeWhole(text, &whole)) return kInvalid;
  bool digits = text->size() < before;
  if (text->starts_with('.')) {
    text->remove_prefix(1);
    const size_t behind_point = text->size();
    TakeFraction(text, &fraction, &scale);
    digits = digits || text->size() < behind_point;
  }
  if (!digits) return kInvalid;
  const size_t size = std::min(text->find_first_of(".0123456789"), text->size());
  if (size == 0) return "missing unit in duration";
  const std::string_view name = text->substr(0, size);
  text->remove_prefix(size);
  for (const Unit& unit : kUnits) {
    if (unit.name != name) continue;
    if (whole > kMost / unit.nanoseconds) return kInvalid;
    whole *= unit.nanoseconds;
    whole += static_cast<uint64_t>(static_cast<double>(fraction) *
                                   (static_cast<double>(unit.nanoseconds) / scale));
    *sum += whole;
    return whole > kMost || *sum > kMost ? kInvalid : "";
  }
  return "unknown unit " + QuoteForTime(name) + " in duration";
}

}  // namespace

std::optional<int64_t> ParseDuration(std::string_view text, std::string* error) {
  std::string_view rest = text;
  const bool negative = rest.starts_with('-');
  if (negative || rest.starts_with('+')) rest.remove_prefix(1);
  if (rest == "0") return 0;
  std::string fault = rest.empty() ? "invalid duration" : "";
  uint64_t sum = 0;
  while (!rest.empty() && fault.empty()) fault = TakeTerm(&rest, &sum);
  if (fault.empty() && !negative && sum >= kMost) fault = "invalid duration";
  if (!fault.empty()) {
    *error = "time: " + fault + " " + QuoteForTime(text);
    return std::nullopt;
  }
  return static_cast<int64_t>(negative ? 0 - sum : sum);
}

}  // namespace headgate::templating::helm
