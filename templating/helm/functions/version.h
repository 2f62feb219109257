#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace headgate::templating::helm {

// A semantic version, read leniently: "v1.2" is 1.2.0, and numbers may have leading zeros. As
// Masterminds/semver 3.4.0.
struct Version {
  uint64_t major = 0, minor = 0, patch = 0;
  std::string pre, metadata;  // without "-" and "+"
  std::string original;       // as it was read

  std::string Text() const;
  bool operator==(const Version&) const = default;  // also in what Compare does not look at
};

std::optional<Version> ParseVersion(std::string_view text, std::string* error);

// -1, 0, 1; metadata does not count, and a pre-release comes before its release.
int Compare(const Version& a, const Version& b);
int ComparePre(std::string_view a, std::string_view b);

// The error; "" where it is in order.
std::string CheckPre(std::string_view pre);
std::string CheckMetadata(std::string_view metadata);

}  // namespace headgate::templating::helm
