#pragma once

#include <cstddef>
#include <cstdint>

#include "templating/helm/function.h"

namespace headgate::templating::helm {

// Bounds of one chart. Beyond any of them is kInvalid, and the error names the bound. The largest
// public charts stay below them by ten times and more, but for those of Helm itself.
struct ChartLimits {
  size_t files = 50'000;                          // of a chart with all its subcharts
  size_t file_bytes = 5 * 1024 * 1024;            // of one of them; Helm's
  size_t chart_bytes = 256 * 1024 * 1024;         // of all of them
  size_t archive_bytes = 100 * 1024 * 1024;       // of an archive's files; Helm's
  size_t archive_members = 50'000;                // of an archive, directories among them
  size_t archive_ratio = 200;                     // of an archive's bytes to the compressed ones
  size_t charts = 1'000;                          // in each other and beside each other
  size_t chart_depth = 32;                        // of charts in each other
  size_t directory_depth = 64;                    // in a chart
  size_t values_bytes = 32 * 1024 * 1024;         // of one file of values
  size_t values_documents = 10'000;               // in one file of values
  size_t values_heap_bytes = 1024 * 1024 * 1024;  // of all values, while they are put together
  size_t set_depth = 500;                         // of lists in lists in --set a[0][0]=x
  size_t set_index = 65'536;                      // in --set a[0]=x; Helm's
  size_t set_names = 30;                          // in --set a.b.c=x, after the first; Helm's
  uint64_t schema_steps = 20'000'000;             // of one check: about a keyword at a value
  size_t schema_depth = 400;                      // of schemas that are being applied
  size_t schemas = 200'000;                       // in one schema file
  size_t manifests = 200'000;                     // that a chart renders to
  size_t output_bytes = 512 * 1024 * 1024;        // of all rendered files
  Limits render = {};
};

}  // namespace headgate::templating::helm
