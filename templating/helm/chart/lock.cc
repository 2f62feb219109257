#include "templating/helm/chart/lock.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/hash.h"
#include "templating/helm/chart/dependencies.h"
#include "templating/helm/chart/metadata.h"
#include "templating/helm/functions/json_write.h"
#include "templating/helm/yaml_read.h"

namespace headgate::templating::helm {
namespace {

using List = std::vector<Dependency*>;
constexpr size_t kJsonBytesMax = 16 * 1024 * 1024;

// Dependencies as Go's encoding/json prints Helm's struct.
class Printer {
 public:
  explicit Printer(Heap* heap) : heap_(*heap) {}

  std::string Print(const List& list) {
    std::string json = "[";
    for (const Dependency* each : list) {
      json += json.size() > 1 ? "," : "";
      json += each ? Print(*each) : "null";
    }
    return json + "]";
  }

 private:
  std::string Json(const Value& value) {
    std::string json, error;
    return WriteJson(&heap_, value, {}, kJsonBytesMax, &json, &error) ? json : "null";
  }
  std::string Print(const Dependency& from) {
    std::string json = fmt::format("{{\"name\":{}", Json(Value::Text(from.name)));
    const auto add = [&](const char* name, std::string_view text) {
      if (!text.empty()) json += fmt::format(",\"{}\":{}", name, Json(Value::Text(text)));
    };
    add("version", from.version);
    json += fmt::format(",\"repository\":{}", Json(Value::Text(from.repository)));
    add("condition", from.condition);
    if (!from.tags.empty()) {
      std::string tags;
      for (std::string_view tag : from.tags) {
        tags += (tags.empty() ? "" : ",") + Json(Value::Text(tag));
      }
      json += fmt::format(",\"tags\":[{}]", tags);
    }
    if (from.enabled) json += ",\"enabled\":true";
    if (!from.import_values.empty()) {
      std::string values;
      for (const Value& value : from.import_values)
        values += (values.empty() ? "" : ",") + Json(value);
      json += fmt::format(",\"import-values\":[{}]", values);
    }
    add("alias", from.alias);
    return json + "}";
  }

  Heap& heap_;
};

struct Lock {
  std::string file;
  List dependencies;
  std::string digest;
};

// The lock of a chart; without a file where it has none.
core::Result<Lock> ReadLock(const Chart& chart, const std::vector<ChartFile>& files, Heap* heap) {
  Lock lock;
  const bool old = chart.metadata->api_version == "v1";
  for (const ChartFile& file : files) {
    if (file.name != "Chart.lock" && !(old && file.name == "requirements.lock")) continue;
    lock.file = file.name;
    ChartMetadata read;
    const core::Status done = ReadMetadata(file.data, file.name, heap, &read);
    if (!done) return done.error();
    lock.dependencies = read.dependencies.value_or(List());
    const core::Result<Value> whole = ReadYaml(file.data, file.name, heap);
    const Value* digest =
        whole && whole->is_map() && whole->map() ? whole->map()->Find("digest") : nullptr;
    if (digest && digest->is_string()) lock.digest = digest->text();
  }
  return lock;
}

// Helm 2 made locks of what was listed alone.
std::string OldLockDigest(const List& listed, Heap* heap) {
  return "sha256:" +
         core::Sha256(fmt::format("{{\"dependencies\":{}}}", Printer(heap).Print(listed)));
}

core::Status CheckRepository(const Dependency& wanted, const std::string& file) {
  if (wanted.name.find('/') != std::string_view::npos || wanted.name.starts_with('.') ||
      wanted.name.empty()) {
    return core::Invalid(fmt::format("{}: \"{}\" is not the name of a chart", file, wanted.name));
  }
  if (wanted.repository.empty()) {
    return core::Invalid(fmt::format("{}: dependency {} is not in charts/, and names no repository",
                                     file, wanted.name));
  }
  if (wanted.repository.starts_with('@') || wanted.repository.starts_with("alias:")) {
    return core::Invalid(fmt::format(
        "{}: dependency {}: repository: a URL expected; what {} means is known only where somebody "
        "added it",
        file, wanted.name, wanted.repository));
  }
  return core::Ok();
}

}  // namespace

std::string LockDigest(const std::vector<Dependency*>& listed,
                       const std::vector<Dependency*>& locked, Heap* heap) {
  Printer printer(heap);
  return "sha256:" +
         core::Sha256(fmt::format("[{},{}]", printer.Print(listed), printer.Print(locked)));
}

core::Result<std::vector<Dependency>> WantedDependencies(const Chart& chart,
                                                         const std::vector<ChartFile>& files,
                                                         Heap* heap) {
  const core::Result<Lock> lock = ReadLock(chart, files, heap);
  if (!lock) return lock.error();
  const List listed = chart.metadata->dependencies.value_or(List());
  if (!lock->file.empty() && lock->digest != LockDigest(listed, lock->dependencies, heap) &&
      !(chart.metadata->api_version == "v1" && lock->digest == OldLockDigest(listed, heap))) {
    return core::Invalid(fmt::format(
        "{} is out of sync with the dependencies of Chart.yaml: its digest is of others; `helm "
        "dependency update` makes it anew",
        lock->file));
  }
  const std::vector<std::string> missing = MissingDependencies(chart);
  const std::string file = lock->file.empty() ? "Chart.yaml" : lock->file;
  std::vector<Dependency> wanted;
  for (const Dependency* each : lock->file.empty() ? listed : lock->dependencies) {
    if (!each || std::find(missing.begin(), missing.end(), each->name) == missing.end()) continue;
    const bool known = std::any_of(wanted.begin(), wanted.end(), [each](const Dependency& other) {
      return other.name == each->name && other.version == each->version &&
             other.repository == each->repository;
    });
    if (known) continue;  // under another alias
    if (core::Status fine = CheckRepository(*each, file); !fine) return fine.error();
    wanted.push_back(*each);
  }
  return wanted;
}

}  // namespace headgate::templating::helm
