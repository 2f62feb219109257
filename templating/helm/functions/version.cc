#include "templating/helm/functions/version.h"

#include <algorithm>
#include <vector>

#include "templating/helm/functions/split.h"
#include "templating/helm/strconv.h"

namespace headgate::templating::helm {
namespace {

bool IsDigit(char c) { return '0' <= c && c <= '9'; }
bool IsIdentifier(char c) {
  return IsDigit(c) || ('a' <= c && c <= 'z') || ('A' <= c && c <= 'Z') || c == '-';
}
bool IsNumber(std::string_view text) { return std::all_of(text.begin(), text.end(), IsDigit); }

template <class Is>
std::string_view Take(std::string_view* text, Is is) {
  const auto end = std::find_if_not(text->begin(), text->end(), is);
  const std::string_view taken = text->substr(0, static_cast<size_t>(end - text->begin()));
  text->remove_prefix(taken.size());
  return taken;
}

// Identifiers parted by dots, behind a mark; nothing taken where there is no identifier.
std::string_view TakeIdentifiers(std::string_view* text, char mark) {
  if (!text->starts_with(mark)) return {};
  std::string_view rest = text->substr(1);
  const std::string_view from = rest;
  size_t size = 0;
  while (!Take(&rest, IsIdentifier).empty()) {
    size = from.size() - rest.size();
    if (!rest.starts_with('.')) break;
    rest.remove_prefix(1);
  }
  if (size > 0) text->remove_prefix(size + 1);
  return from.substr(0, size);
}

// A number, up to uint64.
bool ReadSegment(std::string_view digits, uint64_t* number, std::string* error) {
  const Parsed<uint64_t> parsed = ParseUint(digits, 10);
  *number = parsed.number;
  if (parsed) return true;
  *error = "error parsing version segment: strconv.ParseUint: parsing " + Quote(digits) +
           ": value out of range";
  return false;
}

int ComparePart(std::string_view a, std::string_view b) {
  if (a == b) return 0;
  if (a.empty()) return -1;
  if (b.empty()) return 1;
  const Parsed<uint64_t> left = ParseUint(a, 10), right = ParseUint(b, 10);
  if (!left && !right) return a > b ? 1 : -1;
  if (!right) return -1;  // numbers come first
  if (!left) return 1;
  return left.number > right.number ? 1 : -1;
}

}  // namespace

std::string Version::Text() const {
  std::string text =
      std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch);
  if (!pre.empty()) text += "-" + pre;
  if (!metadata.empty()) text += "+" + metadata;
  return text;
}

std::optional<Version> ParseVersion(std::string_view text, std::string* error) {
  Version version;
  version.original = text;
  std::string_view rest = text;
  if (rest.starts_with('v')) rest.remove_prefix(1);
  std::string_view segments[3];
  segments[0] = Take(&rest, IsDigit);
  for (size_t i = 1; i < 3 && rest.size() > 1 && rest[0] == '.' && IsDigit(rest[1]); ++i) {
    rest.remove_prefix(1);
    segments[i] = Take(&rest, IsDigit);
  }
  version.pre = TakeIdentifiers(&rest, '-');
  version.metadata = TakeIdentifiers(&rest, '+');
  if (segments[0].empty() || !rest.empty()) {
    *error = "invalid semantic version";
    return std::nullopt;
  }
  uint64_t* const numbers[] = {&version.major, &version.minor, &version.patch};
  for (size_t i = 0; i < 3; ++i) {
    if (!segments[i].empty() && !ReadSegment(segments[i], numbers[i], error)) return std::nullopt;
  }
  if (!version.pre.empty()) *error = CheckPre(version.pre);
  if (!error->empty()) return std::nullopt;
  return version;
}

int ComparePre(std::string_view a, std::string_view b) {
  const std::vector<std::string_view> ours = SplitText(a, ".", -1), theirs = SplitText(b, ".", -1);
  for (size_t i = 0; i < std::max(ours.size(), theirs.size()); ++i) {
    const int order =
        ComparePart(i < ours.size() ? ours[i] : "", i < theirs.size() ? theirs[i] : "");
    if (order != 0) return order;
  }
  return 0;
}

int Compare(const Version& a, const Version& b) {
  if (a.major != b.major) return a.major < b.major ? -1 : 1;
  if (a.minor != b.minor) return a.minor < b.minor ? -1 : 1;
  if (a.patch != b.patch) return a.patch < b.patch ? -1 : 1;
  if (a.pre.empty() || b.pre.empty()) {
    return static_cast<int>(a.pre.empty()) - static_cast<int>(b.pre.empty());
  }
  return ComparePre(a.pre, b.pre);
}

std::string CheckPre(std::string_view pre) {
  for (const std::string_view part : SplitText(pre, ".", -1)) {
    if (part.empty()) return "invalid prerelease string";
    if (IsNumber(part)) {
      if (part.size() > 1 && part[0] == '0') return "version segment starts with 0";
    } else if (!std::all_of(part.begin(), part.end(), IsIdentifier)) {
      return "invalid prerelease string";
    }
  }
  return "";
}

std::string CheckMetadata(std::string_view metadata) {
  for (const std::string_view part : SplitText(metadata, ".", -1)) {
    if (part.empty() || !std::all_of(part.begin(), part.end(), IsIdentifier)) {
      return "invalid metadata string";
    }
  }
  return "";
}

}  // namespace headgate::templating::helm
