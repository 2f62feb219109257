#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "core/result.h"

namespace headgate::deploy {

// Gives the token in a file, for net::Identity::bearer_token; reads it again when the file was
// changed or replaced. While a changed file cannot be read, the last good token is given. Safe to
// call from several threads.
std::function<core::Result<std::string>()> TokenFrom(std::filesystem::path file);

}  // namespace headgate::deploy
