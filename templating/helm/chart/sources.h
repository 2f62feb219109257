#pragma once

#include <string>

#include "core/result.h"

namespace headgate::templating::helm {

// A chart as `dependencies` of Chart.yaml or helmCharts of a kustomization name it.
struct ChartWanted {
  std::string repository;  // "https://..." of an index.yaml, or "oci://HOST/PATH" without the name
  std::string name;
  std::string version;  // a version or a constraint (">=1.2 <2"); "" for the newest release
};

// A packaged chart that was found there.
struct FoundChart {
  std::string version;
  std::string digest;   // SHA-256 of the archive, hexadecimal
  std::string archive;  // .tgz
};

// Where charts come from that are not in the tree. The one thing in a rendering that is not in its
// arguments; made by the caller, who says which hosts may be asked.
class ChartSources {
 public:
  virtual ~ChartSources() = default;
  // kInvalid: the host is not allowed, there is no such chart or version (the error names the
  // nearest), a digest is wrong, a bound is passed. kUnavailable: the server does not answer.
  virtual core::Result<FoundChart> Find(const ChartWanted& wanted) = 0;
};

}  // namespace headgate::templating::helm
