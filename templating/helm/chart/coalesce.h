#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "templating/helm/chart/chart.h"
#include "templating/helm/chart/limits.h"

namespace headgate::templating::helm {

// How a chart's default values and those from above become one map. Names and rules are Helm's,
// with what shows of them: which maps are shared between charts, and which nulls survive.

// Whether nulls remove what stands below them, or are kept for a later round.
enum class Nulls { kRemove, kKeep };

class Coalescer {
 public:
  Coalescer(Heap* heap, const ChartLimits& limits) : heap_(*heap), limits_(limits) {}

  // A copy of `values` (nullptr for none), with the values of the chart and its dependencies filled
  // in where it has none. kInvalid where a subchart's values are no map.
  core::Result<Map*> Coalesce(const Chart& chart, const Map* values, Nulls nulls);

  // Fills `into` with the entries of `from`, which it may change.
  void MergeTables(Map* into, Map* from, Nulls nulls);

  Map* Copy(const Map* map);  // deep
  Map* WithoutNulls(const Map* map);

  // What people may want to know: a table where none fits, say.
  const std::vector<std::string>& warnings() const { return warnings_; }

 private:
  core::Status Fill(const Chart& chart, Map* into, Nulls nulls);
  void FillOwn(const Chart& chart, Map* into, Nulls nulls);
  void CopyGlobals(Map* into, const Map* from);
  Value Copy(const Value& value);
  void Warn(std::string text);

  Heap& heap_;
  const ChartLimits& limits_;
  std::vector<std::string> warnings_;
};

// The table at a path of names; nullptr where a step is missing or is no map.
Map* TableAt(Map* values, std::string_view dotted);
// The value at a path; nothing where it is missing or a table.
std::optional<Value> ValueAt(Map* values, std::string_view dotted);

inline bool IsTable(const Value& value) { return value.is_map(); }

}  // namespace headgate::templating::helm
