#include "templating/helm/chart/chart_values.h"

#include <algorithm>
#include <map>

#include "templating/helm/chart/coalesce.h"
#include "templating/helm/chart/paths.h"

namespace headgate::templating::helm {
namespace {

// A map that is filled in place, for objects with fixed fields.
class Fields {
 public:
  explicit Fields(Heap* heap) : heap_(*heap), map_(heap->NewMap()) {}

  Fields& Set(std::string_view name, const Value& value) {
    map_->Set(name, value, &heap_);
    return *this;
  }
  Fields& Set(std::string_view name, std::string_view text) { return Set(name, Value::Text(text)); }
  Map* map() const { return map_; }

 private:
  Heap& heap_;
  Map* map_;
};

template <class T, class Make>
Value ListOf(const std::vector<T>& items, Heap* heap, const Make& make) {
  const std::span<Value> list = heap->NewList(items.size());
  std::transform(items.begin(), items.end(), list.begin(), make);
  return Value::List(list);
}

Value ListOf(const std::vector<std::string_view>& texts, Heap* heap) {
  return ListOf(texts, heap, [](std::string_view text) { return Value::Text(text); });
}

Value Show(const Dependency& dependency, Heap* heap) {
  return Value::Of(Fields(heap)
                       .Set("Name", dependency.name)
                       .Set("Version", dependency.version)
                       .Set("Repository", dependency.repository)
                       .Set("Condition", dependency.condition)
                       .Set("Tags", ListOf(dependency.tags, heap))
                       .Set("Enabled", Value::Bool(dependency.enabled))
                       .Set("ImportValues", ListOf(dependency.import_values, heap,
                                                   [](const Value& value) { return value; }))
                       .Set("Alias", dependency.alias)
                       .map());
}

Value Show(const Maintainer& maintainer, Heap* heap) {
  return Value::Of(Fields(heap)
                       .Set("Name", maintainer.name)
                       .Set("Email", maintainer.email)
                       .Set("URL", maintainer.url)
                       .map());
}

// .Chart
Value Show(const Chart& chart, Heap* heap) {
  const ChartMetadata& metadata = *chart.metadata;
  const auto dependencies = metadata.dependencies.value_or(std::vector<Dependency*>());
  const auto show = [heap](const auto* each) { return Show(*each, heap); };
  return Value::Of(Fields(heap)
                       .Set("Name", metadata.name)
                       .Set("Home", metadata.home)
                       .Set("Sources", ListOf(metadata.sources, heap))
                       .Set("Version", metadata.version)
                       .Set("Description", metadata.description)
                       .Set("Keywords", ListOf(metadata.keywords, heap))
                       .Set("Maintainers", ListOf(metadata.maintainers, heap, show))
                       .Set("Icon", metadata.icon)
                       .Set("APIVersion", metadata.api_version)
                       .Set("Condition", metadata.condition)
                       .Set("Tags", metadata.tags)
                       .Set("AppVersion", metadata.app_version)
                       .Set("Deprecated", Value::Bool(metadata.deprecated))
                       .Set("Annotations", metadata.annotations
                                               ? Value::Of(metadata.annotations, Type::kStringMap)
                                               : Value::Nil(Type::kStringMap))
                       .Set("KubeVersion", metadata.kube_version)
                       .Set("Dependencies", ListOf(dependencies, heap, show))
                       .Set("Type", metadata.type)
                       .Set("IsRoot", Value::Bool(chart.is_root()))
                       .map());
}

class Gatherer {
 public:
  Gatherer(const TopValues& top, Heap* heap) : top_(top), heap_(*heap) {}

  // `above`: the values of the chart around it.
  Map* Gather(const Chart& chart, const Map* above);
  std::map<std::string, ChartTemplate>& found() { return found_; }

 private:
  Map* ValuesOf(const Chart& chart, const Map* above);

  const TopValues& top_;
  Heap& heap_;
  std::map<std::string, ChartTemplate> found_;
};

Map* Gatherer::ValuesOf(const Chart& chart, const Map* above) {
  if (chart.is_root()) return top_.values;
  Map* own = TableAt(const_cast<Map*>(above), chart.name());
  return own ? own : heap_.NewMap();
}

Map* Gatherer::Gather(const Chart& chart, const Map* above) {
  Map* files = heap_.NewMap(chart.files.size());
  for (const ChartFile& file : chart.files) files->Set(file.name, Value::Bytes(file.data), &heap_);
  Map* values = ValuesOf(chart, above);
  Map* subcharts = heap_.NewMap();
  Map* dot = Fields(&heap_)
                 .Set("Chart", Show(chart, &heap_))
                 .Set("Files", Value::Of(files, Type::kFiles))
                 .Set("Release", Value::Of(top_.release))
                 .Set("Capabilities", top_.capabilities)
                 .Set("Values", Value::Of(values, Type::kValues))
                 .Set("Subcharts", Value::Of(subcharts))
                 .map();
  for (const Chart* dependency : chart.dependencies) {
    subcharts->Set(dependency->name(), Value::Of(Gather(*dependency, values)), &heap_);
  }
  const std::string path = chart.FullPath();
  for (const ChartFile& file : chart.templates) {
    if (chart.is_library() && !PathBase(file.name).starts_with('_')) continue;
    std::string name = PathJoin(path, file.name);
    found_.insert_or_assign(name, ChartTemplate{name, file.data, dot, PathJoin(path, "templates")});
  }
  return dot;
}

}  // namespace

Map* MakeRelease(std::string_view name, std::string_view namespace_name, bool upgrade, Heap* heap) {
  return Fields(heap)
      .Set("Name", heap->Copy(name))
      .Set("Namespace", heap->Copy(namespace_name))
      .Set("IsUpgrade", Value::Bool(upgrade))
      .Set("IsInstall", Value::Bool(!upgrade))
      .Set("Revision", Value::Int(1))
      .Set("Service", "Helm")
      .map();
}

std::vector<ChartTemplate> GatherTemplates(const Chart& chart, const TopValues& top, Heap* heap) {
  Gatherer gatherer(top, heap);
  gatherer.Gather(chart, nullptr);
  std::vector<ChartTemplate> templates;
  templates.reserve(gatherer.found().size());
  for (auto& [name, found] : gatherer.found()) templates.push_back(std::move(found));
  const auto depth = [](const ChartTemplate& each) {
    return std::count(each.path.begin(), each.path.end(), '/');
  };
  std::sort(templates.begin(), templates.end(),
            [&depth](const ChartTemplate& a, const ChartTemplate& b) {
              const auto first = depth(a), second = depth(b);
              return first != second ? first > second : a.path > b.path;
            });
  return templates;
}

void SetTemplate(const ChartTemplate& rendered, Heap* heap) {
  Map* about = Fields(heap)
                   .Set("Name", heap->Copy(rendered.path))
                   .Set("BasePath", heap->Copy(rendered.base_path))
                   .map();
  rendered.dot->Set("Template", Value::Of(about, Type::kValues), heap);
}

}  // namespace headgate::templating::helm
