#pragma once

#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "core/bundle.h"
#include "core/clock.h"
#include "core/stages.h"
#include "rollout/compose.h"
#include "rollout/decide.h"

namespace headgate::rollout {

// A small cluster, gateway, Prometheus and reconciler for tests of Decide and Compose together.
// What Compose demands is applied object by object; pods get ready, serve, count and are scraped.

// What a commit renders: the words decide how its pods behave. image or config "bad": a quarter of
// the answers are errors. image "crash": pods never run; "late": pods never get ready; "heavy":
// good as a canary, never healthy as stable.
struct Version {
  std::string revision;
  std::string image = "good";
  std::string config = "good";
  std::string note = "none";  // of an object that no trial is about
};
core::Bundle BundleOf(const Version& version);

struct FakePod {
  std::string name;
  std::string image;
  std::string config_name;  // the ConfigMap that it reads, as live
  std::string candidate;
  core::Time born{};
  core::Time ready_at = core::Time::max();
  int64_t restarts = 0;
  double requests = 0;
  double errors = 0;
};

struct FakeDeployment {
  std::string image, config_name, candidate, gated_hash;  // of its template
  int replicas = 0;
  std::vector<FakePod> pods;  // of the present template
  std::vector<FakePod> old;   // of the one before
};

// Samples of a pod's counters: {code="200"} and {code="500"}.
struct FakeSeries {
  std::vector<analysis::Sample> good, bad;
};

struct Composed;  // stages, and what is known of their objects

class World {
 public:
  World(core::RolloutSpec spec, const Version& first);

  // What people and nature do.
  void Push(const Version& version);
  void Ask(const std::string& verb, const std::string& step = "");
  void Restart();  // the controller loses all that it has not recorded
  void KillCanaryPods();
  bool git_up = true, prometheus_up = true, gateway_up = true, suspended = false;
  double rate = 100;       // requests a second
  int gate_answer = 200;   // of webhooks; 0: none comes
  bool job_fails = false;  // Jobs run for ten seconds
  core::Duration scrape_every = std::chrono::seconds(1);
  core::Duration endpoint_delay{0};  // from a pod's getting ready to its first request

  // Faults of one tick, by chance; none without a generator.
  std::mt19937_64* chance = nullptr;
  double fault_rate = 0;

  // Time passes: pods, traffic, scrapes.
  void Pass(core::Duration time);
  // The controller looks once: observe, decide, record, compose, apply. The decision, or nothing
  // where a fault kept it from being recorded.
  std::optional<Decision> Tick();

  core::Time now() const { return now_; }
  const core::RolloutStatus& status() const { return status_; }
  const core::BundleRecord& stable() const { return *stable_; }
  const core::Candidate& wanted() const { return wanted_; }
  int RouteWeight() const { return route_weight_; }  // of the live route
  bool CanaryIsBad() const;
  void Break(const std::string& promise);
  std::string Broken() const { return broken_; }  // the first broken promise; "" while all hold
  std::string Show() const;  // "Stable; route 0 %; stable web:good/good; no canary"
  Observation Observe();

 private:
  bool Fault();
  void Record(const Decision& decision);
  void Act();
  bool ApplyStage(const Composed* composed, size_t stage);
  void Write(const core::ObjectRef& ref, const core::Value& body);
  bool IsHealthy(const core::Stage& stage) const;
  void ApplyDeployment(const core::Value& body, FakeDeployment* to);
  void Reconcile(FakeDeployment* deployment, const std::string& name);
  WorkloadSeen See(const std::string& name) const;
  JobSeen SeeTheJob(const std::string& name) const;
  double ErrorRate(const std::string& image, const std::string& config_name) const;
  int Ready(const FakeDeployment& deployment) const;
  int Served(const FakeDeployment& deployment) const;  // endpoints of the Service
  void Serve(FakeDeployment* deployment, double requests);
  void Scrape();
  std::vector<analysis::MetricAnswers> AskPrometheus(const Observation& seen);
  void CheckPromises();
  void CheckRouteWrite(int weight);

  core::RolloutSpec spec_;
  core::Time now_ = core::HandClock::kStart;
  core::Time watching_since_ = now_;
  std::shared_ptr<const core::BundleRecord> stable_, candidate_;
  std::shared_ptr<const core::Bundle> wanted_bundle_;
  core::Candidate wanted_;
  core::RolloutStatus status_;
  std::optional<core::Request> request_;
  int requests_made_ = 0;
  int pods_made_ = 0;

  std::map<core::ObjectRef, const core::Object*> live_;
  std::map<std::string, FakeDeployment> deployments_;  // by name
  std::map<std::string, core::Time> jobs_;             // when each was made
  std::map<std::string, core::Time> leaving_;          // deleted Deployments, until gone
  std::optional<core::Time> route_written_, accepted_since_;
  int route_weight_ = 0;
  std::string route_extras_;
  int served_weight_ = 0;              // what the data plane does
  std::set<std::string> bad_configs_;  // ConfigMaps whose live content makes errors
  std::map<std::string, FakeSeries> series_;
  core::Time next_scrape_ = now_;
  std::string broken_;
};

// A spec with these steps, for the workload web behind the route web.
core::RolloutSpec SpecOf(std::vector<core::Step> steps);

}  // namespace headgate::rollout
