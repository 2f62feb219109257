#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/deployed.h"
#include "cli/session.h"
#include "core/application.h"
#include "core/hash.h"
#include "core/position.h"
#include "deploy/health/health.h"
#include "deploy/records.h"

namespace headgate::cli {
namespace {

std::string Revision(const core::Value& application) {
  const std::string& revision = application.StringAt("status", "release", "revision");
  return revision.empty() ? "-" : std::string(core::Short(revision, 7));
}

std::string Summary(const core::Value& application) {
  const std::string& summary = application.StringAt("status", "summary");
  return summary.empty() ? "not looked at yet; is the daemon running?" : summary;
}

void PrintLine(std::string_view what, std::string_view text) {
  if (!text.empty()) fmt::print("  {:<9} {}\n", what, text);
}

std::string ShowRelease(const core::Value& application) {
  const core::Value* release = application.Find("status", "release");
  if (!release) return "nothing was released yet";
  return fmt::format("{}: {} since {} ({})", release->IntAt(0, "number"),
                     core::Short(release->StringAt("revision"), 7), release->StringAt("at"),
                     release->StringAt("by"));
}

// What a person may do about it.
std::string Mend(const core::Value& application, const std::string& name) {
  std::string reason;
  for (const core::Value& condition : application.ListAt("status", "conditions")) {
    if (condition.StringAt("type") == "Stalled" && condition.StringAt("status") == "True")
      reason = condition.StringAt("reason");
  }
  if (reason == "Held")
    return fmt::format("push a commit that mends it, or: headgate retry {}", name);
  if (reason == "RenderFailed") return "push a commit that mends the named file";
  if (reason == "AdoptionNeeded")
    return fmt::format("make git say what is live, or: headgate adopt {}", name);
  if (reason == "InvalidSpec") return "edit the Application's named field";
  if (reason == "SourceFailed")
    return "mend spec.source: URL, branch, or the Secret with the credentials";
  return "";
}

core::Status PrintObjects(const Session& session, const core::Value& application) {
  core::Result<std::vector<Deployed>> objects = ReadDeployed(session, application);
  if (!objects) return objects.error();
  size_t healthy = 0;
  for (const Deployed& each : *objects) {
    if (each.health.code == deploy::HealthCode::kHealthy) {
      ++healthy;
    } else {
      PrintLine("object", fmt::format("{}: {}", core::Show(each.ref), deploy::Show(each.health)));
    }
  }
  PrintLine("objects", fmt::format("{} of {} healthy", healthy, objects->size()));
  return core::Ok();
}

core::Status PrintRollout(const Session& session, const core::Value& application) {
  core::Result<std::optional<core::Value>> rollout = session.RolloutOf(application);
  if (!rollout) return rollout.error();
  if (!*rollout) return core::Ok();
  const core::Value* status = (*rollout)->Find("status");
  core::Result<core::RolloutStatus> read =
      core::ParseRolloutStatus(status ? *status : core::Value());
  if (!read) return read.error();
  PrintLine("rollout", core::Show(read->position));
  PrintLine("", (*rollout)->StringAt("status", "message"));
  for (const core::Value& evidence : (*rollout)->ListAt("status", "evidence")) {
    PrintLine("evidence",
              fmt::format("{}: {}", evidence.StringAt("verdict"), evidence.StringAt("why")));
  }
  for (const core::Quarantined& each : read->quarantine) {
    PrintLine("refused", fmt::format("{} {} ({})", core::Short(each.revision, 7), each.reason,
                                     core::Show(each.since)));
  }
  return core::Ok();
}

}  // namespace

core::Status Get(const GetOptions& options) {
  core::Result<std::unique_ptr<Session>> session = Session::Open(options.cluster);
  if (!session) return session.error();
  core::List items;
  if (!options.application.empty()) {
    core::Result<core::Value> one = (*session)->Application(options.application);
    if (!one) return one.error();
    if (options.output != Output::kTable) {
      fmt::print("{}", ShowObject(*one, options.output));
      return core::Ok();
    }
    items.push_back(std::move(*one));
  } else {
    deploy::ListOptions list;
    if (!options.all_namespaces) list.namespace_name = options.cluster.namespace_name;
    core::Result<deploy::ListAnswer> all =
        (*session)->client().List({core::kApiVersion, "Application"}, list, Interrupted());
    if (!all) return all.error();
    items.assign(all->items.begin(), all->items.end());
  }
  if (options.output != Output::kTable) {
    const core::Value list =
        core::Map{{"apiVersion", "v1"}, {"kind", "List"}, {"items", std::move(items)}};
    fmt::print("{}", ShowObject(list, options.output));
    return core::Ok();
  }
  std::vector<std::vector<std::string>> rows = {{"NAME", "REVISION", "STATUS"}};
  for (const core::Value& item : items) {
    const std::string name = options.all_namespaces
                                 ? core::NamespaceOf(item) + "/" + core::NameOf(item)
                                 : core::NameOf(item);
    rows.push_back({name, Revision(item), Summary(item)});
  }
  if (items.empty()) {
    fmt::print(
        stderr, "no Applications in {}\n",
        options.all_namespaces ? "the cluster" : "namespace " + options.cluster.namespace_name);
    return core::Ok();
  }
  fmt::print("{}", ShowTable(rows));
  return core::Ok();
}

core::Status Why(const GetOptions& options) {
  core::Result<std::unique_ptr<Session>> session = Session::Open(options.cluster);
  if (!session) return session.error();
  core::Result<core::Value> application = (*session)->Application(options.application);
  if (!application) return application.error();
  if (options.output != Output::kTable) {
    fmt::print("{}", ShowObject(*application, options.output));
    return core::Ok();
  }
  fmt::print("{}: {}\n", core::NameOf(*application), Summary(*application));
  const std::string& branch = application->StringAt("spec", "source", "branch");
  const bool attempted = application->Find("status", "lastAttempted") != nullptr;
  PrintLine("git", fmt::format("{} at {}{}", branch.empty() ? "main" : branch,
                               core::Short(application->StringAt("status", "revision"), 7),
                               attempted ? "" : "; not rendered since: no input changed"));
  PrintLine("release", ShowRelease(*application));
  PrintLine("problem", application->StringAt("status", "lastAttempted", "error"));
  if (core::Status printed = PrintRollout(**session, *application); !printed) return printed;
  if (core::Status printed = PrintObjects(**session, *application); !printed) return printed;
  for (const auto& [key, what] : {std::pair("left", "drift"), std::pair("contested", "contested"),
                                  std::pair("kept", "kept"), std::pair("healed", "healed")}) {
    for (const core::Value& line : application->ListAt("status", "drift", key)) {
      if (line.AsString()) PrintLine(what, *line.AsString());
    }
  }
  PrintLine("asked", application->StringAt("status", "request", "message"));
  PrintLine("mend", Mend(*application, options.application));
  return core::Ok();
}

core::Status History(const GetOptions& options) {
  core::Result<std::unique_ptr<Session>> session = Session::Open(options.cluster);
  if (!session) return session.error();
  core::Result<core::Value> application = (*session)->Application(options.application);
  if (!application) return application.error();
  core::Result<std::vector<deploy::RecordHeader>> headers =
      deploy::Records((*session)->client(), *application).List(Interrupted());
  if (!headers) return headers.error();
  if (options.output != Output::kTable) {
    core::List list;
    for (const deploy::RecordHeader& header : *headers) {
      list.push_back(core::Map{{"number", header.number},
                               {"revision", header.revision},
                               {"bundleHash", header.bundle_hash},
                               {"gatedHash", header.gated_hash},
                               {"at", core::Show(header.at)},
                               {"by", header.by}});
    }
    fmt::print("{}", ShowObject(std::move(list), options.output));
    return core::Ok();
  }
  const core::Time now = core::RealClock().Now();
  std::vector<std::vector<std::string>> rows = {{"RELEASE", "REVISION", "AGE", "BY"}};
  for (const deploy::RecordHeader& header : *headers) {
    rows.push_back({header.number ? std::to_string(header.number) : "candidate",
                    std::string(core::Short(header.revision, 7)),
                    ShowAge(core::Show(header.at), now), header.by});
  }
  fmt::print("{}", ShowTable(rows));
  return core::Ok();
}

}  // namespace headgate::cli
