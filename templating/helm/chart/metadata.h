#pragma once

#include <string_view>

#include "core/result.h"
#include "templating/helm/chart/chart.h"

namespace headgate::templating::helm {

// Reads a Chart.yaml, or a requirements.yaml, into `metadata`: what it does not name stays as it
// is. Keys are found whatever their case, and numbers and Booleans become texts where texts are
// wanted, as in Helm. kInvalid names the file and the field.
core::Status ReadMetadata(std::string_view text, std::string_view file, Heap* heap,
                          ChartMetadata* metadata);

// Whether a Chart.lock (or requirements.lock) can be read; what it says decides nothing here.
core::Status CheckLock(std::string_view text, std::string_view file);

// What Helm demands of a chart's metadata. White space becomes blanks, and what cannot be printed
// goes.
core::Status ValidateMetadata(ChartMetadata* metadata, Heap* heap);

}  // namespace headgate::templating::helm
