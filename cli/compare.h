#pragma once

#include <string>
#include <vector>

#include "core/result.h"

namespace headgate::cli {

// Runs a program of the user's PATH and compares what it prints with `ours`. Ok where both are the
// same bytes; kConflict shows the first line that differs, with its document; kNotFound: there is
// no such program; kInvalid: it failed; what it says goes to standard error.
core::Status Compare(const std::vector<std::string>& command, const std::string& ours);

}  // namespace headgate::cli
