#include "tests/unit/rollout/world.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "core/application.h"
#include "core/json.h"
#include "rollout/gate.h"
#include "rollout/gated.h"
#include "rollout/job.h"
#include "rollout/metrics/queries.h"
#include "rollout/routers/router.h"
#include "rollout/shape.h"

namespace headgate::rollout {
namespace {

using core::List;
using core::Map;
using core::Value;

constexpr int kReplicas = 4;
constexpr double kExtrasShare = 0.1;  // of the requests, that header routes and mirrors bring
constexpr core::Duration kPodStart = std::chrono::seconds(2);
constexpr core::Duration kPodEnd = std::chrono::seconds(1);
constexpr core::Duration kJobTime = std::chrono::seconds(10);
constexpr core::Duration kGatewayDelay = std::chrono::milliseconds(500);

core::Object Made(Map body) { return {Value(std::move(body)), "shop.yaml"}; }

core::Object DeploymentOf(const Version& version) {
  const Map labels{{"app", "web"}};
  const List from{Map{{"configMapRef", Map{{"name", "web-config"}}}}};
  const List containers{
      Map{{"name", "web"}, {"image", "shop:" + version.image}, {"envFrom", from}}};
  return Made({{"apiVersion", "apps/v1"},
               {"kind", "Deployment"},
               {"metadata", Map{{"name", "web"}}},
               {"spec", Map{{"replicas", kReplicas},
                            {"selector", Map{{"matchLabels", labels}}},
                            {"template", Map{{"metadata", Map{{"labels", labels}}},
                                             {"spec", Map{{"containers", containers}}}}}}}});
}

core::Object ConfigOf(const char* name, const std::string& text) {
  return Made({{"apiVersion", "v1"},
               {"kind", "ConfigMap"},
               {"metadata", Map{{"name", name}}},
               {"data", Map{{"text", text}}}});
}

// The words of a Version in a pod template.
std::string ImageOf(const Value& pod_template) {
  const List& containers = pod_template.ListAt("spec", "containers");
  return containers.front().StringAt("image").substr(5);
}
std::string ConfigNameOf(const Value& pod_template) {
  const List& containers = pod_template.ListAt("spec", "containers");
  return containers.front().ListAt("envFrom").front().StringAt("configMapRef", "name");
}

}  // namespace

struct Composed {
  core::Stages stages;
  std::vector<std::vector<core::ObjectRef>> refs;  // of each stage's objects
  std::vector<std::vector<const core::Object*>>
      contents;  // equal ones are one object, kept for ever
  std::set<core::ObjectRef> all;
  bool twice = false;  // an object in two stages
};

namespace {

const core::Object* Interned(const core::Object& object) {
  static std::map<std::string, core::Object> all;
  return &all.emplace(core::ToCanonicalJson(object.body), object).first->second;
}

std::shared_ptr<const Composed> MakeComposed(const ComposeInput& input) {
  core::Result<core::Stages> stages = Compose(input);
  if (!stages) return nullptr;
  auto composed = std::make_shared<Composed>();
  composed->stages = std::move(*stages);
  for (const core::Stage& stage : composed->stages) {
    composed->refs.emplace_back();
    composed->contents.emplace_back();
    for (const core::Object& object : stage.objects) {
      composed->refs.back().push_back(core::RefOf(object.body));
      composed->contents.back().push_back(Interned(object));
      if (!composed->all.insert(composed->refs.back().back()).second) composed->twice = true;
    }
  }
  return composed;
}

// Composing is pure: equal input, equal output; so runs share what was made once.
std::shared_ptr<const Composed> ComposeOnce(const ComposeInput& input) {
  static std::map<std::string, std::shared_ptr<const Composed>> made;
  const Shape shape = ShapeOf(input.position);
  const core::Candidate* candidate = core::CandidateOf(input.position);
  const auto count = [](const auto& replicas) {
    return replicas.empty() ? -1 : replicas.begin()->second;
  };
  const core::Job* job = JobAt(*input.spec, input.position);
  const std::string key = fmt::format(
      "{} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {}", shape.baseline,
      job ? JobNameOf(*input.spec, *job, std::get<core::Trial>(input.position)) : "",
      input.stable->bundle.hash, input.stable->content_named,
      input.candidate ? input.candidate->bundle.hash : "", candidate ? candidate->gated_hash : "",
      input.position.index(), static_cast<int>(shape.base), static_cast<int>(shape.order),
      shape.weight, shape.scale, static_cast<int>(shape.route), shape.variants, shape.replicas,
      shape.routed, count(input.stable_replicas),
      shape.scale == kScaleAsLive ? count(input.canary_replicas) : 0);
  std::shared_ptr<const Composed>& composed = made[key];
  if (!composed) composed = MakeComposed(input);
  return composed;
}

}  // namespace

core::Bundle BundleOf(const Version& version) {
  static std::map<std::string, core::Bundle> made;
  core::Bundle& bundle = made[version.image + "/" + version.config + "/" + version.note];
  if (bundle.objects.empty()) {
    const List backends{Map{{"name", "web"}, {"port", 80}}};
    bundle = core::MakeBundle(
        "", {ConfigOf("web-config", version.config), ConfigOf("note", version.note),
             Made({{"apiVersion", "v1"},
                   {"kind", "Service"},
                   {"metadata", Map{{"name", "web"}}},
                   {"spec", Map{{"selector", Map{{"app", "web"}}}}}}),
             DeploymentOf(version),
             Made({{"apiVersion", "gateway.networking.k8s.io/v1"},
                   {"kind", "HTTPRoute"},
                   {"metadata", Map{{"name", "web"}}},
                   {"spec", Map{{"rules", List{Map{{"backendRefs", backends}}}}}}})});
  }
  core::Bundle named = bundle;
  named.revision = version.revision;
  return named;
}

core::RolloutSpec SpecOf(std::vector<core::Step> steps) {
  core::RolloutSpec spec;
  spec.name = "shop";
  spec.workloads = {{"Deployment", "web"}};
  spec.traffic.route = "web";
  spec.steps = std::move(steps);
  spec.analysis.interval = std::chrono::seconds(5);
  spec.analysis.metrics = {
      {"error-rate", "http_requests_total{code=~\"5..\"}", "http_requests_total", 0.1, 1}};
  spec.analysis.min_requests = 50;
  return spec;
}

World::World(core::RolloutSpec spec, const Version& first) : spec_(std::move(spec)) {
  Push(first);
  stable_ = std::make_shared<core::BundleRecord>(
      core::BundleRecord{1, *wanted_bundle_, wanted_.gated_hash, false, now_, "first deployment"});
  Act();
  Pass(std::chrono::seconds(5));
}

void World::Push(const Version& version) {
  wanted_bundle_ = std::make_shared<core::Bundle>(BundleOf(version));
  static std::map<std::string, std::string> hashes;  // by bundle hash
  std::string& hash = hashes[wanted_bundle_->hash];
  if (hash.empty()) hash = *GatedHash(wanted_bundle_->objects, spec_);
  wanted_ = {version.revision, wanted_bundle_->hash, hash};
}

void World::Ask(const std::string& verb, const std::string& step) {
  const core::Candidate* candidate = core::CandidateOf(status_.position);
  request_ = core::Request{fmt::format("request-{}", ++requests_made_), verb,
                           candidate ? candidate->revision : wanted_.revision, step, "alice"};
}

void World::Restart() {
  watching_since_ = now_;
  accepted_since_.reset();
}

void World::KillCanaryPods() {
  const auto at = deployments_.find("web-canary");
  if (at == deployments_.end()) return;
  for (FakePod& pod : at->second.pods) {
    pod.ready_at = std::max(now_, pod.born) + 2 * kPodStart;
    ++pod.restarts;
    pod.requests = pod.errors = 0;  // counters begin anew
  }
}

bool World::Fault() {
  return chance && std::uniform_real_distribution<double>(0, 1)(*chance) < fault_rate;
}

// ---- the controller

WorkloadSeen World::See(const std::string& name) const {
  WorkloadSeen seen{.ref = {"Deployment", "web"}};
  const auto at = deployments_.find(name);
  if (at == deployments_.end()) return seen;
  const FakeDeployment& deployment = at->second;
  seen.exists = true;
  seen.gated_hash = deployment.gated_hash;
  seen.replicas = deployment.replicas;
  seen.ready = Ready(deployment);
  seen.serving.ready = Served(deployment);
  seen.healthy = seen.ready == deployment.replicas && deployment.old.empty();
  if (!seen.healthy) seen.why = fmt::format("{} of {} updated", seen.ready, deployment.replicas);
  for (const auto* pods : {&deployment.pods, &deployment.old}) {
    for (const FakePod& pod : *pods) {
      PodSeen one{pod.name, pod.candidate, pod.ready_at <= now_, pod.restarts, "", pod.born, false};
      if (pod.image == "crash") one.broken = "container web: CrashLoopBackOff: exit 1";
      seen.pods.push_back(std::move(one));
    }
  }
  return seen;
}

JobSeen World::SeeTheJob(const std::string& name) const {
  const auto at = jobs_.find(name);
  if (at == jobs_.end()) return SeeJob(nullptr);
  const bool over = now_ - at->second >= kJobTime;
  const List conditions{Map{{"type", job_fails ? "Failed" : "Complete"},
                            {"status", "True"},
                            {"reason", "BackoffLimitExceeded"}}};
  const Value live = Map{{"status", over ? Map{{"conditions", conditions}} : Map{{"active", 1}}}};
  return SeeJob(&live);
}

Observation World::Observe() {
  Observation seen;
  seen.now = now_;
  seen.watching_since = watching_since_;
  if (git_up) seen.wanted = wanted_;
  seen.stable_gated_hash = stable_->gated_hash;
  seen.stable_revision = stable_->bundle.revision;
  seen.stable = {See("web")};
  seen.canary = {See("web-canary")};
  seen.baseline = {See("web-baseline")};
  const auto route = live_.find({"gateway.networking.k8s.io", "HTTPRoute", "", "web"});
  if (route != live_.end()) {
    seen.route.exists = true;
    seen.route.weight = route_weight_;
    seen.route.extras = route_extras_;
    seen.route.accepted = accepted_since_.has_value();
    seen.route.accepted_since = accepted_since_;
    seen.route.why = seen.route.accepted ? "" : "no gateway has taken the route";
  }
  if (WantsGate(spec_, status_, now_))
    seen.gate = gate_answer > 0 ? ReadGateAnswer(gate_answer)
                                : ReadGateError(core::Unavailable("connection refused"));
  if (const core::Job* job = JobAt(spec_, status_.position))
    seen.job = SeeTheJob(JobNameOf(spec_, *job, std::get<core::Trial>(status_.position)));
  seen.suspended = suspended;
  seen.request = request_;
  if (WantsMetrics(spec_, status_, now_)) seen.metrics = AskPrometheus(seen);
  return seen;
}

std::optional<Decision> World::Tick() {
  const core::RolloutStatus before = status_;
  Decision decision = Decide(spec_, status_, Observe());
  if (Fault()) return std::nullopt;  // a conflict: observe again
  Record(decision);
  if (decision.answer) request_.reset();
  if (Fault()) {
    Restart();  // a crash between recording and acting
    return decision;
  }
  if (Fault()) KillCanaryPods();  // between deciding and writing
  Act();
  CheckPromises();
  return decision;
}

void World::Record(const Decision& decision) {
  const core::Candidate* candidate = core::CandidateOf(decision.next.position);
  const bool missing =
      candidate && (!candidate_ || candidate_->bundle.hash != candidate->bundle_hash);
  if (missing && wanted_.bundle_hash == candidate->bundle_hash) {
    candidate_ = std::make_shared<core::BundleRecord>(
        core::BundleRecord{0, *wanted_bundle_, wanted_.gated_hash, true, now_, "on trial"});
  }
  status_ = decision.next;
}

void World::Act() {
  const auto* promoting = std::get_if<core::Promoting>(&status_.position);
  if (promoting && promoting->part == core::Promoting::Part::kRecording && !Fault() && candidate_ &&
      stable_->gated_hash != promoting->candidate.gated_hash) {
    core::BundleRecord record = *candidate_;
    record.number = stable_->number + 1;
    record.by = "promotion";
    stable_ = std::make_shared<core::BundleRecord>(std::move(record));
  }
  // What no trial is about becomes stable directly.
  if (std::holds_alternative<core::Stable>(status_.position) && git_up && wanted_bundle_ &&
      stable_ && wanted_.gated_hash == stable_->gated_hash &&
      wanted_.bundle_hash != stable_->bundle.hash) {
    core::BundleRecord record = *stable_;
    record.bundle = *wanted_bundle_;
    stable_ = std::make_shared<core::BundleRecord>(std::move(record));
  }
  ComposeInput input{stable_.get(), candidate_.get(), &spec_, status_.position, {}, {}};
  input.stable_replicas[{"Deployment", "web"}] = kReplicas;
  if (const auto at = deployments_.find("web-canary"); at != deployments_.end())
    input.canary_replicas[{"Deployment", "web"}] = at->second.replicas;
  const auto composed = ComposeOnce(input);
  if (!composed) return Break("Compose failed");
  if (composed->twice) return Break("an object stands in two stages");
  for (size_t i = 0; i < composed->stages.size(); ++i) {
    if (!ApplyStage(composed.get(), i)) return;
  }
  for (auto at = live_.begin(); at != live_.end();) {
    if (composed->all.contains(at->first) || Fault()) {
      ++at;
      continue;
    }
    if (at->first.kind == "Job") jobs_.erase(at->first.name);
    if (at->first.kind == "Deployment") leaving_[at->first.name] = now_ + kPodEnd;
    at = live_.erase(at);
  }
}

// False where a later stage has to wait, or a write failed.
bool World::ApplyStage(const Composed* composed, size_t stage) {
  const std::vector<const core::Object*>& objects = composed->contents[stage];
  for (size_t i = 0; i < objects.size(); ++i) {
    const core::ObjectRef& ref = composed->refs[stage][i];
    const core::Object*& live = live_[ref];
    if (live == objects[i]) continue;
    if (Fault()) {  // a lost write
      if (!live) live_.erase(ref);
      return false;
    }
    Write(ref, objects[i]->body);
    live = objects[i];
  }
  return composed->stages[stage].wait == core::Stage::Wait::kNothing ||
         IsHealthy(composed->stages[stage]);
}

void World::Write(const core::ObjectRef& ref, const Value& body) {
  if (ref.kind == "HTTPRoute") {
    const auto live = std::make_shared<const Value>(body);
    const RouteSeen seen =
        routers::RouterFor(spec_.traffic).See(spec_, [&](const core::ObjectRef&) { return live; });
    const int weight = seen.weight;
    route_extras_ = seen.extras;
    CheckRouteWrite(weight);
    route_weight_ = weight;
    route_written_ = now_;
    accepted_since_.reset();
  } else if (ref.kind == "Deployment") {
    ApplyDeployment(body, &deployments_[ref.name]);
  } else if (ref.kind == "Job") {
    jobs_.emplace(ref.name, now_);
  } else if (ref.kind == "ConfigMap") {
    bad_configs_.erase(ref.name);
    if (body.StringAt("data", "text") == "bad") bad_configs_.insert(ref.name);
  }
}

bool World::IsHealthy(const core::Stage& stage) const {
  return std::all_of(stage.objects.begin(), stage.objects.end(), [&](const core::Object& object) {
    return object.body.StringAt("kind") != "Deployment" || See(core::NameOf(object.body)).healthy;
  });
}

// ---- the cluster

void World::ApplyDeployment(const Value& body, FakeDeployment* to) {
  leaving_.erase(core::NameOf(body));
  const Value& pods = *core::PodTemplateOf(body);
  const std::string image = ImageOf(pods);
  const std::string config = ConfigNameOf(pods);
  const std::string candidate = core::LabelOf(pods, core::kCandidateLabel);
  if (image != to->image || config != to->config_name || candidate != to->candidate) {
    std::vector<FakePod> old;
    for (auto* list : {&to->old, &to->pods}) {
      for (FakePod& pod : *list) {
        if (pod.ready_at <= now_) old.push_back(std::move(pod));
      }
    }
    to->old = std::move(old);
    to->pods.clear();
  }
  to->image = image;
  to->config_name = config;
  to->candidate = candidate;
  to->replicas = static_cast<int>(body.IntAt(1, "spec", "replicas"));
  to->gated_hash = core::AnnotationOf(body, core::kGatedHashAnnotation);
  Reconcile(to, core::NameOf(body));
}

void World::Reconcile(FakeDeployment* deployment, const std::string& name) {
  const bool canary = name == "web-canary";
  while (static_cast<int>(deployment->pods.size()) > deployment->replicas)
    deployment->pods.pop_back();
  while (static_cast<int>(deployment->pods.size()) < deployment->replicas) {
    FakePod pod;
    pod.name = fmt::format("{}-{}", name, ++pods_made_);
    pod.image = deployment->image;
    pod.config_name = deployment->config_name;
    pod.candidate = deployment->candidate;
    pod.born = now_;
    const bool never =
        pod.image == "crash" || pod.image == "late" || (pod.image == "heavy" && !canary);
    if (!never) pod.ready_at = now_ + kPodStart;
    deployment->pods.push_back(std::move(pod));
  }
  if (Ready(*deployment) == deployment->replicas) deployment->old.clear();
}

int World::Ready(const FakeDeployment& deployment) const {
  return static_cast<int>(std::count_if(deployment.pods.begin(), deployment.pods.end(),
                                        [&](const FakePod& pod) { return pod.ready_at <= now_; }));
}

int World::Served(const FakeDeployment& deployment) const {
  return static_cast<int>(
      std::count_if(deployment.pods.begin(), deployment.pods.end(),
                    [&](const FakePod& pod) { return pod.ready_at <= now_ - endpoint_delay; }));
}

double World::ErrorRate(const std::string& image, const std::string& config_name) const {
  return image == "bad" || bad_configs_.contains(config_name) ? 0.25 : 0;
}

bool World::CanaryIsBad() const {
  const auto at = deployments_.find("web-canary");
  return at != deployments_.end() && ErrorRate(at->second.image, at->second.config_name) > 0;
}

void World::Serve(FakeDeployment* deployment, double requests) {
  const int ready = Ready(*deployment) + static_cast<int>(deployment->old.size());
  if (ready == 0) return;
  const double each = requests / ready;
  for (auto* pods : {&deployment->pods, &deployment->old}) {
    if (pods->empty()) continue;
    const double bad = ErrorRate(pods->front().image, pods->front().config_name);
    for (FakePod& pod : *pods) {
      if (pod.ready_at > now_) continue;
      pod.requests += each;
      pod.errors += each * bad;
    }
  }
}

void World::Scrape() {
  for (auto& [name, deployment] : deployments_) {
    for (auto* pods : {&deployment.pods, &deployment.old}) {
      for (const FakePod& pod : *pods) {
        if (pod.ready_at > now_) continue;
        FakeSeries& series = series_[pod.name];
        const double bad = std::floor(pod.errors);
        series.good.push_back({now_, std::floor(pod.requests) - bad});
        if (bad > 0 || !series.bad.empty()) series.bad.push_back({now_, bad});
      }
    }
  }
}

std::vector<analysis::MetricAnswers> World::AskPrometheus(const Observation& seen) {
  std::vector<analysis::MetricAnswers> answers(1);
  answers[0].metric = "error-rate";
  if (!prometheus_up || Fault()) {
    answers[0].bad = core::Unavailable("ask http://prometheus: connection refused");
    answers[0].total = answers[0].bad;
    return answers;
  }
  const core::Trial trial = *WatchedTrial(status_);
  const auto queries = metrics::QueriesFor(spec_, trial, seen, "shop");
  if (!queries || queries->empty()) return answers;
  for (const auto& [pod, series] : series_) {
    if (queries->front().promql.find("\"" + pod + "|") == std::string::npos &&
        queries->front().promql.find("|" + pod + "|") == std::string::npos &&
        queries->front().promql.find("|" + pod + "\"") == std::string::npos &&
        queries->front().promql.find("\"" + pod + "\"") == std::string::npos)
      continue;
    answers[0].total->push_back({{{"pod", pod}, {"code", "200"}}, series.good});
    if (series.bad.empty()) continue;
    answers[0].total->push_back({{{"pod", pod}, {"code", "500"}}, series.bad});
    answers[0].bad->push_back({{{"pod", pod}, {"code", "500"}}, series.bad});
  }
  return answers;
}

void World::Pass(core::Duration time) {
  const core::Time end = now_ + time;
  while (now_ < end) {
    const core::Duration step = std::min<core::Duration>(end - now_, scrape_every);
    now_ += step;
    for (auto at = leaving_.begin(); at != leaving_.end();) {
      if (now_ < at->second) {
        ++at;
        continue;
      }
      deployments_.erase(at->first);
      at = leaving_.erase(at);
    }
    for (auto& [name, deployment] : deployments_) Reconcile(&deployment, name);
    if (gateway_up && route_written_ && now_ - *route_written_ >= kGatewayDelay) {
      if (!accepted_since_) accepted_since_ = now_;
      served_weight_ = RouteWeight();
    }
    const double requests = rate * static_cast<double>(step.count()) / 1000;
    const double canary = requests * served_weight_ / 100;
    if (const auto at = deployments_.find("web-canary"); at != deployments_.end())
      Serve(&at->second, canary + (route_extras_.empty() || route_extras_ == "baseline"
                                       ? 0
                                       : requests * kExtrasShare));
    const auto fresh = deployments_.find("web-baseline");
    const bool split = route_extras_.find("baseline") != std::string::npos;
    if (split && (fresh == deployments_.end() || Served(fresh->second) == 0))
      Break("requests go to a baseline that has no pods");
    const double same = split && fresh != deployments_.end() ? canary : 0;
    if (same > 0) Serve(&fresh->second, same);
    Serve(&deployments_["web"], requests - canary - same);
    if (now_ < next_scrape_) continue;
    if (prometheus_up) Scrape();
    next_scrape_ = now_ + scrape_every;
  }
}

// ---- promises

void World::Break(const std::string& promise) {
  if (broken_.empty()) broken_ = promise + "; " + Show();
}

void World::CheckRouteWrite(int weight) {
  if (weight < 0 || weight > 100) Break(fmt::format("the route's weight is {}", weight));
  const bool promoting = std::holds_alternative<core::Promoting>(status_.position);
  if (weight < RouteWeight() && promoting && See("web").serving.ready < kReplicas)
    Break(fmt::format("weight {} % is given back to {} served pods", weight,
                      See("web").serving.ready));
  if (weight <= RouteWeight()) return;
  const WorkloadSeen canary = See("web-canary");
  if (canary.serving.ready < CanaryReplicas(kReplicas, weight))
    Break(fmt::format("weight {} % is written with {} pods served", weight, canary.serving.ready));
}

void World::CheckPromises() {
  const WorkloadSeen canary = See("web-canary");
  for (const core::Quarantined& entry : status_.quarantine) {
    if (canary.exists && canary.gated_hash == entry.gated_hash && RouteWeight() > 0)
      Break("a quarantined candidate has traffic");
  }
  const bool may_change = std::holds_alternative<core::Promoting>(status_.position) ||
                          std::holds_alternative<core::RollingBack>(status_.position);
  if (may_change) return;
  if (deployments_["web"].gated_hash != stable_->gated_hash && !chance)
    Break("stable's pods were changed before the promotion");
  // Nothing bad is ever promoted but by people: what is bad in stable's pods is the candidate's.
  const FakeDeployment& stable = deployments_["web"];
  static const std::string kFirst = BundleOf({"", "good", "good", "none"}).hash;
  if (stable_->bundle.hash == kFirst && ErrorRate(stable.image, stable.config_name) > 0)
    Break("a stable pod sees the candidate's configuration");
}

std::string World::Show() const {
  std::string text = core::Show(status_.position) + fmt::format("; route {} %", RouteWeight());
  for (const auto& [name, deployment] : deployments_) {
    text += fmt::format("; {} {}x{}, {} ready", name, deployment.replicas, deployment.image,
                        Ready(deployment));
  }
  if (!jobs_.empty()) text += fmt::format("; {} job", jobs_.size());
  return text;
}

}  // namespace headgate::rollout
