#pragma once

#include <string>

#include "core/object.h"
#include "core/result.h"
#include "templating/renderer.h"

namespace headgate::cli {

// Renders a directory on disk. Bases may stand anywhere in the same git work tree, or in no work
// tree anywhere on the disk.
core::Result<core::Objects> RenderDirectory(const std::string& directory,
                                            templating::Order order = templating::Order::kLegacy);

}  // namespace headgate::cli
