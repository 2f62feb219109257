#include "templating/helm/chart/set_where.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <span>
#include <vector>

#include "templating/yaml/parse.h"

namespace headgate::templating::helm {
namespace {

using Names = std::vector<std::string>;
using Path = std::span<const std::string>;

// The names behind the first ".Values" of an expression.
Names NamesIn(std::string_view expression) {
  constexpr std::string_view kValues = ".Values.";
  Names names;
  const size_t start = expression.find(kValues);
  if (start == std::string_view::npos) return names;
  std::string_view rest = expression.substr(start + kValues.size() - 1);
  while (rest.starts_with('.')) {
    rest.remove_prefix(1);
    size_t length = 0;
    while (length < rest.size() &&
           (std::isalnum(static_cast<unsigned char>(rest[length])) != 0 || rest[length] == '_')) {
      ++length;
    }
    if (length == 0) break;
    names.emplace_back(rest.substr(0, length));
    rest.remove_prefix(length);
  }
  return names;
}

// The charts from the top down to the one that a template is of: of "c/charts/a/templates/x.yaml"
// a.
Names SubchartsOf(std::string_view file) {
  constexpr std::string_view kCharts = "/charts/";
  Names charts;
  file = file.substr(0, file.find("/templates/"));
  for (size_t at = file.find(kCharts); at != std::string_view::npos; at = file.find(kCharts)) {
    file.remove_prefix(at + kCharts.size());
    charts.emplace_back(file.substr(0, file.find('/')));
  }
  return charts;
}

// How many of the names are set, and where the last of them is.
struct Found {
  size_t depth = 0;
  std::string where;
};

// In a file of values; the last of several documents counts.
Found FindInFile(const std::string& text, const std::string& shown, Path path) {
  Found found;
  yaml::Arena arena;
  yaml::ParseOptions options;
  options.unique_keys = false;
  const auto documents = yaml::Parse(text, shown, &arena, options);
  if (!documents) return found;
  for (const yaml::Node* document : *documents) {
    const yaml::Node* at = document;
    size_t depth = 0;
    uint32_t line = 0;
    while (at->is_mapping() && depth < path.size()) {
      size_t entry = at->entries();
      while (entry > 0 && at->key(entry - 1)->text() != path[depth]) --entry;
      if (entry == 0) break;
      line = at->key(entry - 1)->line;
      at = at->value(entry - 1);
      ++depth;
    }
    if (depth >= found.depth && depth > 0) found = {depth, fmt::format("{}:{}", shown, line)};
  }
  return found;
}

Found FindInValues(const core::Value& values, Path path) {
  Found found;
  const core::Value* at = &values;
  while (found.depth < path.size()) {
    at = at->is_map() ? at->Find(path[found.depth]) : nullptr;
    if (!at) break;
    ++found.depth;
  }
  if (found.depth > 0) found.where = "spec.render.helm.values";
  return found;
}

// In lines of --set; values are not looked at.
Found FindInSets(const std::vector<std::string>& lines, const char* flag, Path path) {
  Found found;
  for (const std::string& line : lines) {
    for (size_t depth = path.size(); depth > found.depth; --depth) {
      const std::string name = fmt::format("{}", fmt::join(path.first(depth), "."));
      for (size_t at = line.find(name); at != std::string::npos; at = line.find(name, at + 1)) {
        const char next = at + name.size() < line.size() ? line[at + name.size()] : '\0';
        const bool begins = at == 0 || line[at - 1] == ',';
        if (begins && (next == '=' || next == '.' || next == '[')) {
          found = {depth, fmt::format("{} {}", flag, name)};
        }
      }
    }
  }
  return found;
}

}  // namespace

std::string ShowWhereSet(const FailedAt& failed, const core::FileTree& files,
                         std::string_view chart, const ChartOptions& options) {
  const Names names = NamesIn(failed.expression);
  if (names.empty()) return "";
  const Names charts = SubchartsOf(failed.file);
  const bool global = names.front() == "global";
  Names whole = global ? Names() : charts;
  whole.insert(whole.end(), names.begin(), names.end());

  // The name of the deepest that is set; of two the one that counts more, which comes first.
  Found best;
  const auto take = [&](Found found, size_t above) {
    found.depth += above;
    if (found.depth > best.depth && found.depth > whole.size() - names.size()) best = found;
  };
  take(FindInSets(options.set_literal, "--set-literal", whole), 0);
  take(FindInSets(options.set_file, "--set-file", whole), 0);
  take(FindInSets(options.set_string, "--set-string", whole), 0);
  take(FindInSets(options.set, "--set", whole), 0);
  take(FindInSets(options.set_json, "--set-json", whole), 0);
  take(FindInValues(options.values, whole), 0);
  for (auto file = options.values_files.rbegin(); file != options.values_files.rend(); ++file) {
    take(FindInFile(file->text, file->name, whole), 0);
  }
  std::string directory(chart);
  for (size_t i = 0; i <= charts.size(); ++i) {
    const size_t above = global ? 0 : i;
    const std::string path = (directory.empty() ? "" : directory + "/") + "values.yaml";
    if (const core::Result<std::string> text = files.Read(path)) {
      take(FindInFile(*text, path, Path(whole).subspan(above)), above);
    }
    if (i < charts.size()) directory += (directory.empty() ? "charts/" : "/charts/") + charts[i];
  }
  if (best.depth == 0) return "";
  return fmt::format("{} is set in {}", fmt::join(Path(whole).first(best.depth), "."), best.where);
}

}  // namespace headgate::templating::helm
