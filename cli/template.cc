// `headgate template`: a chart, rendered as `helm template` prints it.

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <memory>
#include <set>

#include "cli/charts.h"
#include "cli/commands.h"
#include "cli/compare.h"
#include "cli/directory.h"
#include "cli/flags.h"
#include "templating/helm/chart/release_name.h"
#include "templating/helm/chart/render.h"

namespace headgate::cli {
namespace {

namespace fs = std::filesystem;
namespace helm = templating::helm;

constexpr const char* kHelp =
    R"(Render a chart as `helm template` does, in process: nothing is executed, and nothing is fetched
but with --allow-remote.

  headgate template [NAME] CHART [flags]

CHART is a directory or a .tgz; with --allow-remote also the name of a chart in --repo URL, or
oci://HOST/PATH/NAME. The flags are those of helm 4 that decide what is printed:

  -f, --values FILE,...         values; later ones override earlier ones
      --set, --set-string, --set-json, --set-file, --set-literal K=V
  -n, --namespace NAME          .Release.Namespace
      --name-template TEMPLATE  the release's name, where no NAME is given
      --kube-version VERSION    .Capabilities.KubeVersion
  -a, --api-versions V,...      beside the ones that Kubernetes has by itself
      --is-upgrade              .Release.IsUpgrade
      --include-crds            crds/ is printed first
      --no-hooks, --skip-tests  what is left out
  -s, --show-only TEMPLATE      only what these templates render to
      --skip-schema-validation  values.schema.json is not looked at
      --output-dir DIR          a file for each template; with --release-name below the release's
      --repo URL, --version V   where a chart is, and which: a version or a constraint
  -u, --dependency-update       dependencies that charts/ lacks are taken from where Chart.yaml says

And of Headgate's own:

      --allow-remote HOST       charts may be fetched from there, over https (repeatable)
      --compare helm            run helm, too, and print the first line that differs
)";

// Flags that Helm has for what comes after rendering. Their values are checked as far as a wrong
// one ends `helm template`, too.
struct Unused {
  std::string text;
  std::vector<std::string> texts;
  bool flag = false;
  bool force_replace = false, force_conflicts = false;
};

struct TemplateFlags {
  helm::ChartOptions chart;
  helm::ShowOptions show;
  std::vector<std::string> values_files;
  std::string kube_version, name_template, output_dir, post_renderer, repository, version, compare;
  std::vector<std::string> allow_remote;
  std::string dry_run = "client";
  bool dry_run_given = false, validate = false, verify = false, dependency_update = false;
  bool generate_name = false, release_in_path = false, help = false, dns = false;
  bool no_hooks = false, skip_tests = false, skip_schema = false;
  Unused unused;
};

void AddUnusedFlags(Unused* unused, FlagSet* flags) {
  for (const char* name :
       {"create-namespace", "server-side", "replace", "wait-for-jobs", "devel",
        "disable-openapi-validation", "rollback-on-failure", "atomic", "skip-crds",
        "render-subchart-notes", "hide-notes", "take-ownership", "insecure-skip-tls-verify",
        "plain-http", "pass-credentials", "debug", "kube-insecure-skip-tls-verify"}) {
    flags->Switch(name, 0, &unused->flag);
  }
  for (const char* name : {"description",
                           "keyring",
                           "username",
                           "password",
                           "cert-file",
                           "key-file",
                           "ca-file",
                           "kubeconfig",
                           "kube-context",
                           "kube-token",
                           "kube-as-user",
                           "kube-as-group",
                           "kube-apiserver",
                           "kube-ca-file",
                           "kube-tls-server-name",
                           "registry-config",
                           "repository-config",
                           "repository-cache",
                           "content-cache",
                           "burst-limit",
                           "qps",
                           "color",
                           "colour",
                           "timeout",
                           "post-renderer-args"}) {
    flags->Text(name, 0, &unused->text);
  }
  flags->Switch("force-replace", 0, &unused->force_replace);
  flags->Switch("force", 0, &unused->force_replace);
  flags->Switch("force-conflicts", 0, &unused->force_conflicts);
  flags->Add("wait", 0, "watcher", [](const std::string& value) -> core::Status {
    const std::set<std::string> known = {"watcher", "legacy", "hookOnly", "true", "false"};
    if (known.contains(value)) return core::Ok();
    return core::Invalid("watcher, hookOnly or legacy expected");
  });
  flags->Add("labels", 'l', std::nullopt, [](const std::string& value) -> core::Status {
    const size_t equals = value.find('=');
    if (equals == std::string::npos) return core::Invalid("KEY=VALUE expected");
    const std::set<std::string> reserved = {"name",    "owner",     "status",
                                            "version", "createdAt", "modifiedAt"};
    if (reserved.contains(value.substr(0, equals))) {
      return core::Invalid(value.substr(0, equals) + " is a label of Helm's own");
    }
    return core::Ok();
  });
}

FlagSet FlagsOf(TemplateFlags* to) {
  FlagSet flags;
  flags.Lists("values", 'f', &to->values_files);
  flags.Texts("set", 0, &to->chart.set);
  flags.Texts("set-string", 0, &to->chart.set_string);
  flags.Texts("set-json", 0, &to->chart.set_json);
  flags.Texts("set-file", 0, &to->chart.set_file);
  flags.Texts("set-literal", 0, &to->chart.set_literal);
  flags.Text("namespace", 'n', &to->chart.namespace_name);
  flags.Text("name-template", 0, &to->name_template);
  flags.Switch("generate-name", 'g', &to->generate_name);
  flags.Text("kube-version", 0, &to->kube_version);
  flags.Lists("api-versions", 'a', &to->chart.api_versions);
  flags.Switch("is-upgrade", 0, &to->chart.is_upgrade);
  flags.Switch("include-crds", 0, &to->chart.include_crds);
  flags.Switch("no-hooks", 0, &to->no_hooks);
  flags.Switch("skip-tests", 0, &to->skip_tests);
  flags.Texts("show-only", 's', &to->show.only);
  flags.Switch("skip-schema-validation", 0, &to->skip_schema);
  flags.Text("output-dir", 0, &to->output_dir);
  flags.Switch("release-name", 0, &to->release_in_path);
  flags.Switch("validate", 0, &to->validate);
  flags.Switch("verify", 0, &to->verify);
  flags.Switch("dependency-update", 'u', &to->dependency_update);
  flags.Text("version", 0, &to->version);
  flags.Texts("allow-remote", 0, &to->allow_remote);
  flags.Text("compare", 0, &to->compare);
  flags.Switch("enable-dns", 0, &to->dns);
  flags.Text("post-renderer", 0, &to->post_renderer);
  flags.Text("repo", 0, &to->repository);
  flags.Switch("help", 'h', &to->help);
  flags.Add("dry-run", 0, "unset", [to](const std::string& value) {
    to->dry_run = value;
    to->dry_run_given = true;
    return core::Ok();
  });
  AddUnusedFlags(&to->unused, &flags);
  return flags;
}

// What needs a server, a repository or another program.
core::Status Refuse(const TemplateFlags& flags) {
  const std::set<std::string> client = {"client", "unset", "true", "1", "t", "T", "TRUE", "True"};
  if (flags.validate || flags.dry_run == "server") {
    return core::Invalid(
        "--validate and --dry-run=server ask a cluster; `headgate plan` compares with one");
  }
  if (!client.contains(flags.dry_run)) {
    return core::Invalid("--dry-run: client expected");
  }
  if (!flags.post_renderer.empty()) {
    return core::Invalid(
        "--post-renderer: Headgate runs no other program; a kustomization over the chart does the "
        "same");
  }
  if (!flags.compare.empty() && flags.compare != "helm") {
    return core::Invalid("--compare: helm expected");
  }
  if (flags.verify) return core::Invalid("--verify: signatures of charts are not checked yet");
  if (flags.unused.force_replace && flags.unused.force_conflicts) {
    return core::Invalid("--force-replace and --force-conflicts exclude each other");
  }
  return core::Ok();
}

core::Result<std::string> ReadFile(const std::string& name) {
  if (name == "-") {
    return std::string(std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>());
  }
  if (name.find("://") != std::string::npos) {
    return core::Invalid(name + ": values are not fetched from URLs");
  }
  std::error_code error;
  const uintmax_t bytes = fs::file_size(name, error);
  if (!error && bytes > core::FileTree::kFileBytesMax) {
    return core::Invalid(
        fmt::format("{}: larger than {} MiB", name, core::FileTree::kFileBytesMax >> 20));
  }
  std::ifstream file(name, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (!file || fs::is_directory(name, error)) {
    return core::Invalid(name + ": no such file, or it cannot be read");
  }
  return text;
}

// The release's name and the chart, of the arguments that are no flags.
struct NameAndChart {
  std::string name, chart;
};
core::Result<NameAndChart> TakeNames(const TemplateFlags& flags,
                                     const std::vector<std::string>& arguments) {
  if (arguments.empty()) return core::Invalid("a chart expected: headgate template [NAME] CHART");
  if (arguments.size() > 2) {
    return core::Invalid(fmt::format("a name and a chart expected; what is {}?", arguments[2]));
  }
  if (arguments.size() == 1) {
    if (flags.name_template.empty()) return NameAndChart{"release-name", arguments[0]};
    core::Result<std::string> name = helm::RenderReleaseName(flags.name_template);
    if (!name) return name.error().In("--name-template");
    return NameAndChart{*name, arguments[0]};
  }
  if (flags.generate_name || !flags.name_template.empty()) {
    return core::Invalid(fmt::format("--{} and a name exclude each other",
                                     flags.generate_name ? "generate-name" : "name-template"));
  }
  return NameAndChart{arguments[0], arguments[1]};
}

// A chart of a repository or a registry, as the one file of a tree.
core::Result<SourceDirectory> FetchChart(const TemplateFlags& flags, const std::string& chart) {
  helm::ChartWanted wanted{flags.repository, chart, flags.version};
  if (wanted.repository.empty()) {
    const size_t slash = chart.rfind('/');
    wanted.repository = chart.substr(0, slash);
    wanted.name = chart.substr(slash + 1);
  }
  if (flags.allow_remote.empty()) {
    return core::Invalid(
        fmt::format("{}: charts are fetched only from a host that --allow-remote HOST names",
                    flags.repository.empty() ? chart : "--repo"));
  }
  core::Result<helm::FoundChart> found = flags.chart.sources->Find(wanted);
  if (!found) return found.error();
  const std::string file = fmt::format("{}-{}.tgz", wanted.name, found->version);
  return SourceDirectory{std::make_shared<core::MemoryTree>(
                             std::map<std::string, std::string>{{file, std::move(found->archive)}}),
                         file, ""};
}

core::Result<SourceDirectory> OpenChart(const TemplateFlags& flags, const std::string& chart) {
  if (!flags.repository.empty() || chart.starts_with("oci://")) return FetchChart(flags, chart);
  std::error_code error;
  const fs::path path = fs::canonical(chart, error);
  if (error) {
    return core::Invalid(fmt::format(
        "{}: no such directory or file; --repo and --allow-remote name a repository", chart));
  }
  if (fs::is_directory(path, error)) return OpenSource(path.string());
  core::Result<SourceDirectory> source = OpenSource(path.parent_path().string());
  if (!source) return source;
  source->path += (source->path.empty() ? "" : "/") + path.filename().string();
  return source;
}

// Writes documents to files, as --output-dir has it: what a run has written before is added to.
class FileWriter {
 public:
  core::Status Write(const fs::path& directory, const helm::Manifest& manifest, bool add) {
    const fs::path path = directory / manifest.path;
    std::error_code error;
    fs::create_directories(path.parent_path(), error);
    add = add || !written_.insert(path.string()).second;
    std::ofstream file(path, add ? std::ios::binary | std::ios::app : std::ios::binary);
    file << "---\n# Source: " << manifest.path << "\n" << manifest.text << "\n";
    file.close();
    if (!file) return core::Invalid("cannot write " + path.string());
    fmt::print("wrote {}/{}\n", directory.string(), manifest.path);
    return core::Ok();
  }

 private:
  std::set<std::string> written_;
};

core::Status WriteFiles(const TemplateFlags& flags, const helm::RenderedChart& rendered) {
  FileWriter writer;
  const fs::path top = flags.output_dir;
  const fs::path below = flags.release_in_path ? top / flags.chart.release : top;
  for (const helm::Manifest& crd : rendered.crds) {
    if (core::Status written = writer.Write(top, crd, false); !written) return written;
  }
  for (const helm::Manifest& each : rendered.manifests.ordinary) {
    if (core::Status written = writer.Write(below, each, false); !written) return written;
  }
  for (const helm::Hook& hook : rendered.manifests.hooks) {
    if (!flags.show.hooks || (hook.test && !flags.show.tests)) continue;
    std::error_code error;
    const bool there = fs::exists(below / hook.manifest.path, error);
    if (core::Status written = writer.Write(below, hook.manifest, there); !written) return written;
  }
  return core::Ok();
}

// Runs helm with the same arguments, less those that it does not know.
core::Status CompareWith(const std::string& program, const std::vector<std::string>& arguments,
                         const std::string& text) {
  std::vector<std::string> command = {program, "template"};
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string& each = arguments[i];
    const bool own = each.starts_with("--compare") || each.starts_with("--allow-remote");
    if (!own) command.push_back(each);
    if (own && each.find('=') == std::string::npos) ++i;  // and its value
  }
  if (core::Status same = Compare(command, text); !same) return same;
  fmt::print("the same: {} bytes\n", text.size());
  return core::Ok();
}

// `original`: the command line, flags and all.
core::Status Run(TemplateFlags* flags, const std::vector<std::string>& arguments,
                 const std::vector<std::string>& original, MakeCharts charts) {
  helm::ChartOptions& options = flags->chart;
  std::shared_ptr<helm::ChartSources> sources;
  if (charts && !flags->allow_remote.empty()) {
    sources = charts(flags->allow_remote);
  } else if (flags->dependency_update) {
    sources = LocalCharts();
  }
  options.sources = sources.get();
  options.read_file = ReadFile;
  options.check_schema = !flags->skip_schema;
  flags->show.hooks = !flags->no_hooks;
  flags->show.tests = !flags->skip_tests;
  if (!flags->kube_version.empty()) {
    core::Result<helm::KubeVersion> version = helm::ParseKubeVersion(flags->kube_version);
    if (!version) return version.error();
    options.kube_version = *version;
  }
  core::Result<NameAndChart> names = TakeNames(*flags, arguments);
  if (!names) return names.error();
  options.release = names->name;
  for (const std::string& name : flags->values_files) {
    core::Result<std::string> text = ReadFile(name);
    if (!text) return text.error();
    options.values_files.push_back({name, std::move(*text)});
  }
  core::Result<SourceDirectory> source = OpenChart(*flags, names->chart);
  if (!source) return source.error();
  core::Result<helm::RenderedChart> rendered =
      helm::RenderChart(*source->files, source->path, options);
  if (!rendered) return rendered.error();
  for (const std::string& note : rendered->notes) fmt::print(stderr, "headgate: {}\n", note);
  if (!flags->output_dir.empty()) {
    if (core::Status written = WriteFiles(*flags, *rendered); !written) return written;
    *rendered = {};
  }
  core::Result<std::string> text = helm::ShowChart(*rendered, flags->show);
  if (!text) return text.error();
  if (!flags->compare.empty()) return CompareWith(flags->compare, original, *text);
  std::fwrite(text->data(), 1, text->size(), stdout);
  return core::Ok();
}

}  // namespace

core::Result<int> Template(const std::vector<std::string>& arguments, MakeCharts charts) {
  TemplateFlags flags;
  const FlagSet set = FlagsOf(&flags);
  core::Result<std::vector<std::string>> others = set.Parse(arguments);
  if (others && flags.help) {
    fmt::print("{}", kHelp);
    return kDone;
  }
  const core::Status fine = others ? Refuse(flags) : others.error();
  if (!fine) {
    fmt::print(stderr, "headgate: template: {}\n", fine.error().text());
    return kUsage;
  }
  const core::Status done = Run(&flags, *others, arguments, charts);
  if (!done) return done.error();
  return kDone;
}

}  // namespace headgate::cli
