#include "templating/helm/source/index.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "templating/helm/yaml_read.h"
#include "templating/kustomize/nearest.h"

namespace headgate::templating::helm {
namespace {

// An index that is not written in blocks, a line for each name, is read whole up to this.
constexpr size_t kWholeBytesMax = 8 * 1024 * 1024;
constexpr std::string_view kFile = "index.yaml";

std::string_view TakeLine(std::string_view* text) {
  const size_t end = text->find('\n');
  std::string_view line = text->substr(0, end);
  text->remove_prefix(end == std::string_view::npos ? text->size() : end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

// The lines below "entries:", a chart's name at a time. Nothing that belongs to a name stands as
// far left as the name does, but for the items of its list.
class Entries {
 public:
  explicit Entries(std::string_view index) : rest_(index) {
    while (!rest_.empty() && !found_) {
      const std::string_view line = TakeLine(&rest_);
      found_ =
          line.starts_with("entries:") && line.find_first_not_of(" ", 8) == std::string_view::npos;
    }
  }

  // Whether it is written so.
  bool found() const { return found_; }

  struct Entry {
    std::string_view name;
    std::string_view lines;  // with the one that has the name
  };
  std::optional<Entry> Next() {
    while (!rest_.empty()) {
      const char* start = rest_.data();
      const std::string_view line = TakeLine(&rest_);
      const size_t indent = line.find_first_not_of(' ');
      if (indent == std::string_view::npos || line[indent] == '#') continue;
      if (indent == 0 && line[0] != '-') break;  // the next field of the index
      if (!indent_) indent_ = indent;
      if (indent != *indent_ || line[indent] == '-') continue;
      const std::string_view name = NameOf(line.substr(indent));
      SkipItems();
      return Entry{name, {start, static_cast<size_t>(rest_.data() - start)}};
    }
    return std::nullopt;
  }

 private:
  static std::string_view NameOf(std::string_view line) {
    std::string_view name = line.substr(0, line.rfind(':'));
    if (name.size() > 1 && (name.front() == '"' || name.front() == '\'')) {
      name = name.substr(1, name.size() - 2);
    }
    return name;
  }
  void SkipItems() {
    while (!rest_.empty()) {
      std::string_view rest = rest_;
      const std::string_view line = TakeLine(&rest);
      const size_t indent = line.find_first_not_of(' ');
      const bool inside = indent == std::string_view::npos || indent > *indent_ ||
                          (indent == *indent_ && line[indent] == '-');
      if (!inside) return;
      rest_ = rest;
    }
  }

  std::string_view rest_;
  bool found_ = false;
  std::optional<size_t> indent_;
};

std::string TextAt(Map* map, std::string_view key) {
  const Value* value = map->Find(key);
  if (!value) return "";
  if (value->is_string()) return std::string(value->text());
  return ScalarText(*value).value_or("");
}

core::Result<std::vector<IndexedChart>> Versions(const Value* list, std::string_view name) {
  if (!list || !list->is_list()) {
    return core::Invalid(fmt::format("{}: entries.{}: a list of versions expected", kFile, name));
  }
  std::vector<IndexedChart> versions;
  for (const Value& item : list->items()) {
    if (!item.is_map() || !item.map()) continue;
    const Value* urls = item.map()->Find("urls");
    if (!urls || !urls->is_list() || urls->size() == 0 || !urls->items()[0].is_string()) continue;
    versions.push_back({TextAt(item.map(), "version"), std::string(urls->items()[0].text()),
                        TextAt(item.map(), "digest")});
  }
  return versions;
}

core::Error NoChart(std::string_view name, const std::vector<std::string_view>& names) {
  return core::NotFound(fmt::format("there is no chart {} in the repository{}", name,
                                    kustomize::DidYouMean(name, names)));
}

core::Result<std::vector<IndexedChart>> FindInWhole(std::string_view index, std::string_view name) {
  if (index.size() > kWholeBytesMax) {
    return core::Invalid(
        fmt::format("{}: \"entries:\" with a line for each chart expected", kFile));
  }
  Heap heap;
  const core::Result<Value> whole = ReadYaml(index, kFile, &heap, {.keep_numbers = true});
  if (!whole) return whole.error();
  const Value* entries = whole->is_map() && whole->map() ? whole->map()->Find("entries") : nullptr;
  if (!entries || !entries->is_map() || !entries->map()) {
    return core::Invalid(fmt::format("{}: entries: a map of charts expected", kFile));
  }
  if (const Value* found = entries->map()->Find(name)) return Versions(found, name);
  std::vector<std::string_view> names;
  for (const Map::Entry& entry : entries->map()->entries()) names.push_back(entry.key);
  return NoChart(name, names);
}

}  // namespace

core::Result<std::vector<IndexedChart>> FindInIndex(std::string_view index, std::string_view name) {
  Entries entries(index);
  if (!entries.found()) return FindInWhole(index, name);
  std::vector<std::string_view> names;
  while (const std::optional<Entries::Entry> entry = entries.Next()) {
    if (entry->name != name) {
      names.push_back(entry->name);
      continue;
    }
    Heap heap;
    const core::Result<Value> read = ReadYaml(entry->lines, kFile, &heap, {.keep_numbers = true});
    if (!read) return read.error();
    return Versions(read->is_map() ? read->map()->Find(name) : nullptr, name);
  }
  return NoChart(name, names);
}

}  // namespace headgate::templating::helm
