#include "core/request.h"

#include <fmt/format.h>

#include <random>
#include <thread>

#include "cli/commands.h"
#include "cli/session.h"
#include "deploy/records.h"

namespace headgate::cli {
namespace {

constexpr core::Duration kLookPause = std::chrono::milliseconds(200);

std::string NewId() {
  std::random_device random;
  return fmt::format("{:08x}{:08x}", random(), random());
}

// As whom the API server knows the one who asks; nobody where it does not say.
std::string Me(const Session& session) {
  const core::Value review =
      core::Map{{"apiVersion", "authentication.k8s.io/v1"}, {"kind", "SelfSubjectReview"}};
  const core::Result<core::Value> answer = session.client().Create(review, Interrupted());
  const std::string name = answer ? answer->StringAt("status", "userInfo", "username") : "";
  return name.empty() ? "somebody" : name;
}

// The newest release before the one that is stable.
core::Result<std::string> ReleaseBefore(const Session& session, const core::Value& application) {
  const int64_t stable = application.IntAt(0, "status", "release", "number");
  core::Result<std::vector<deploy::RecordHeader>> headers =
      deploy::Records(session.client(), application).List(Interrupted());
  if (!headers) return headers.error();
  for (const deploy::RecordHeader& header : *headers) {  // newest first
    if (header.number > 0 && header.number < stable) return std::to_string(header.number);
  }
  return core::Invalid(fmt::format("{} has no earlier release; headgate history lists them",
                                   core::NameOf(application)));
}

// What the verb is about: the candidate on trial, or for retry the one that is held; for rollback
// and prune what was chosen or seen.
core::Result<core::Request> MakeRequest(const Session& session, const core::Value& application,
                                        const RequestOptions& options) {
  const std::string& verb = options.verb;
  const bool full = options.full;
  core::Request request{NewId(), verb, "", options.about, Me(session)};
  if (verb == "sync" || verb == "adopt" || verb == "prune") return request;
  if (verb == "rollback") {
    if (!options.about.empty()) return request;
    core::Result<std::string> before = ReleaseBefore(session, application);
    if (!before) return before.error();
    request.step = *before;
    return request;
  }
  core::Result<std::optional<core::Value>> rollout = session.RolloutOf(application);
  if (!rollout) return rollout.error();
  if (!*rollout) {
    return core::Invalid(fmt::format("{} has no Rollout, so there is nothing to {}",
                                     core::NameOf(application), verb));
  }
  request.revision = (*rollout)->StringAt("status", "candidate", "revision");
  if (request.revision.empty()) {
    return core::Invalid(fmt::format("{}: nothing is on trial or held, so there is nothing to {}",
                                     core::NameOf(application), verb));
  }
  const core::Value* step = (*rollout)->Find("status", "step");
  if (step && step->AsInt() && (verb == "promote" || verb == "skip-step"))
    request.step = full ? core::kFull : std::to_string(*step->AsInt());
  return request;
}

core::Result<core::RequestAnswer> WaitForAnswer(const Session& session,
                                                const RequestOptions& options,
                                                const std::string& id) {
  const core::RealClock clock;
  const core::BootTime until = clock.SinceBoot() + options.timeout;
  while (clock.SinceBoot() < until && !Interrupted().stop_requested()) {
    core::Result<core::Value> live = session.Application(options.application);
    if (!live) return live.error();
    if (const core::Value* answer = live->Find("status", "request");
        answer && answer->StringAt("id") == id) {
      return core::ParseRequestAnswer(*answer);
    }
    std::this_thread::sleep_for(kLookPause);
  }
  return core::Unavailable(
      fmt::format("asked, but not answered within {}; is the daemon running? (kubectl -n "
                  "headgate-system get lease headgate)",
                  core::Show(options.timeout)));
}

}  // namespace

core::Status Request(const RequestOptions& options) {
  core::Result<std::unique_ptr<Session>> session = Session::Open(options.cluster);
  if (!session) return session.error();
  core::Result<core::Value> application = (*session)->Application(options.application);
  if (!application) return application.error();
  core::Result<core::Request> request = MakeRequest(**session, *application, options);
  if (!request) return request.error();

  const core::Value patch = core::Map{
      {"metadata",
       core::Map{{"annotations", core::Map{{core::kRequestAnnotation, core::ToText(*request)}}}}}};
  const core::ObjectRef ref = core::RefOf(*application);
  core::Result<core::Value> patched = (*session)->client().Patch(
      deploy::TypeOf(*application), ref.namespace_name, ref.name, patch, {}, Interrupted());
  if (!patched) return patched.error();
  core::Result<core::RequestAnswer> answer = WaitForAnswer(**session, options, request->id);
  if (!answer) return answer.error();
  if (!answer->accepted) return core::Invalid(answer->message);
  fmt::print("{}: {}\n", ref.name, answer->message);
  return core::Ok();
}

}  // namespace headgate::cli
