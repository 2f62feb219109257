#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/result.h"
#include "templating/kustomize/field_path.h"

// Words that the parts of this folder that follow paths have in common.
namespace headgate::templating::kustomize {

// The parts of a path from left to right.
class PathParts {
 public:
  PathParts(std::string_view path, char delimiter);
  bool empty() const { return empty_; }
  // A delimiter behind a backslash is part of the text; the part is copied to the arena then.
  std::string_view Take(yaml::Arena* arena);

 private:
  std::string_view rest_;
  char delimiter_;
  bool empty_ = false;
};

// A whole number as Go's Atoi reads it: with a sign, and with leading zeros.
std::optional<int64_t> ParseIndex(std::string_view part);
inline bool IsBracketed(std::string_view part) {
  return part.starts_with('[') && part.ends_with(']') && part.size() >= 2;
}
std::string_view TrimSpace(std::string_view text);

struct ItemSelector {
  std::string_view name, value;
};
// "[name=value]" apart; kInvalid without '='.
core::Result<ItemSelector> ParseItemSelector(std::string_view part);

// What the field before this part becomes where it is made.
Make KindBefore(std::string_view next_part, Make last);
yaml::Node* MakeNode(Make make, yaml::Arena* arena);
// Keys that are made have no tag either: 5 is a number, and no key for JSON.
inline yaml::Node* NewKey(std::string_view name, yaml::Arena* arena) {
  return arena->NewScalar(name, yaml::Tag::kNone);
}

}  // namespace headgate::templating::kustomize
