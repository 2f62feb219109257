#pragma once

#include <string>
#include <string_view>

#include "core/file_tree.h"
#include "core/object.h"
#include "core/result.h"
#include "core/value.h"

namespace headgate::templating {

// The objects of one YAML or JSON file, lists (kind: List, or *List with items) taken apart; each
// is checked. `text` is what `file` holds.
core::Result<core::Objects> ParseObjects(std::string_view text, const std::string& file);
core::Result<core::Objects> ReadObjects(const core::FileTree& files, const std::string& file);

// Appends what a document of a file holds: itself, or the items of a list; each is checked.
core::Status AppendObjects(core::Value body, const std::string& file, core::Objects* objects);

// kInvalid names both places where two objects are the same one.
core::Status CheckUnique(const core::Objects& objects);

}  // namespace headgate::templating
