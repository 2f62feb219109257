#include "templating/helm/chart/render.h"

#include <fmt/format.h>

#include <map>

#include "templating/helm/chart/chart_values.h"
#include "templating/helm/chart/coalesce.h"
#include "templating/helm/chart/compatible.h"
#include "templating/helm/chart/dependencies.h"
#include "templating/helm/chart/engine.h"
#include "templating/helm/chart/load.h"
#include "templating/helm/chart/release_name.h"
#include "templating/helm/chart/schema.h"
#include "templating/helm/chart/set_where.h"
#include "templating/helm/chart/user_values.h"
#include "templating/helm/template/evaluator.h"
#include "templating/helm/template/templates.h"

namespace headgate::templating::helm {
namespace {

constexpr std::string_view kNotes = "NOTES.txt";

core::Status CheckInstallable(const Chart& chart) {
  const std::string_view type = chart.metadata->type;
  if (!type.empty() && type != "application") {
    return core::Invalid(fmt::format("{} charts are not installable", type));
  }
  const std::vector<std::string> missing = MissingDependencies(chart);
  if (missing.empty()) return core::Ok();
  return core::Invalid(fmt::format(
      "found in Chart.yaml, but missing in charts/ directory: {}; `helm dependency update` puts "
      "them there, and they are fetched only where that is allowed",
      fmt::join(missing, ", ")));
}

core::Result<TopValues> MakeTop(LoadedChart* loaded, Map* given, const ChartOptions& options,
                                const KubeVersion& kube) {
  Heap* heap = loaded->heap.get();
  Coalescer coalescer(heap, options.limits);
  core::Result<Map*> values = coalescer.Coalesce(*loaded->chart, given, Nulls::kRemove);
  if (!values) return values.error();
  for (const std::string& warning : coalescer.warnings()) loaded->warnings.push_back(warning);
  if (options.check_schema) {
    core::Status checked = CheckSchemas(*loaded->chart, *values, options.limits);
    if (!checked) return checked.error();
  }
  TopValues top;
  top.release = MakeRelease(options.release, options.namespace_name, options.is_upgrade, heap);
  top.capabilities = MakeCapabilities(kube, options.api_versions, heap);
  top.values = *values;
  return top;
}

core::Result<std::map<std::string, std::string>> RenderTemplates(
    const std::vector<ChartTemplate>& found, const ChartOptions& options, Context* context,
    std::vector<VaryingCall>* varying, FailedAt* where) {
  Templates templates(&ChartFunctions(), options.limits.render);
  for (const ChartTemplate& each : found) {
    core::Status added = templates.Add(each.path, each.text);
    if (!added) return added.error();
  }
  Evaluator evaluator(&templates, context);
  std::map<std::string, std::string> rendered;
  size_t bytes = 0;
  for (const ChartTemplate& each : found) {
    const size_t base = each.path.rfind('/') + 1;
    if (each.path[base] == '_') continue;
    SetTemplate(each, context->heap);
    const Heap::Mark mark = context->heap->Begin();
    core::Result<std::string> text =
        evaluator.Render(each.path, Value::Of(each.dot, Type::kValues));
    context->heap->Release(mark);
    if (!text) {
      if (evaluator.failure().expression().empty()) return text.error();
      *where = {evaluator.failure().expression(), evaluator.failure().file()};
      return text.error();
    }
    for (std::string_view name : context->varying)
      varying->push_back({each.path, std::string(name)});
    context->varying.clear();
    bytes += text->size();
    if (bytes > options.limits.output_bytes) {
      return core::Invalid(fmt::format("{}: the chart renders to more than {} bytes", each.path,
                                       options.limits.output_bytes));
    }
    if (!each.path.ends_with(kNotes)) rendered.emplace(each.path, std::move(*text));
  }
  return rendered;
}

}  // namespace

core::Result<RenderedChart> RenderChart(const core::FileTree& files, std::string_view path,
                                        const ChartOptions& options) {
  core::Result<LoadedChart> loaded = LoadChart(files, path, options.limits, options.sources);
  if (!loaded) return loaded.error();
  Chart& chart = *loaded->chart;
  Heap* heap = loaded->heap.get();
  core::Result<Map*> given = MergeUserValues(options, heap);
  if (!given) return given.error();
  core::Status ready = CheckInstallable(chart);
  if (!ready) return ready.error().In(chart.name());
  ready = CheckReleaseName(options.release);
  if (!ready) return ready.error();
  ready = ProcessDependencies(&*loaded, *given, options.limits);
  if (!ready) return ready.error().In(chart.name());

  const KubeVersion kube = options.kube_version.value_or(DefaultKubeVersion());
  core::Result<TopValues> top = MakeTop(&*loaded, *given, options, kube);
  if (!top) return top.error().In(chart.name());
  const std::string_view wanted = chart.metadata->kube_version;
  if (!wanted.empty() && !IsCompatible(wanted, kube.normalized)) {
    return core::Invalid(
        fmt::format("chart requires kubeVersion: {} which is incompatible with Kubernetes {}",
                    wanted, kube.version));
  }

  Context context;
  context.heap = heap;
  context.limits = options.limits.render;
  context.now = options.now;
  context.random = options.random;
  context.expired = options.expired;
  RenderedChart result;
  FailedAt failed;
  core::Result<std::map<std::string, std::string>> rendered = RenderTemplates(
      GatherTemplates(chart, *top, heap), options, &context, &result.varying, &failed);
  if (!rendered) {
    const std::string set = ShowWhereSet(failed, files, path, options);
    if (set.empty()) return rendered.error();
    return core::Error(rendered.error().fault(), rendered.error().text() + "; " + set);
  }
  core::Result<Manifests> manifests = SortManifests(*rendered, options.limits);
  if (!manifests) return manifests.error();

  result.manifests = std::move(*manifests);
  if (options.include_crds) {
    for (CrdFile& crd : CrdFiles(chart)) {
      result.crds.push_back({std::move(crd.path), std::string(crd.data), ""});
    }
  }
  result.notes = std::move(loaded->warnings);
  result.notes.insert(result.notes.end(), context.notes.begin(), context.notes.end());
  return result;
}

}  // namespace headgate::templating::helm
