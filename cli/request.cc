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
constexpr core::Duration kOthersAnswerMax = std::chrono::seconds(10);  // waited for

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

// Back by one: a trial's candidate goes, else the release before comes back.
core::Result<core::Request> MakeUndo(const Session& session, const core::Value& application,
                                     core::Request request) {
  core::Result<std::optional<core::Value>> rollout = session.RolloutOf(application);
  if (!rollout) return rollout.error();
  const std::string phase = *rollout ? (*rollout)->StringAt("status", "phase") : "";
  const bool moving = phase == "Trial" || phase == "Promoting";
  if (moving && request.step.empty()) {
    request.verb = "abort";
    request.revision = (*rollout)->StringAt("status", "candidate", "revision");
    return request;
  }
  request.verb = "rollback";
  request.revision = application.StringAt("status", "release", "revision");
  if (!request.step.empty()) return request;
  core::Result<std::string> before = ReleaseBefore(session, application);
  if (!before) return before.error();
  request.step = *before;
  return request;
}

// What the verb is about: the candidate on trial, or for retry the one that is held; for rollback
// and prune what was chosen or seen.
core::Result<core::Request> MakeRequest(const Session& session, const core::Value& application,
                                        const RequestOptions& options) {
  const std::string& verb = options.verb;
  const bool full = options.full;
  core::Request request{NewId(), verb, "", options.about, Me(session)};
  if (verb == "sync" || verb == "adopt" || verb == "prune") return request;
  if (verb == "undo") return MakeUndo(session, application, std::move(request));
  if (verb == "rollback") {
    request.revision = application.StringAt("status", "release", "revision");
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

// The request that an Application carries and that is not answered yet.
std::optional<core::Request> Waiting(const core::Value& application) {
  const std::string& text = core::AnnotationOf(application, core::kRequestAnnotation);
  if (text.empty()) return std::nullopt;
  core::Result<core::Request> request = core::ParseRequest(text);
  if (!request || request->id == application.StringAt("status", "request", "id"))
    return std::nullopt;
  return *request;
}

// Whether `verb` has to wait for the answer to `other`: an abort goes before everything, and
// nothing goes before an abort.
bool MustWait(std::string_view verb, const std::optional<core::Request>& other) {
  return other && (verb != "abort" || other->verb == "abort");
}

// Writes the request where no other one is overwritten; gives the Application that it was made of.
core::Result<core::Request> Ask(const Session& session, const RequestOptions& options) {
  const core::RealClock clock;
  const core::BootTime until = clock.SinceBoot() + kOthersAnswerMax;
  while (true) {
    core::Result<core::Value> application = session.Application(options.application);
    if (!application) return application.error();
    core::Result<core::Request> request = MakeRequest(session, *application, options);
    if (!request) return request.error();
    const std::optional<core::Request> other = Waiting(*application);
    const bool late = clock.SinceBoot() >= until || Interrupted().stop_requested();
    if (!MustWait(request->verb, other)) {
      const core::Value patch = core::Map{
          {"metadata",
           core::Map{
               {"resourceVersion", application->StringAt("metadata", "resourceVersion")},
               {"annotations", core::Map{{core::kRequestAnnotation, core::ToText(*request)}}}}}};
      const core::ObjectRef ref = core::RefOf(*application);
      core::Result<core::Value> patched = session.client().Patch(
          deploy::TypeOf(*application), ref.namespace_name, ref.name, patch, {}, Interrupted());
      if (patched) return request;
      if (patched.error().fault() != core::Fault::kConflict || late) return patched.error();
    } else if (late) {
      return core::Conflict(
          fmt::format("{}, said by {}, waits for its answer; is the daemon running? (kubectl -n "
                      "headgate-system get lease headgate)",
                      other->verb, other->by));
    }
    std::this_thread::sleep_for(kLookPause);
  }
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
    if (const std::optional<core::Request> other = Waiting(*live); other && other->id != id)
      return core::Conflict(
          fmt::format("{} was said by {} meanwhile, and goes before it", other->verb, other->by));
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
  core::Result<core::Request> request = Ask(**session, options);
  if (!request) return request.error();
  core::Result<core::RequestAnswer> answer = WaitForAnswer(**session, options, request->id);
  if (!answer) return answer.error();
  if (!answer->accepted) return core::Invalid(answer->message);
  const std::string& name = options.application;
  fmt::print("{}: {}\n", name.substr(name.rfind('/') + 1), answer->message);
  return core::Ok();
}

}  // namespace headgate::cli
