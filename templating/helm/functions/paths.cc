// Paths with slashes. Go's path and, on Linux, filepath packages are the same to us.

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "templating/helm/functions/functions.h"
#include "templating/helm/functions/path.h"

namespace headgate::templating::helm {

std::string CleanPath(std::string_view path) {
  if (path.empty()) return ".";
  const bool rooted = path.front() == '/';
  std::vector<std::string_view> parts;
  size_t fixed = 0;  // ".." at the start, which nothing can take back
  for (size_t at = 0; at < path.size();) {
    const size_t end = std::min(path.find('/', at), path.size());
    const std::string_view part = path.substr(at, end - at);
    at = end + 1;
    if (part.empty() || part == ".") continue;
    if (part != "..") {
      parts.push_back(part);
    } else if (parts.size() > fixed) {
      parts.pop_back();
    } else if (!rooted) {
      parts.push_back(part);
      ++fixed;
    }
  }
  std::string clean = rooted ? "/" : "";
  for (const std::string_view part : parts) {
    if (clean.size() > (rooted ? 1 : 0)) clean += '/';
    clean += part;
  }
  return clean.empty() ? "." : clean;
}

namespace {

Value Base(Call& call) {
  std::string_view path = call.Text(0);
  if (path.empty()) return Value::Text(".");
  while (path.ends_with('/')) path.remove_suffix(1);
  const size_t slash = path.rfind('/');
  if (slash != std::string_view::npos) path.remove_prefix(slash + 1);
  return Value::Text(path.empty() ? "/" : path);
}

Value Dir(Call& call) {
  const std::string_view path = call.Text(0);
  const size_t slash = path.rfind('/');
  return call.New(CleanPath(slash == std::string_view::npos ? "" : path.substr(0, slash + 1)));
}

Value Clean(Call& call) { return call.New(CleanPath(call.Text(0))); }

Value Ext(Call& call) {
  const std::string_view path = call.Text(0);
  const size_t at = path.find_last_of("./");
  return Value::Text(at == std::string_view::npos || path[at] == '/' ? "" : path.substr(at));
}

Value IsAbs(Call& call) { return Value::Bool(call.Text(0).starts_with('/')); }

constexpr Function kFunctions[] = {
    {"base", {Type::kString}, Base},   {"osBase", {Type::kString}, Base},
    {"dir", {Type::kString}, Dir},     {"osDir", {Type::kString}, Dir},
    {"clean", {Type::kString}, Clean}, {"osClean", {Type::kString}, Clean},
    {"ext", {Type::kString}, Ext},     {"osExt", {Type::kString}, Ext},
    {"isAbs", {Type::kString}, IsAbs}, {"osIsAbs", {Type::kString}, IsAbs},
};

}  // namespace

void AddPaths(FunctionTable* table) { table->Add(kFunctions); }

}  // namespace headgate::templating::helm
