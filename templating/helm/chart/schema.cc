#include "templating/helm/chart/schema.h"

#include <fmt/format.h>

#include <string>

#include "templating/helm/chart/schema/check.h"
#include "templating/helm/chart/schema/compile.h"

namespace headgate::templating::helm {
namespace {

void AddFaults(const Chart& chart, Map* values, const ChartLimits& limits,
               std::vector<std::string>* faults) {
  const auto add = [&](std::string_view fault) {
    faults->push_back(fmt::format("{}: {}", chart.FullPath(), fault));
  };
  if (chart.schema) {
    core::Result<std::unique_ptr<SchemaSet>> schema = CompileSchema(*chart.schema, limits);
    if (!schema) {
      add("values.schema.json: " + schema.error().text());
    } else {
      for (const std::string& fault : CheckValue(*(*schema)->root, Value::Of(values), limits)) {
        add(fault);
      }
    }
  }
  for (const Chart* dependency : chart.dependencies) {
    const Value* found = values->Find(dependency->name());
    if (!found || found->is_nil()) continue;
    if (found->is_map()) {
      AddFaults(*dependency, found->map(), limits, faults);
    } else {
      add(fmt::format("values of {}: a map expected", dependency->name()));
    }
  }
}

}  // namespace

core::Status CheckSchemas(const Chart& chart, Map* values, const ChartLimits& limits) {
  std::vector<std::string> faults;
  AddFaults(chart, values, limits, &faults);
  if (faults.empty()) return core::Ok();
  return core::Invalid(
      fmt::format("the values do not fit the schema:\n  {}", fmt::join(faults, "\n  ")));
}

}  // namespace headgate::templating::helm
