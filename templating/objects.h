#pragma once

#include <string>
#include <string_view>

#include "core/file_tree.h"
#include "core/object.h"
#include "core/result.h"

namespace headgate::templating {

// The objects of one YAML or JSON file, lists (kind: List, or *List with items) taken apart; each
// is checked. `text` is what `file` holds.
core::Result<core::Objects> ParseObjects(std::string_view text, const std::string& file);
core::Result<core::Objects> ReadObjects(const core::FileTree& files, const std::string& file);

// kInvalid names both places where two objects are the same one.
core::Status CheckUnique(const core::Objects& objects);

}  // namespace headgate::templating
