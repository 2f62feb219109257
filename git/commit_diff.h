#pragma once

#include <filesystem>
#include <string>

#include "core/read_set.h"
#include "core/result.h"

namespace headgate::git {

// More differences than this are not listed: whoever asks has to look at everything again.
inline constexpr size_t kChangesMax = 20000;

// Where the trees of two commits in the object database `objects` differ. Equal directories are
// not opened, so it costs what changed. kNotFound: a commit is not there or is broken; kInvalid:
// more than kChangesMax differences, or directories nested deeper than 256.
core::Result<core::Changes> DiffCommits(const std::filesystem::path& objects,
                                        const std::string& from, const std::string& to);

}  // namespace headgate::git
