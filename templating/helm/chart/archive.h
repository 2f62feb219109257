#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "templating/helm/chart/limits.h"

namespace headgate::templating::helm {

// A file of an archive, its path without the directory that all stand in.
struct ArchiveFile {
  std::string name;
  std::string data;  // without a byte order mark
};

// The files of a packaged chart (.tgz), in its order. kInvalid for what is no such archive or is
// broken, for links, devices and sparse files, for paths that are absolute or lead up, and beyond
// the bounds. Nothing but `bytes` is read, and nothing is written anywhere.
core::Result<std::vector<ArchiveFile>> ReadArchive(std::string_view bytes,
                                                   const ChartLimits& limits);

}  // namespace headgate::templating::helm
