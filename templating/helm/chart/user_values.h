#pragma once

#include "core/result.h"
#include "templating/helm/chart/render.h"
#include "templating/helm/value.h"

namespace headgate::templating::helm {

// All values that options give, merged into one map in the heap.
core::Result<Map*> MergeUserValues(const ChartOptions& options, Heap* heap);

// A document as Helm's JSON has it: numbers are float64.
Value FromDocument(const core::Value& value, Heap* heap);
// The other way; integers stay integers.
core::Value ToDocument(const Value& value);

}  // namespace headgate::templating::helm
