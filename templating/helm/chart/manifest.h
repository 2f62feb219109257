#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "templating/helm/chart/limits.h"

namespace headgate::templating::helm {

// A document that a chart renders to.
struct Manifest {
  std::string path;  // of its template
  std::string text;  // without white space around it
  std::string kind;
};

// A document that Helm does not install with the others, but at an event.
struct Hook {
  Manifest manifest;
  bool test = false;  // at `helm test`
};

struct Manifests {
  std::vector<Manifest> ordinary;  // in the order in which Helm installs kinds
  std::vector<Hook> hooks;         // the same
};

// The pieces of a text, as Helm parts it where lines begin with "---"; without white space around
// them.
std::vector<std::string_view> SplitManifests(std::string_view text);

// Parts rendered files (path to text) and sorts the pieces. Partials and empty files are left out,
// and hooks of events that Helm does not know. kInvalid: "PATH: ..." where a piece is no YAML, or
// its head has other types than Helm demands.
core::Result<Manifests> SortManifests(const std::map<std::string, std::string>& files,
                                      const ChartLimits& limits);

}  // namespace headgate::templating::helm
