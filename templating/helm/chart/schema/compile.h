#pragma once

#include <memory>
#include <string_view>

#include "core/result.h"
#include "templating/helm/chart/limits.h"
#include "templating/helm/chart/schema/node.h"

namespace headgate::templating::helm {

// Compiles a values.schema.json of draft 4, 6, 7, 2019-09 or 2020-12 (the last one where it does
// not say). kInvalid where it is no JSON, where its draft's own schema does not hold for it, where
// a reference leads nowhere or out of the file, and beyond the bounds.
core::Result<std::unique_ptr<SchemaSet>> CompileSchema(std::string_view json,
                                                       const ChartLimits& limits);

}  // namespace headgate::templating::helm
