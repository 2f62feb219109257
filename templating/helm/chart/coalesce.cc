#include "templating/helm/chart/coalesce.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

#include "templating/helm/strconv.h"

namespace headgate::templating::helm {
namespace {

constexpr std::string_view kGlobal = "global";
constexpr size_t kWarningsMax = 100;

bool HasDependency(const Chart& chart, std::string_view name) {
  return std::any_of(chart.dependencies.begin(), chart.dependencies.end(),
                     [name](const Chart* dependency) { return dependency->name() == name; });
}

// Entries as they are now, whatever becomes of the map.
std::span<const Map::Entry> EntriesOf(Map* map, Heap* heap) {
  return map ? map->Snapshot(heap) : std::span<const Map::Entry>();
}

}  // namespace

void Coalescer::Warn(std::string text) {
  if (warnings_.size() < kWarningsMax) warnings_.push_back(std::move(text));
}

Value Coalescer::Copy(const Value& value) {
  if (value.is_map() && value.map()) return Value::Of(Copy(value.map()), value.type());
  if (value.type() != Type::kList || value.is_null_reference()) return value;
  const std::span<Value> items = heap_.NewList(value.size());
  for (size_t i = 0; i < items.size(); ++i) items[i] = Copy(value.items()[i]);
  return Value::List(items);
}

Map* Coalescer::Copy(const Map* map) {
  if (!map) return heap_.NewMap();
  Map* copy = heap_.NewMap(map->size());
  for (const Map::Entry& entry : const_cast<Map*>(map)->entries()) {
    copy->Set(entry.key, Copy(entry.value), &heap_);
  }
  return copy;
}

Map* Coalescer::WithoutNulls(const Map* map) {
  Map* copy = heap_.NewMap(map->size());
  for (const Map::Entry& entry : const_cast<Map*>(map)->entries()) {
    if (entry.value.is_nil()) continue;
    copy->Set(entry.key,
              IsTable(entry.value) && entry.value.map() ? Value::Of(WithoutNulls(entry.value.map()))
                                                        : Copy(entry.value),
              &heap_);
  }
  return copy;
}

core::Result<Map*> Coalescer::Coalesce(const Chart& chart, const Map* values, Nulls nulls) {
  Map* into = Copy(values);
  core::Status filled = Fill(chart, into, nulls);
  if (!filled) return filled.error();
  return into;
}

core::Status Coalescer::Fill(const Chart& chart, Map* into, Nulls nulls) {
  FillOwn(chart, into, nulls);
  for (const Chart* dependency : chart.dependencies) {
    const std::string_view name = dependency->name();
    if (const Value* found = into->Find(name); !found) {
      into->Set(name, Value::Of(heap_.NewMap()), &heap_);
    } else if (!IsTable(*found) || !found->map()) {
      return core::Invalid(fmt::format("values of the subchart {}: a map expected, {} found", name,
                                       TypeName(*found)));
    }
    Map* below = into->Find(name)->map();
    CopyGlobals(below, into);
    core::Status filled = Fill(*dependency, below, nulls);
    if (!filled) return filled;
  }
  if (heap_.bytes() > limits_.values_heap_bytes) {
    return core::Invalid(fmt::format("values of the chart {}: more than {} bytes", chart.name(),
                                     limits_.values_heap_bytes));
  }
  return core::Ok();
}

// The chart's own defaults, below what is there.
void Coalescer::FillOwn(const Chart& chart, Map* into, Nulls nulls) {
  if (!chart.values) return;
  for (const Map::Entry& entry : Copy(chart.values)->entries()) {
    const Value* found = into->Find(entry.key);
    if (!found) {
      into->Set(entry.key, entry.value, &heap_);
    } else if (found->is_nil()) {
      if (nulls == Nulls::kRemove) into->Erase(entry.key);
    } else if (IsTable(*found) && IsTable(entry.value)) {
      const bool of_child = HasDependency(chart, entry.key);
      MergeTables(found->map(), entry.value.map(), of_child ? Nulls::kKeep : nulls);
    } else if (IsTable(*found) && !entry.value.is_nil()) {
      Warn(fmt::format("{}: {} is no table in values.yaml", chart.FullPath(), entry.key));
    }
  }
}

void Coalescer::CopyGlobals(Map* into, const Map* from) {
  const Value* there = into->Find(kGlobal);
  const Value* above = from->Find(kGlobal);
  if ((there && !IsTable(*there)) || (above && !IsTable(*above))) {
    Warn("global is no table; it is not handed down");
    return;
  }
  Map* own = there && there->map() ? there->map() : heap_.NewMap();
  for (const Map::Entry& entry : EntriesOf(above ? above->map() : nullptr, &heap_)) {
    const Value* found = own->Find(entry.key);
    if (!IsTable(entry.value)) {
      if (found && IsTable(*found)) {
        Warn(fmt::format("global.{} is a table in a subchart", entry.key));
      } else {
        own->Set(entry.key, entry.value, &heap_);
      }
      continue;
    }
    // A copy of this level only: what is deeper is shared by all charts.
    Map* copy = heap_.NewMap(entry.value.size());
    for (const Map::Entry& inner : EntriesOf(entry.value.map(), &heap_)) {
      copy->Set(inner.key, inner.value, &heap_);
    }
    if (!found) {
      own->Set(entry.key, Value::Of(copy), &heap_);
    } else if (!IsTable(*found)) {
      Warn(fmt::format("global.{} is no table in a subchart", entry.key));
    } else {
      if (found->map()) MergeTables(copy, found->map(), Nulls::kKeep);
      own->Set(entry.key, Value::Of(copy), &heap_);
    }
  }
  into->Set(kGlobal, Value::Of(own), &heap_);
}

void Coalescer::MergeTables(Map* into, Map* from, Nulls nulls) {
  if (!into || !from) return;
  std::unordered_set<std::string_view> not_null;
  for (const Map::Entry& entry : from->entries()) {
    if (!entry.value.is_nil()) not_null.insert(entry.key);
  }
  for (const Map::Entry& entry : into->Snapshot(&heap_)) {
    if (entry.value.is_nil()) from->Set(entry.key, Value(), &heap_);
  }
  for (const Map::Entry& entry : from->Snapshot(&heap_)) {
    const Value* found = into->Find(entry.key);
    if (!found) {
      into->Set(entry.key, entry.value, &heap_);
    } else if (found->is_nil() && nulls == Nulls::kRemove && not_null.contains(entry.key)) {
      into->Erase(entry.key);
    } else if (IsTable(entry.value) && IsTable(*found)) {
      MergeTables(found->map(), entry.value.map(), nulls);
    } else if (IsTable(entry.value) || (IsTable(*found) && !entry.value.is_nil())) {
      Warn(fmt::format("{} is a table in one place, and none in another", entry.key));
    }
  }
}

Map* TableAt(Map* values, std::string_view dotted) {
  for (;;) {
    const size_t dot = dotted.find('.');
    const Value* found = values ? values->Find(dotted.substr(0, dot)) : nullptr;
    if (!found || !found->is_map()) return nullptr;
    values = found->map();
    if (dot == std::string_view::npos) return values;
    dotted.remove_prefix(dot + 1);
  }
}

std::optional<Value> ValueAt(Map* values, std::string_view dotted) {
  const size_t dot = dotted.rfind('.');
  if (dot != std::string_view::npos) values = TableAt(values, dotted.substr(0, dot));
  const Value* found = values ? values->Find(dotted.substr(dot + 1)) : nullptr;
  if (!found || found->is_map()) return std::nullopt;
  return *found;
}

}  // namespace headgate::templating::helm
