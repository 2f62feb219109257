#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string_view>

#include "cli/commands.h"
#include "cli/compare.h"
#include "cli/directory.h"
#include "templating/kustomize/kustomize.h"
#include "templating/renderer.h"
#include "templating/yaml/yaml.h"

namespace headgate::cli {
namespace {

namespace fs = std::filesystem;
namespace kustomize = templating::kustomize;

core::Status Write(const fs::path& path, std::string_view text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (!file) return core::Invalid("cannot write " + path.string());
  return core::Ok();
}

kustomize::BuildRules RulesOf(const BuildOptions& options, const std::string& disk_root) {
  kustomize::BuildRules rules;
  rules.order = options.reorder == "none" ? templating::Order::kAsRead : templating::Order::kLegacy;
  rules.order_was_asked = !options.reorder.empty();
  const char* label = std::getenv("KUSTOMIZE_ENABLE_MANAGEDBY_LABEL");
  rules.managed_by_label = options.managed_by_label || (label && std::string_view(label) == "on");
  rules.charts = {options.enable_helm, options.helm_kube_version, options.helm_api_versions,
                  nullptr};
  rules.load.root_only = options.load_restrictor != "LoadRestrictionsNone";
  rules.load.remote_hosts = options.allow_remote;
  rules.load.disk_root = disk_root;
  std::error_code error;
  rules.load.shown_from = fs::current_path(error).string();
  return rules;
}

// A directory gets one file for each resource.
core::Status BuildInto(const SourceDirectory& source, const kustomize::BuildRules& rules,
                       const std::string& directory, std::vector<std::string>* warnings) {
  const core::Result<kustomize::NamedTexts> texts =
      kustomize::BuildFiles(*source.files, source.path, rules, warnings);
  if (!texts) return texts.error();
  for (const auto& [name, text] : *texts) {
    if (core::Status fine = Write(fs::path(directory) / name, text); !fine) return fine;
  }
  return core::Ok();
}

core::Result<std::string> BuildText(const SourceDirectory& source,
                                    const kustomize::BuildRules& rules, bool plain,
                                    std::vector<std::string>* warnings) {
  if (!plain) return kustomize::BuildYaml(*source.files, source.path, rules, warnings);
  core::Result<core::Objects> objects =
      templating::RendererFor(*source.files, source.path)->Render(*source.files, source.path);
  if (!objects) return objects.error();
  return templating::PrintYaml(*objects);
}

core::Status CompareWith(const BuildOptions& options, const std::string& text) {
  std::vector<std::string> command = {options.compare, "build", options.directory};
  if (!options.reorder.empty()) command.insert(command.end(), {"--reorder", options.reorder});
  if (!options.load_restrictor.empty()) {
    command.insert(command.end(), {"--load-restrictor", options.load_restrictor});
  }
  if (options.enable_helm) command.push_back("--enable-helm");
  if (!options.helm_command.empty()) {
    command.insert(command.end(), {"--helm-command", options.helm_command});
  }
  if (!options.helm_kube_version.empty()) {
    command.insert(command.end(), {"--helm-kube-version", options.helm_kube_version});
  }
  for (const std::string& version : options.helm_api_versions) {
    command.insert(command.end(), {"--helm-api-versions", version});
  }
  if (core::Status same = Compare(command, text); !same) return same;
  fmt::print("the same: {} bytes\n", text.size());
  return core::Ok();
}

}  // namespace

core::Status Build(const BuildOptions& options, kustomize::Remotes* remotes,
                   templating::helm::ChartSources* charts) {
  if (options.enable_exec) {
    return core::Invalid(
        "--enable-exec: functions are programs, and Headgate runs nothing that a repository names");
  }
  const bool whole_disk = options.load_restrictor == "LoadRestrictionsNone";
  const core::Result<SourceDirectory> source = OpenSource(options.directory, whole_disk);
  if (!source) return source.error();
  kustomize::BuildRules rules = RulesOf(options, source->disk_root);
  rules.load.remotes = remotes;
  rules.charts.sources = charts;
  std::vector<std::string> warnings;
  std::error_code error;
  core::Result<std::string> text = std::string();
  core::Status done = core::Ok();
  if (fs::is_directory(options.output, error)) {
    done = BuildInto(*source, rules, options.output, &warnings);
  } else {
    text = BuildText(*source, rules, options.plain, &warnings);
    if (!text) done = text.error();
  }
  for (const std::string& warning : warnings) fmt::print(stderr, "headgate: {}\n", warning);
  if (!done || fs::is_directory(options.output, error)) return done;
  if (!options.compare.empty()) return CompareWith(options, *text);
  if (!options.output.empty()) return Write(options.output, *text);
  std::fwrite(text->data(), 1, text->size(), stdout);
  return core::Ok();
}

}  // namespace headgate::cli
