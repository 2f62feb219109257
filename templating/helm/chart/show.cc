#include <fmt/format.h>

#include <optional>

#include "templating/helm/chart/paths.h"
#include "templating/helm/chart/render.h"
#include "templating/helm/chart/text.h"

namespace headgate::templating::helm {
namespace {

constexpr std::string_view kSource = "# Source: ";

void AppendDocument(std::string_view path, std::string_view text, std::string* out) {
  fmt::format_to(std::back_inserter(*out), "---\n{}{}\n{}\n", kSource, path, text);
}

// The path below its chart of the template that a document says it comes from.
std::optional<std::string_view> TemplateOf(std::string_view document) {
  for (size_t at = 0; (at = document.find(kSource, at)) != std::string_view::npos; ++at) {
    const std::string_view rest = document.substr(at + kSource.size());
    const size_t slash = rest.find('/');
    if (slash == std::string_view::npos || slash == 0) continue;
    const std::string_view path = rest.substr(slash + 1);
    if (const size_t end = path.find('\n'); end != 0 && !path.empty()) return path.substr(0, end);
  }
  return std::nullopt;
}

core::Result<std::string> PickDocuments(std::string_view all,
                                        const std::vector<std::string>& patterns) {
  const std::vector<std::string_view> documents = SplitManifests(all);
  std::string out;
  for (const std::string& pattern : patterns) {
    bool found = false;
    for (const std::string_view document : documents) {
      const std::optional<std::string_view> path = TemplateOf(document);
      if (!path || !MatchPath(pattern, *path).value_or(false)) continue;
      fmt::format_to(std::back_inserter(out), "---\n{}\n", document);
      found = true;
    }
    if (!found) return core::Invalid(fmt::format("could not find template {} in chart", pattern));
  }
  return out;
}

}  // namespace

core::Result<std::string> ShowChart(const RenderedChart& rendered, const ShowOptions& options) {
  std::string out;
  for (const Manifest& crd : rendered.crds) AppendDocument(crd.path, crd.text, &out);
  for (const Manifest& each : rendered.manifests.ordinary) {
    AppendDocument(each.path, each.text, &out);
  }
  out.resize(TrimSpace(out).size());  // it begins with "---"
  out += '\n';
  for (const Hook& hook : rendered.manifests.hooks) {
    if (!options.hooks || (hook.test && !options.tests)) continue;
    AppendDocument(hook.manifest.path, hook.manifest.text, &out);
  }
  if (options.only.empty()) return out;
  return PickDocuments(out, options.only);
}

}  // namespace headgate::templating::helm
