#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace headgate::templating::helm {

// Which of some versions is meant, as Helm chooses: the very version, else the newest that a
// constraint allows ("" allows every release). Versions that are none are passed over. kInvalid
// where the constraint is none; kNotFound names the nearest versions.
core::Result<size_t> ChooseVersion(const std::vector<std::string>& versions,
                                   std::string_view wanted);

}  // namespace headgate::templating::helm
