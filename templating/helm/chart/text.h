#pragma once

#include <string>
#include <string_view>

namespace headgate::templating::helm {

inline constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// Without the white space around it, that of Unicode too; Go's strings.TrimSpace.
std::string_view TrimSpace(std::string_view text);

// ASCII letters of either case are equal. `lower` has none in upper case.
bool EqualsIgnoringCase(std::string_view text, std::string_view lower);

// "\n" where "\r\n" was.
std::string WithoutCarriageReturns(std::string_view text);

}  // namespace headgate::templating::helm
