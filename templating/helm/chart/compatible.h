#pragma once

#include <string_view>

namespace headgate::templating::helm {

// Versions as Helm judges them where charts name them (Masterminds' semver).
bool IsVersion(std::string_view text);
// Whether a version satisfies a constraint; false where one of them is malformed.
bool IsCompatible(std::string_view constraint, std::string_view version);

}  // namespace headgate::templating::helm
