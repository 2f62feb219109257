#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/object.h"
#include "core/result.h"
#include "core/value.h"

namespace headgate::templating {

// Bound of one file; those of aliases and of nesting are yaml::Limits. Beyond any is kInvalid.
inline constexpr size_t kYamlBytesMax = 32 * 1024 * 1024;

// All documents of a file; empty ones are skipped. Every value has its mark: where it
// starts, or its key's where it starts in a later line than that. Plain scalars are
// typed as kustomize 5 reads them (YAML 1.2 with the old octals; yes, no, on and off are strings; a
// date becomes its RFC 3339 string); keys are always strings. Anchors, aliases and merge keys
// ("<<") are resolved. kInvalid: "FILE:LINE:COLUMN: what was expected"; a key given twice is an
// error.
core::Result<std::vector<core::Value>> ParseYaml(std::string_view text, std::string_view file);

// As `kustomize build` prints: two spaces, lists at the column of their key, literal blocks for
// text of several lines, lines folded after column 80, quotes only where the type would be lost
// without. Keys in the map's order. A float with an integral value prints as an integer, as there.
std::string PrintYaml(const core::Value& value);
std::string PrintYaml(const core::Objects& objects);  // documents parted by "---\n"

}  // namespace headgate::templating
