#include "templating/helm/chart/dependencies.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "templating/helm/chart/coalesce.h"
#include "templating/helm/chart/compatible.h"
#include "templating/helm/chart/text.h"
#include "templating/helm/template/printf.h"

namespace headgate::templating::helm {
namespace {

using Dependencies = std::vector<Dependency*>;

class Processor {
 public:
  Processor(LoadedChart* loaded, const ChartLimits& limits)
      : heap_(*loaded->heap), limits_(limits), warnings_(loaded->warnings) {}

  // `path` is that of the chart's values: "parent.child."
  core::Status Enable(Chart* chart, Map* values, const std::string& path);
  core::Status Import(Chart* chart);

 private:
  Chart* CopyOf(const std::vector<Chart*>& charts, const Dependency& dependency);
  void Choose(Chart* chart, Dependencies* listed);
  void ApplyTags(const Dependencies& listed, Map* values);
  void ApplyConditions(const Dependencies& listed, Map* values, const std::string& path);
  Map* ImportedFrom(Dependency* dependency, Map* values, Coalescer* coalescer, Map* into);
  Value ImportEntry(std::string_view child, std::string_view parent);
  core::Status CheckCharts();
  void Warn(std::string text) {
    constexpr size_t kWarningsMax = 100;
    if (warnings_.size() < kWarningsMax) warnings_.push_back(std::move(text));
  }

  Heap& heap_;
  const ChartLimits& limits_;
  std::vector<std::string>& warnings_;
  size_t charts_ = 0;
};

// A copy of the first chart that a dependency names, so that its aliases do not meet.
Chart* Processor::CopyOf(const std::vector<Chart*>& charts, const Dependency& dependency) {
  const auto found = std::find_if(charts.begin(), charts.end(), [&](const Chart* chart) {
    return chart->name() == dependency.name &&
           IsCompatible(dependency.version, chart->metadata->version);
  });
  if (found == charts.end()) return nullptr;
  ++charts_;
  Chart* copy = heap_.New<Chart>(**found);
  copy->metadata = heap_.New<ChartMetadata>(*(*found)->metadata);
  if (copy->metadata->dependencies) {
    for (Dependency*& own : *copy->metadata->dependencies) own = heap_.New<Dependency>(*own);
  }
  std::vector<Chart*> below;
  for (const Chart* child : (*found)->dependencies) below.push_back(heap_.New<Chart>(*child));
  copy->SetDependencies(std::move(below));
  if (!dependency.alias.empty()) copy->metadata->name = dependency.alias;
  return copy;
}

// Which charts of charts/ stay, and under which names: those that nobody lists, then those of the
// list in its order.
void Processor::Choose(Chart* chart, Dependencies* listed) {
  std::vector<Chart*> chosen;
  for (Chart* existing : chart->dependencies) {
    const bool wanted = std::any_of(listed->begin(), listed->end(), [&](const Dependency* each) {
      return existing->name() == each->name &&
             IsCompatible(each->version, existing->metadata->version);
    });
    if (!wanted) chosen.push_back(existing);
  }
  for (Dependency* dependency : *listed) {
    if (Chart* copy = CopyOf(chart->dependencies, *dependency)) chosen.push_back(copy);
    if (!dependency->alias.empty()) dependency->name = dependency->alias;
    dependency->enabled = true;
  }
  chart->SetDependencies(std::move(chosen));
}

void Processor::ApplyTags(const Dependencies& listed, Map* values) {
  Map* tags = TableAt(values, "tags");
  if (!tags) return;
  for (Dependency* dependency : listed) {
    bool on = false, off = false;
    for (const std::string_view tag : dependency->tags) {
      const Value* found = tags->Find(tag);
      if (!found) continue;
      if (!found->is_bool()) {
        Warn(fmt::format("tags.{}, for {}: true or false expected", tag, dependency->name));
        continue;
      }
      (found->boolean() ? on : off) = true;
    }
    dependency->enabled = on || !off;
  }
}

void Processor::ApplyConditions(const Dependencies& listed, Map* values, const std::string& path) {
  for (Dependency* dependency : listed) {
    std::string_view rest = TrimSpace(dependency->condition);
    while (!rest.empty()) {
      const size_t comma = rest.find(',');
      const std::string_view condition = rest.substr(0, comma);
      rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
      if (condition.empty()) continue;
      const std::optional<Value> value = ValueAt(values, path + std::string(condition));
      if (!value) continue;
      if (value->is_bool()) {
        dependency->enabled = value->boolean();
        break;
      }
      Warn(fmt::format("{}{}, for {}: true or false expected", path, condition, dependency->name));
    }
  }
}

core::Status Processor::CheckCharts() {
  if (charts_ <= limits_.charts) return core::Ok();
  return core::Invalid(fmt::format("more than {} charts under aliases", limits_.charts));
}

core::Status Processor::Enable(Chart* chart, Map* values, const std::string& path) {
  if (!chart->metadata->dependencies) return core::Ok();
  Dependencies& listed = *chart->metadata->dependencies;
  Choose(chart, &listed);
  if (core::Status few = CheckCharts(); !few) return few;

  Heap scratch;
  Coalescer coalescer(&scratch, limits_);
  core::Result<Map*> all = coalescer.Coalesce(*chart, values, Nulls::kRemove);
  if (!all) return all.error();
  ApplyTags(listed, *all);
  ApplyConditions(listed, *all, path);

  std::set<std::string_view> disabled;
  for (const Dependency* dependency : listed) {
    if (!dependency->enabled) disabled.insert(dependency->name);
  }
  std::vector<Chart*> enabled;
  for (Chart* dependency : chart->dependencies) {
    if (!disabled.contains(dependency->name())) enabled.push_back(dependency);
  }
  Dependencies kept;
  for (Dependency* dependency : listed) {
    if (!disabled.contains(dependency->name)) kept.push_back(dependency);
  }
  for (Chart* dependency : enabled) {
    core::Status processed =
        Enable(dependency, *all, fmt::format("{}{}.", path, dependency->name()));
    if (!processed) return processed;
  }
  chart->metadata->dependencies.reset();
  if (!kept.empty()) chart->metadata->dependencies = std::move(kept);
  chart->SetDependencies(std::move(enabled));
  return core::Ok();
}

Value Processor::ImportEntry(std::string_view child, std::string_view parent) {
  Map* entry = heap_.NewMap();
  entry->Set("child", Value::Text(heap_.Copy(child)), &heap_);
  entry->Set("parent", Value::Text(heap_.Copy(parent)), &heap_);
  return Value::Of(entry, Type::kStringMap);
}

// Merges what a dependency's import-values name into `into`, and gives the result.
Map* Processor::ImportedFrom(Dependency* dependency, Map* values, Coalescer* coalescer, Map* into) {
  std::vector<Value> shown;
  for (const Value& wanted : dependency->import_values) {
    std::string child, parent = ".";
    if (wanted.type() == Type::kMap) {
      parent.clear();
      AppendValue(&child, wanted.map()->Get("child"), limits_.render.text_bytes);
      AppendValue(&parent, wanted.map()->Get("parent"), limits_.render.text_bytes);
    } else if (wanted.is_string()) {
      child = "exports." + std::string(wanted.text());
    } else {
      continue;
    }
    shown.push_back(ImportEntry(child, parent));
    Map* table = TableAt(values, fmt::format("{}.{}", dependency->name, child));
    if (!table) {
      Warn(fmt::format("import-values: there is no table {} in {}", child, dependency->name));
      continue;
    }
    // A parent of "a.b" means {a: {b: table}}.
    for (std::string_view rest = parent; parent != ".";) {
      const size_t dot = rest.rfind('.');
      Map* outer = heap_.NewMap();
      outer->Set(heap_.Copy(rest.substr(dot + 1)), Value::Of(table), &heap_);
      table = outer;
      if (dot == std::string_view::npos) break;
      rest = rest.substr(0, dot);
    }
    coalescer->MergeTables(into, table, Nulls::kKeep);
  }
  dependency->import_values = std::move(shown);
  return into;
}

core::Status Processor::Import(Chart* chart) {
  for (Chart* dependency : chart->dependencies) {
    core::Status imported = Import(dependency);
    if (!imported) return imported;
  }
  if (!chart->metadata->dependencies) return core::Ok();
  Coalescer coalescer(&heap_, limits_);
  core::Result<Map*> all = coalescer.Coalesce(*chart, nullptr, Nulls::kKeep);
  if (!all) return all.error();
  Map* imported = heap_.NewMap();
  for (Dependency* dependency : *chart->metadata->dependencies) {
    imported = ImportedFrom(dependency, *all, &coalescer, imported);
  }
  chart->values = coalescer.Copy(*all);
  coalescer.MergeTables(chart->values, imported, Nulls::kKeep);
  return core::Ok();
}

}  // namespace

std::vector<std::string> MissingDependencies(const Chart& chart) {
  std::vector<std::string> missing;
  if (!chart.metadata->dependencies) return missing;
  std::set<std::string_view> there;
  for (const Chart* dependency : chart.dependencies) there.insert(dependency->name());
  for (const Dependency* dependency : *chart.metadata->dependencies) {
    if (!there.contains(dependency->name)) missing.emplace_back(dependency->name);
  }
  return missing;
}

core::Status ProcessDependencies(LoadedChart* loaded, Map* values, const ChartLimits& limits) {
  Processor processor(loaded, limits);
  core::Status enabled = processor.Enable(loaded->chart, values, "");
  if (!enabled) return enabled;
  return processor.Import(loaded->chart);
}

}  // namespace headgate::templating::helm
