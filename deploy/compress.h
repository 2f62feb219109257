#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "core/result.h"

namespace headgate::deploy {

// One zstd frame that knows its size.
core::Result<std::string> Compress(std::string_view text);
// kInvalid where it is no such frame, or of more than `bytes_max`.
core::Result<std::string> Decompress(std::string_view packed, size_t bytes_max);

}  // namespace headgate::deploy
