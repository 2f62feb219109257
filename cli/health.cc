#include "deploy/health/health.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string_view>
#include <unordered_map>

#include "cli/commands.h"
#include "core/json.h"
#include "core/object.h"
#include "deploy/health/script.h"
#include "templating/yaml/parse.h"
#include "templating/yaml/yaml.h"

namespace headgate::cli {
namespace {

namespace fs = std::filesystem;

core::Result<std::string> ReadText(const std::string& name) {
  std::string text;
  if (name == "-") {
    text.assign(std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>());
  } else {
    std::error_code error;
    std::ifstream file(name, std::ios::binary);
    if (!file || fs::is_directory(name, error)) {
      return core::Invalid(name + ": no such file, or it cannot be read");
    }
    text.assign(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  if (text.size() > templating::kYamlBytesMax) {
    return core::Invalid(
        fmt::format("{}: larger than {} MiB", name, templating::kYamlBytesMax >> 20));
  }
  return text;
}

// Of a key given twice the last value counts, as in the API server.
void KeepLast(core::Value* value) {
  if (core::List* list = value->AsList()) {
    for (core::Value& item : *list) KeepLast(&item);
  }
  core::Map* map = value->AsMap();
  if (!map) return;
  std::unordered_map<std::string_view, core::Value*> last;
  for (auto& [key, entry] : *map) {
    KeepLast(&entry);
    const auto [earlier, is_new] = last.try_emplace(key, &entry);
    if (is_new) continue;
    *earlier->second = std::move(entry);
  }
}

core::Result<std::vector<core::Value>> ReadDocuments(const std::string& name) {
  core::Result<std::string> text = ReadText(name);
  if (!text) return text.error();
  templating::yaml::Arena arena;
  core::Result<std::vector<templating::yaml::Node*>> nodes = templating::yaml::Parse(
      *text, name == "-" ? "standard input" : name, &arena, {.unique_keys = false});
  if (!nodes) return nodes.error();
  std::vector<core::Value> documents;
  for (const templating::yaml::Node* node : *nodes) {
    core::Value document = templating::yaml::ToValue(*node);
    if (document.is_null()) continue;
    KeepLast(&document);
    documents.push_back(std::move(document));
  }
  return documents;
}

// The objects of a file: documents, and the items of lists among them.
core::Result<std::vector<core::Value>> ReadObjects(const std::string& name) {
  core::Result<std::vector<core::Value>> documents = ReadDocuments(name);
  if (!documents) return documents.error();
  std::vector<core::Value> objects;
  for (core::Value& document : *documents) {
    core::Value* items = document.Find("items");
    if (items && items->AsList() && document.StringAt("kind").ends_with("List")) {
      for (core::Value& item : *items->AsList()) objects.push_back(std::move(item));
    } else {
      objects.push_back(std::move(document));
    }
  }
  if (objects.empty()) return core::Invalid(name + ": it holds no object");
  return objects;
}

// "GROUP/KIND=FILE"; the core group is "" there, as in "/Pod=pod.lua".
core::Result<deploy::HealthScripts> ReadScripts(const std::vector<std::string>& arguments) {
  deploy::HealthScripts scripts;
  for (const std::string& argument : arguments) {
    const size_t slash = argument.find('/'), equals = argument.find('=');
    if (slash == std::string::npos || equals == std::string::npos || slash > equals) {
      return core::Invalid(fmt::format("--script {}: GROUP/KIND=FILE expected", argument));
    }
    core::Result<std::string> text = ReadText(argument.substr(equals + 1));
    if (!text) return text.error().In("--script");
    if (core::Status fine = deploy::CheckScript(*text); !fine) {
      return fine.error().In(argument.substr(equals + 1));
    }
    scripts.push_back({argument.substr(0, slash), argument.substr(slash + 1, equals - slash - 1),
                       std::move(*text)});
  }
  return scripts;
}

core::Value Report(const core::Value& object, const deploy::Health& health) {
  const core::ObjectRef ref = core::RefOf(object);
  core::Map report;
  report.Append("apiVersion", object.StringAt("apiVersion"));
  report.Append("kind", ref.kind);
  if (!ref.namespace_name.empty()) report.Append("namespace", ref.namespace_name);
  report.Append("name", ref.name);
  report.Append("status", deploy::Show(health.code));
  report.Append("message", health.why);
  return report;
}

std::string ShowTable(const std::vector<core::Value>& reports) {
  std::string text;
  for (const core::Value& report : reports) {
    const std::string& message = report.StringAt("message");
    const core::ObjectRef ref{core::ParseApiVersion(report.StringAt("apiVersion")).group,
                              report.StringAt("kind"), report.StringAt("namespace"),
                              report.StringAt("name")};
    text += fmt::format("{}: {}{}{}\n", core::Show(ref), report.StringAt("status"),
                        message.empty() ? "" : ": ", message);
  }
  return text;
}

}  // namespace

core::Result<int> ShowHealth(const HealthOptions& options) {
  core::Result<deploy::HealthScripts> scripts = ReadScripts(options.scripts);
  if (!scripts) return scripts.error();
  core::Result<std::vector<core::Value>> objects = ReadObjects(options.file);
  if (!objects) return objects.error();
  std::vector<core::Value> reports;
  deploy::HealthCode worst = deploy::HealthCode::kHealthy;
  for (const core::Value& object : *objects) {
    const deploy::Health health = deploy::AssessHealth(object, *scripts);
    worst = deploy::Worse(worst, health.code);
    reports.push_back(Report(object, health));
  }
  core::Value shown = reports.size() == 1 ? reports.front() : core::Value(reports);
  std::string text;
  if (options.output == Output::kJson) {
    text = core::ToPrettyJson(shown) + "\n";
  } else if (options.output == Output::kYaml) {
    text = templating::PrintYaml(shown);
  } else {
    text = ShowTable(reports);
  }
  std::fwrite(text.data(), 1, text.size(), stdout);
  if (!options.exit_code || worst <= deploy::HealthCode::kSuspended) return kDone;
  return worst == deploy::HealthCode::kProgressing ? kWaits : kSick;
}

}  // namespace headgate::cli
