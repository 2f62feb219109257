#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/session.h"
#include "deploy/apply.h"
#include "install/manifests.h"
#include "templating/yaml/yaml.h"

namespace headgate::cli {
namespace {

bool IsWanted(const install::Manifest& manifest, bool crds_only) {
  return !crds_only || manifest.name.starts_with("crds/");
}

}  // namespace

core::Status Install(const InstallOptions& options) {
  core::Objects objects;
  for (const install::Manifest& manifest : install::Manifests()) {
    if (!IsWanted(manifest, options.crds_only)) continue;
    if (!options.apply) {
      fmt::print("---\n# {}\n{}", manifest.name, manifest.text);
      continue;
    }
    core::Result<std::vector<core::Value>> documents =
        templating::ParseYaml(manifest.text, manifest.name);
    if (!documents) return documents.error();
    for (core::Value& body : *documents)
      objects.push_back({std::move(body), std::string(manifest.name)});
  }
  if (!options.apply) return core::Ok();

  core::Result<std::unique_ptr<Session>> session = Session::Open(options.cluster);
  if (!session) return session.error();
  deploy::ApplyOptions apply;
  apply.set = deploy::ApplySetOf({"apps", "Deployment", "headgate-system", "headgate"});
  const deploy::Deployer deployer((*session)->client(), nullptr);
  core::Result<deploy::ApplyOutcome> outcome = deployer.Apply(objects, apply, Interrupted());
  if (!outcome) return outcome.error();
  for (const deploy::ObjectOutcome& object : outcome->objects) {
    fmt::print("{} {}\n", core::Show(object.ref), deploy::Show(object.result));
  }
  return outcome->status();
}

}  // namespace headgate::cli
