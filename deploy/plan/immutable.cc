#include "deploy/plan/immutable.h"

#include <array>
#include <string_view>

namespace headgate::deploy {
namespace {

constexpr std::array<std::string_view, 7> kTexts = {
    "field is immutable",
    "is immutable after creation",
    "is immutable",
    "may not change once set",
    "updates to statefulset spec for fields other than",
    "cannot change roleRef",
    "may not be changed",
};

// "... is invalid: spec.selector: Invalid value: ...": the last word before a cause.
std::string FieldBefore(std::string_view text, size_t at) {
  for (const std::string_view cause : {": Invalid value", ": Forbidden"}) {
    const size_t end = text.rfind(cause, at);
    if (end == std::string_view::npos || end == 0) continue;
    size_t begin = text.find_last_of(" ,", end - 1);
    begin = begin == std::string_view::npos ? 0 : begin + 1;
    if (text[begin] == '[') ++begin;  // the first of a list of causes
    return std::string(text.substr(begin, end - begin));
  }
  return "";
}

}  // namespace

std::optional<std::string> ImmutableField(const core::Error& refusal) {
  if (refusal.fault() != core::Fault::kInvalid) return std::nullopt;
  for (const std::string_view text : kTexts) {
    const size_t at = refusal.text().find(text);
    if (at != std::string::npos) return FieldBefore(refusal.text(), at);
  }
  return std::nullopt;
}

}  // namespace headgate::deploy
