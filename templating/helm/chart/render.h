#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/file_tree.h"
#include "core/result.h"
#include "core/value.h"
#include "templating/helm/chart/capabilities.h"
#include "templating/helm/chart/limits.h"
#include "templating/helm/chart/manifest.h"
#include "templating/helm/chart/set_flags.h"
#include "templating/helm/chart/sources.h"

namespace headgate::templating::helm {

// A file of values (-f): its name, for errors, and what it holds.
struct ValuesFile {
  std::string name;
  std::string text;
};

// How a chart is rendered; the options of `helm template` that change what it renders to.
struct ChartOptions {
  std::string release = "release-name";
  std::string namespace_name = "default";

  // Later ones override earlier ones, in this order.
  std::vector<ValuesFile> values_files = {};
  core::Value values = {};  // a map, or null
  std::vector<std::string> set_json = {}, set = {}, set_string = {}, set_file = {};
  std::vector<std::string> set_literal = {};
  FileReader read_file = {};  // for set_file

  std::optional<KubeVersion> kube_version = {};
  std::vector<std::string> api_versions = {};  // beside the default ones
  bool is_upgrade = false;
  bool include_crds = false;
  bool check_schema = true;
  // Where dependencies come from that the chart does not hold; nullptr: they are missing.
  ChartSources* sources = nullptr;

  ChartLimits limits = {};
  // See Context; the clock and the system's randomness where they are not set.
  std::function<std::chrono::system_clock::time_point()> now = {};
  std::function<void(std::span<std::byte>)> random = {};
  std::function<bool()> expired = {};
};

// A function of randomness or time that a template called, itself or by what it includes.
struct VaryingCall {
  std::string template_path;
  std::string function;
};

// What a chart renders to.
struct RenderedChart {
  std::vector<Manifest> crds;  // files of crds/, as they are; where they were asked for
  Manifests manifests;
  std::vector<VaryingCall> varying;  // why another rendering may give something else
  std::vector<std::string> notes;    // for people: what was doubtful about chart and values
};

// Renders a chart, a directory or a .tgz of the tree, as `helm template` of Helm 4.1.4 does: in
// process, nothing is executed, nothing is read but the tree. kInvalid where Helm refuses it too,
// or beyond a bound; the text names file and line where there is one.
core::Result<RenderedChart> RenderChart(const core::FileTree& files, std::string_view path,
                                        const ChartOptions& options);

// What `helm template` prints.
struct ShowOptions {
  bool hooks = true;
  bool tests = true;                   // hooks of `helm test`
  std::vector<std::string> only = {};  // templates (path patterns below the chart); all where empty
};
core::Result<std::string> ShowChart(const RenderedChart& rendered, const ShowOptions& options = {});

}  // namespace headgate::templating::helm
