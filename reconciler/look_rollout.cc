// The part of a look that a Rollout governs: observe, decide, record.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "core/hash.h"
#include "deploy/lease.h"
#include "reconciler/look.h"
#include "rollout/gated.h"
#include "rollout/irreversible.h"
#include "rollout/job.h"
#include "rollout/metrics/prometheus.h"
#include "rollout/metrics/webhook.h"
#include "rollout/routers/router.h"

namespace headgate::reconciler {
namespace {

const core::Object* FindRolloutObject(const core::Objects& objects, const core::RolloutSpec& spec) {
  for (const core::Object& object : objects) {
    if (core::IsKind(object.body, core::kGroup, "Rollout") &&
        core::NameOf(object.body) == spec.name)
      return &object;
  }
  return nullptr;
}

}  // namespace

core::Result<std::optional<core::RolloutSpec>> Look::GoverningSpec() const {
  core::Result<std::optional<core::RolloutSpec>> stable =
      rollout::FindRollout(base_->bundle.objects);
  if (!stable) return stable.error();
  // A trial goes by the Rollout that it began with, whatever git says meanwhile.
  const SharedRecord candidate = memory_->releases.candidate();
  std::optional<core::RolloutSpec> other;
  if (candidate) {
    core::Result<std::optional<core::RolloutSpec>> found =
        rollout::FindRollout(candidate->bundle.objects);
    if (!found) return found.error();
    other = std::move(*found);
  } else if (wanted_) {
    other = wanted_->rollout;
    if (!other) return std::optional<core::RolloutSpec>();  // git has given its Rollout up
  }
  if (*stable && other) return std::optional(rollout::Governing(**stable, *other));
  return other ? other : *stable;
}

// The live Rollout, whose status holds the position; applied first where it is not there yet.
core::Result<std::shared_ptr<const core::Value>> Look::LiveRollout(const core::RolloutSpec& spec) {
  const core::ObjectRef ref{core::kGroup, "Rollout", spec.namespace_name, spec.name};
  if (core::Status covered = parts_.view->Cover({{core::kApiVersion, "Rollout"}}, stop_);
      !covered) {
    return covered.error();
  }
  if (std::shared_ptr<const core::Value> live = parts_.view->Get(ref)) return live;
  const core::Object* wanted = FindRolloutObject(base_->bundle.objects, spec);
  if (!wanted && wanted_) wanted = FindRolloutObject(wanted_->bundle.objects, spec);
  if (!wanted) return core::Internal("no bundle has the Rollout " + spec.name);
  core::Result<deploy::ApplyOutcome> outcome = deployer_->Apply({*wanted}, Options(), stop_);
  if (!outcome) return outcome.error();
  if (core::Status applied = outcome->status(); !applied) return applied.error();
  parts_.view->Put(ref, outcome->objects.front().live);
  return outcome->objects.front().live;
}

// Observe, decide, record.
bool Look::Judge(const core::RolloutSpec& spec) {
  core::Result<std::shared_ptr<const core::Value>> live = LiveRollout(spec);
  if (!live) return Trouble(Trouble::kRolloutFailed, live.error()), false;
  const core::Value* status = (*live)->Find("status");
  core::Result<core::RolloutStatus> before =
      core::ParseRolloutStatus(status ? *status : core::Value());
  if (!before) {
    Trouble(Trouble::kRolloutFailed, before.error().In("Rollout " + spec.name));
    return true;  // stable alone is looked after
  }
  rollout_ = std::move(*before);
  report_.position = rollout_.position;
  std::set<deploy::Type> types{{"apps/v1", "Deployment"}, {"v1", "Service"}};
  if (rollout::JobAt(spec, rollout_.position)) types.insert({"batch/v1", "Job"});
  if (const rollout::routers::Type* route = rollout::routers::RouterFor(spec.traffic).RouteType())
    types.insert({route->api_version, route->kind});
  const core::Status covered = parts_.view->Cover(types, stop_);
  if (!covered) return Trouble(Trouble::kApplyFailed, covered.error()), false;

  core::Result<rollout::Observation> seen = Observed(spec, rollout_);
  if (!seen) return Trouble(Trouble::kRolloutFailed, seen.error()), false;
  seen_ = std::move(*seen);
  Fence(spec);
  const rollout::Decision decision = rollout::Decide(spec, rollout_, *seen_);
  Noted noted{spec, rollout_, decision};
  if (core::Status recorded = Record(decision, **live); !recorded) {
    return Trouble(Trouble::kRolloutFailed, recorded.error()), false;
  }
  noted_ = std::move(noted);
  report_.position = rollout_.position;
  report_.rollout_why = decision.why;
  look_again_ = std::min(look_again_, decision.look_again);

  // What changes nothing gated needs no trial.
  const bool direct = std::holds_alternative<core::Stable>(rollout_.position) && wanted_ &&
                      wanted_->gated_hash == seen_->stable_gated_hash &&
                      wanted_->bundle.hash != base_->bundle.hash;
  if (direct) {
    core::BundleRecord record = RecordOf(*wanted_, parts_.clock->Now());
    record.content_named = base_->content_named;
    base_ = std::make_shared<const core::BundleRecord>(std::move(record));
    base_is_new_ = true;
    base_by_ = "direct: nothing gated changed";
  }
  return true;
}

core::Result<rollout::Observation> Look::Observed(const core::RolloutSpec& spec,
                                                  const core::RolloutStatus& status) {
  rollout::Observation seen;
  seen.now = parts_.clock->Now();
  seen.watching_since = parts_.watching_since;
  seen.suspended = app_.suspend;
  seen.request = request_;
  seen.stable_revision = base_->bundle.revision;
  // By the same Rollout as the wanted one, so that only content counts.
  const core::RolloutSpec& by = wanted_ && wanted_->rollout ? *wanted_->rollout : spec;
  const core::Result<std::string> stable_hash = rollout::GatedHash(base_->bundle.objects, by);
  seen.stable_gated_hash = stable_hash ? *stable_hash : base_->gated_hash;
  if (wanted_) {
    const core::Result<std::string> hash = rollout::GatedHash(wanted_->bundle.objects, by);
    seen.wanted = core::Candidate{wanted_->bundle.revision, wanted_->bundle.hash,
                                  hash ? *hash : wanted_->gated_hash};
  }
  if (wanted_ && seen.wanted->gated_hash != seen.stable_gated_hash && !by.allow_irreversible) {
    seen.irreversible = fmt::format(
        "{}",
        fmt::join(rollout::IrreversibleChanges(base_->bundle.objects, wanted_->bundle.objects),
                  ", "));
  }
  const core::Status observed = ObserveCluster(spec, status.position, *parts_.view, parts_.client,
                                               &memory_->route, &seen, stop_);
  if (!observed) return observed.error();

  if (const core::Job* job = rollout::JobAt(spec, status.position)) {
    const std::string name = rollout::JobNameOf(spec, *job, std::get<core::Trial>(status.position));
    seen.job = rollout::SeeJob(parts_.view->Get({"batch", "Job", spec.namespace_name, name}).get());
  }
  if (const core::Gate* gate = rollout::WantsGate(spec, status, seen.now))
    seen.gate = rollout::metrics::AskGate(spec, *gate, std::get<core::Trial>(status.position),
                                          parts_.http, stop_);
  const std::optional<core::Trial> trial = rollout::WatchedTrial(status);
  if (!trial || !rollout::WantsMetrics(spec, status, seen.now)) return seen;
  const std::string& address =
      spec.analysis.prometheus.empty() ? parts_.prometheus : spec.analysis.prometheus;
  core::Result<std::vector<rollout::metrics::Query>> queries =
      rollout::metrics::QueriesFor(spec, *trial, seen, spec.namespace_name);
  if (queries && address.empty()) {
    queries = core::Invalid(
        "no Prometheus: set spec.analysis.prometheus.address, or start the daemon with "
        "--prometheus");
  }
  core::Result<rollout::metrics::Access> access = PrometheusAccess(spec);
  if (queries && access) {
    seen.metrics = rollout::metrics::Prometheus(parts_.http, address, std::move(*access))
                       .AskAll(*queries, stop_);
    return seen;
  }
  const core::Error& error = queries ? access.error() : queries.error();
  seen.metrics.emplace();
  for (const core::Metric& metric : spec.analysis.metrics) {
    seen.metrics->push_back({metric.name, error, error});
  }
  return seen;
}

// The Secret is the workloads' neighbour, and read with the rights of the application's account:
// who writes a Rollout must not send other people's Secrets to an address of his own.
core::Result<rollout::metrics::Access> Look::PrometheusAccess(const core::RolloutSpec& spec) {
  const core::Analysis& analysis = spec.analysis;
  if (analysis.prometheus_secret.empty())
    return rollout::metrics::Access{nullptr, {}, analysis.timeout};
  const std::string& account = app_.destination.service_account;
  const deploy::Client reader =
      account.empty() ? parts_.client
                      : parts_.client.As(deploy::ServiceAccountUser(app_.namespace_name, account));
  core::Result<core::Value> secret =
      reader.Get({"v1", "Secret"}, spec.namespace_name, analysis.prometheus_secret, stop_);
  if (!secret) return secret.error().In("spec.analysis.prometheus.secretRef");
  core::Result<rollout::metrics::Access> access =
      memory_->accesses.For(*secret, analysis.timeout, parts_.http, *parts_.clock, stop_);
  if (!access) return access.error().In("spec.analysis.prometheus.secretRef");
  return access;
}

// The route and the gated workloads are written only as they were when the decision was made.
void Look::Fence(const core::RolloutSpec& spec) {
  const auto fence = [&](const core::ObjectRef& ref) {
    const std::shared_ptr<const core::Value> live = parts_.view->Get(ref);
    if (live) fences_[ref] = live->StringAt("metadata", "resourceVersion");
  };
  for (const core::ObjectRef& ref : rollout::routers::RouterFor(spec.traffic).Fenced(spec))
    fence(ref);
  for (const core::WorkloadRef& workload : spec.workloads) {
    fence({"apps", workload.kind, spec.namespace_name, workload.name});
  }
}

// The candidate's record before the status that names it; the status before anything is done;
// events and answer after.
core::Status Look::Record(const rollout::Decision& decision, const core::Value& live_rollout) {
  if (core::Status may = parts_.lease->CheckMayWrite(); !may) return may;
  if (core::Status kept = KeepCandidate(decision.next.position); !kept) return kept;
  if (!(decision.next == rollout_) || live_rollout.StringAt("status", "message") != decision.why) {
    core::Value body = live_rollout;
    core::Value status = core::ToValue(decision.next);
    status.AsMap()->Set("message", decision.why);
    body.MakeMap().Set("status", std::move(status));
    core::Result<core::Value> written = parts_.client.ReplaceStatus(body, stop_);
    if (!written) return written.error().In("record the rollout's position");
    parts_.view->Put(core::RefOf(*written),
                     std::make_shared<const core::Value>(std::move(*written)));
  }
  rollout_ = decision.next;
  for (const rollout::Event& event : decision.events) {
    Say(live_rollout, event);
    Say(*live_, event);
  }
  if (decision.answer) Answer(decision.answer->accepted, decision.answer->message);

  if (!core::IsMoving(rollout_.position)) return memory_->releases.DropCandidate(stop_);
  const auto* promoting = std::get_if<core::Promoting>(&rollout_.position);
  const SharedRecord candidate = memory_->releases.candidate();
  if (!promoting || promoting->part != core::Promoting::Part::kRecording || !candidate)
    return core::Ok();
  if (candidate->gated_hash != promoting->candidate.gated_hash) return core::Ok();
  look_again_ = core::Duration(0);
  core::Status released = Release(*candidate, "promotion", true);
  if (released) memory_->recording_release = base_->number;
  return released;
}

core::Status Look::KeepCandidate(const core::Position& next) {
  const core::Candidate* candidate = core::CandidateOf(next);
  if (!candidate || std::holds_alternative<core::Held>(next)) return core::Ok();
  const SharedRecord kept = memory_->releases.candidate();
  if (kept && kept->bundle.hash == candidate->bundle_hash) return core::Ok();
  if (!wanted_ || wanted_->bundle.hash != candidate->bundle_hash)
    return core::Ok();  // lost: stable is composed alone
  core::BundleRecord record = RecordOf(*wanted_, parts_.clock->Now());
  record.gated_hash = candidate->gated_hash;
  record.by = "trial";
  return memory_->releases.KeepCandidate(std::move(record), stop_);
}

core::Status Look::Release(core::BundleRecord record, const std::string& by, bool content_named) {
  record.by = by;
  record.content_named = content_named;
  record.at = parts_.clock->Now();
  if (core::Status released = memory_->releases.Release(std::move(record), stop_); !released)
    return released;
  base_ = memory_->releases.stable();
  report_.release = *base_;
  Say(*live_, {"Released", fmt::format("release {}: {} ({})", base_->number,
                                       core::Short(base_->bundle.revision, 7), by)});
  return core::Ok();
}

}  // namespace headgate::reconciler
