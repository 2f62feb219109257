#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace headgate::templating::helm {

// A version of a chart in a repository's index.yaml.
struct IndexedChart {
  std::string version;
  std::string url;     // the first one; as written: absolute, or relative to the repository
  std::string digest;  // SHA-256 of the archive, hexadecimal; "" where the index has none
};

// What an index says of one chart, in its order; versions without a URL are left out. An index has
// megabytes of other charts: only the lines of this one are read as YAML. kNotFound where it has no
// such chart (the error names the nearest); kInvalid where it is no index.
core::Result<std::vector<IndexedChart>> FindInIndex(std::string_view index, std::string_view name);

}  // namespace headgate::templating::helm
