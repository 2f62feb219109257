#include "templating/helm/chart/release_name.h"

#include <fmt/format.h>

#include "templating/helm/chart/engine.h"
#include "templating/helm/strconv.h"
#include "templating/helm/template/evaluator.h"
#include "templating/helm/template/templates.h"

namespace headgate::templating::helm {
namespace {

constexpr size_t kReleaseNameMax = 53;

}  // namespace

core::Status CheckReleaseName(std::string_view name) {
  if (name.empty()) return core::Invalid("a name for the release expected");
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  bool valid = name.size() <= kReleaseNameMax && plain(name.front()) && plain(name.back());
  for (size_t i = 0; i < name.size(); ++i) {
    const bool beside_dot =
        (i > 0 && name[i - 1] == '.') || (i + 1 < name.size() && name[i + 1] == '.');
    valid = valid && (plain(name[i]) || name[i] == '.' || name[i] == '-') &&
            (plain(name[i]) || !beside_dot);
  }
  if (valid) return core::Ok();
  return core::Invalid(fmt::format(
      "release name {}: at most {} of a-z, 0-9, \"-\" and \".\" expected, each part between dots "
      "beginning and ending with a letter or digit",
      Quote(name), kReleaseNameMax));
}

core::Result<std::string> RenderReleaseName(std::string_view text) {
  constexpr std::string_view kName = "name-template";
  Heap heap;
  Context context;
  context.heap = &heap;
  Templates templates(&ChartFunctions(), context.limits);
  core::Status added = templates.Add(kName, text);
  if (!added) return added.error();
  return Evaluator(&templates, &context).Render(kName, Value());
}

}  // namespace headgate::templating::helm
