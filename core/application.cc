#include "core/application.h"

#include <fmt/format.h>

#include "core/fields.h"
#include "core/object.h"
#include "core/sync_policy.h"

namespace headgate::core {
namespace {

// One of a few words; the first is the default.
template <class T>
T OneOf(Fields* fields, std::string_view key,
        std::initializer_list<std::pair<std::string_view, T>> words) {
  const std::string found = fields->String(key, words.begin()->first);
  std::string known;
  for (const auto& [word, value] : words) {
    if (found == word) return value;
    known += (known.empty() ? "" : ", ") + std::string(word);
  }
  fields->Fail(key, fmt::format("is \"{}\"; expected one of {}", found, known));
  return words.begin()->second;
}

}  // namespace

namespace {

std::vector<HealthScript> ParseHealthScripts(Fields* sync) {
  std::vector<HealthScript> scripts;
  for (Fields& item : sync->Items("health")) {
    HealthScript script{item.String("group"), item.Required("kind"), item.Required("lua")};
    if (script.lua.size() > kHealthScriptBytesMax) {
      item.Fail("lua", fmt::format("has more than {} KiB", kHealthScriptBytesMax >> 10));
    }
    item.Finish();
    scripts.push_back(std::move(script));
  }
  if (scripts.size() > kHealthScriptsMax) {
    sync->Fail("health", fmt::format("has more than {} scripts", kHealthScriptsMax));
  }
  return scripts;
}

}  // namespace

std::string FullName(const Application& application) {
  return application.namespace_name + "/" + application.name;
}

Result<Application> ParseApplication(const Value& body) {
  Application app;
  app.name = NameOf(body);
  app.namespace_name = NamespaceOf(body);
  app.uid = body.StringAt("metadata", "uid");
  app.generation = body.IntAt(0, "metadata", "generation");

  Reading reading;
  Fields spec(body.Find("spec"), "spec", &reading);
  Fields source = spec.Sub("source");
  app.source.url = source.Required("url");
  app.source.branch = source.String("branch", "main");
  app.source.path = source.String("path");
  Fields secret = source.Sub("secretRef");
  if (source.Has("secretRef")) app.source.secret_name = secret.Required("name");
  secret.Finish();
  Fields webhook = source.Sub("webhook");
  Fields hook_secret = webhook.Sub("secretRef");
  if (source.Has("webhook")) (void)hook_secret.Required("name");  // read where hooks are heard
  hook_secret.Finish();
  webhook.Finish();
  source.Finish();

  Fields render = spec.Sub("render");
  app.render = ParseRender(&render);

  Fields destination = spec.Sub("destination");
  app.destination.namespace_name = destination.String("namespace", app.namespace_name);
  app.destination.service_account = destination.String("serviceAccount");
  if (app.destination.service_account.empty() && app.namespace_name != kSystemNamespace) {
    destination.Fail(
        "serviceAccount",
        fmt::format("is required outside the namespace {}: name a ServiceAccount of the "
                    "namespace {} that may write what is deployed",
                    kSystemNamespace, app.namespace_name));
  }
  destination.Finish();

  Fields sync = spec.Sub("sync");
  app.sync.interval = sync.Time("interval", app.sync.interval);
  if (app.sync.interval < std::chrono::seconds(1)) sync.Fail("interval", "is shorter than 1s");
  app.sync.prune = sync.Bool("prune", true);
  app.sync.allow_empty = sync.Bool("allowEmpty", false);
  app.sync.confirm_prunes = OneOf<ConfirmPrunes>(&sync, "confirmPrunes",
                                                 {{"Risky", ConfirmPrunes::kRisky},
                                                  {"All", ConfirmPrunes::kAll},
                                                  {"None", ConfirmPrunes::kNone}});
  app.sync.deletion_policy = OneOf<DeletionPolicy>(&sync, "deletionPolicy",
                                                   {{"Orphan", DeletionPolicy::kOrphan},
                                                    {"Delete", DeletionPolicy::kDelete},
                                                    {"Wait", DeletionPolicy::kWait}});
  app.sync.timeout = sync.Time("timeout", app.sync.timeout);
  app.sync.health = ParseHealthScripts(&sync);
  (void)ReadSyncPolicy(&spec, &sync, app.namespace_name);  // kept by who asks for it
  sync.Finish();

  app.suspend = spec.Bool("suspend", false);
  spec.Finish();
  if (reading.error) return *reading.error;
  return app;
}

}  // namespace headgate::core
