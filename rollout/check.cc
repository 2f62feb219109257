#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "rollout/analysis/evaluate.h"
#include "rollout/compose.h"
#include "rollout/config.h"
#include "rollout/gated.h"
#include "rollout/metrics/queries.h"
#include "rollout/selectors.h"
#include "rollout/variants.h"

namespace headgate::rollout {
namespace {

using core::Value;

constexpr size_t kNamedMax = 10;  // in a message
constexpr int kReplicasWeightMax = 50;

core::Error Wrong(const core::RolloutSpec& spec, std::string text) {
  return core::Invalid(fmt::format("Rollout {}: {}", spec.name, text));
}

// "Deployment cart, Deployment web" of what a bundle has of some kind; "none".
std::string NamesOf(const core::Objects& bundle, std::string_view group, std::string_view kind) {
  std::vector<std::string> names;
  for (const core::Object& object : bundle) {
    if (core::IsKind(object.body, group, kind)) names.push_back(core::NameOf(object.body));
  }
  if (names.size() > kNamedMax) {
    names.resize(kNamedMax);
    names.push_back("...");
  }
  return names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", "));
}

core::Status CheckWorkload(const core::Objects& bundle, const core::RolloutSpec& spec,
                           const core::WorkloadRef& ref) {
  if (ref.kind != "Deployment") {
    return Wrong(spec, fmt::format("spec.workloads: {} cannot be gated; only Deployments can",
                                   core::Show(ref)));
  }
  core::RolloutSpec only = spec;
  only.workloads = {ref};
  const auto found = GatedOf(bundle, only);
  if (found.empty()) {
    return Wrong(spec, fmt::format("spec.workloads: {} is not among the objects; Deployments that "
                                   "are: {}",
                                   core::Show(ref), NamesOf(bundle, "apps", "Deployment")));
  }
  const Value& body = found.front()->body;
  const Value* selector = body.Find("spec", "selector");
  if (!selector || !Selects(*selector, PodLabelsOf(body)) || PodLabelsOf(body).empty()) {
    return Wrong(spec, fmt::format("{} ({}): spec.selector does not select its own pod template",
                                   core::Show(ref), core::Where(*found.front())));
  }
  for (const auto& [label, value] : selector->MapAt("matchLabels")) {
    if (label.starts_with("headgate.dev/")) {
      return Wrong(spec, fmt::format("{} ({}): its selector uses {}, which Headgate sets itself; "
                                     "take it out",
                                     core::Show(ref), core::Where(*found.front()), label));
    }
  }
  return core::Ok();
}

std::string Joined(const routers::Variants& services) {
  std::vector<std::string> names;
  for (const auto& [name, variant] : services) names.push_back(name);
  return names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", "));
}

// What the numbers of pods cannot hold.
core::Status CheckReplicas(const core::RolloutSpec& spec) {
  for (const core::Step& step : spec.steps) {
    const auto* weight = std::get_if<core::SetWeight>(&step);
    if (weight && weight->percent > kReplicasWeightMax)
      return Wrong(spec, fmt::format("{}: by replicas at most {} % can be reached, because stable "
                                     "keeps all of its pods; use a router for more",
                                     core::Show(step), kReplicasWeightMax));
    if (std::holds_alternative<core::SetHeaderRoute>(step) ||
        std::holds_alternative<core::SetMirror>(step))
      return Wrong(spec, fmt::format("{}: without a router there is nothing that could do it; name "
                                     "one in spec.traffic",
                                     core::Show(step)));
  }
  return core::Ok();
}

core::Status CheckRoute(const core::Objects& bundle, const core::RolloutSpec& spec) {
  const routers::Router& router = routers::RouterFor(spec.traffic);
  if (!router.RouteType()) return CheckReplicas(spec);
  const core::Object* route = nullptr;
  for (const core::Object& object : bundle) {
    if (routers::IsRoute(object.body, spec)) route = &object;
  }
  if (!route) {
    return Wrong(spec, fmt::format("{}: {} {} is not among the objects; {}s that are: {}",
                                   core::FieldOf(spec.traffic.by), router.Name(),
                                   spec.traffic.route, router.Name(),
                                   NamesOf(bundle, router.RouteType()->group, router.Name())));
  }
  const routers::Variants services = ServicesOf(bundle, spec);
  const core::Status checked = router.Check(*route, services, spec);
  if (!checked) return checked.error().In("Rollout " + spec.name);
  for (const std::string& name : router.ServicesBehind(route->body)) {
    if (services.contains(name)) return core::Ok();
  }
  return Wrong(
      spec, fmt::format("{} {} ({}) sends nothing to a Service of the gated workloads; "
                        "Services that select their pods: {}",
                        router.Name(), spec.traffic.route, core::Where(*route), Joined(services)));
}

core::Status CheckPreview(const core::Objects& bundle, const core::RolloutSpec& spec) {
  if (spec.preview_service.empty()) return core::Ok();
  const routers::Variants services = ServicesOf(bundle, spec);
  if (!services.contains(spec.preview_service))
    return Wrong(spec, fmt::format("spec.blueGreen.previewService: {} is no Service that selects "
                                   "pods of the gated workloads; those that do: {}",
                                   spec.preview_service, Joined(services)));
  for (const core::Object& object : bundle) {
    if (routers::IsRoute(object.body, spec) &&
        routers::RouterFor(spec.traffic).ServicesBehind(object.body).contains(spec.preview_service))
      return Wrong(spec, fmt::format("spec.blueGreen.previewService: {} stands behind the route, "
                                     "whose requests would reach the candidate; give the preview a "
                                     "Service of its own",
                                     spec.preview_service));
  }
  return core::Ok();
}

bool HasBaseline(const core::RolloutSpec& spec) {
  return std::any_of(spec.steps.begin(), spec.steps.end(), [](const core::Step& step) {
    return std::holds_alternative<core::SetBaseline>(step);
  });
}

core::Status CheckBaseline(const core::RolloutSpec& spec) {
  using By = core::Traffic::By;
  const bool splits = spec.traffic.by == By::kHttpRoute || spec.traffic.by == By::kGrpcRoute;
  if (splits || !HasBaseline(spec)) return core::Ok();
  return Wrong(spec, fmt::format("setBaseline cannot be done with {}: its requests are not split "
                                 "three ways; use an HTTPRoute or a GRPCRoute, or take it out",
                                 core::FieldOf(spec.traffic.by)));
}

// Names that variants and copies take must be free.
core::Status CheckNames(const core::Objects& bundle, const core::RolloutSpec& spec,
                        const std::string& label) {
  std::set<std::pair<std::string, std::string>> taken;
  for (const core::Object& object : bundle)
    taken.emplace(object.body.StringAt("kind"), core::NameOf(object.body));
  const VariantInput variants{.candidate = &bundle,
                              .stable = &bundle,
                              .spec = &spec,
                              .track_label = label,
                              .gated_hash = "",
                              .replicas = [](const core::WorkloadRef&) { return 1; }};
  core::Objects made = MakeVariants(variants);
  if (HasBaseline(spec)) {
    for (core::Object& object : MakeBaseline(bundle, variants)) made.push_back(std::move(object));
  }
  for (core::Object& copy : CopiesOf(bundle, spec)) made.push_back(std::move(copy));
  for (const core::Object& object : made) {
    if (!taken.emplace(object.body.StringAt("kind"), core::NameOf(object.body)).second) {
      return Wrong(spec, fmt::format("{} {} is among the objects, but Headgate needs the name for "
                                     "the canary; rename it",
                                     object.body.StringAt("kind"), core::NameOf(object.body)));
    }
  }
  return core::Ok();
}

// A Job's pods must get no request.
core::Status CheckJobs(const core::Objects& bundle, const core::RolloutSpec& spec) {
  for (const core::Step& step : spec.steps) {
    const auto* job = std::get_if<core::Job>(&step);
    if (!job) continue;
    const core::Map& labels = job->spec.MapAt("template", "metadata", "labels");
    for (const core::Object& object : bundle) {
      if (core::IsKind(object.body, "", "Service") && SelectsPods(object.body, labels))
        return Wrong(spec,
                     fmt::format("{}: Service {} ({}) would send requests to its pods; give "
                                 "spec.template.metadata other labels",
                                 core::Show(step), core::NameOf(object.body), core::Where(object)));
    }
  }
  return core::Ok();
}

core::Status CheckSteps(const core::RolloutSpec& spec) {
  bool weighed = !spec.preview_service.empty();
  for (const core::Step& step : spec.steps) {
    if (const auto* weight = std::get_if<core::SetWeight>(&step)) {
      weighed = weighed || weight->percent > 0;
    } else if (std::holds_alternative<core::SetHeaderRoute>(step) ||
               std::holds_alternative<core::SetMirror>(step)) {
      weighed = true;
    } else if (const auto* analyze = std::get_if<core::Analyze>(&step)) {
      if (!weighed && !spec.analysis.metrics.empty())
        return Wrong(spec,
                     "an analyze before the first setWeight would see no request; put a "
                     "setWeight before it");
      if (analyze->duration > analysis::kWindowMax)
        return Wrong(spec,
                     fmt::format("analyze {} is longer than {}; make several of it",
                                 core::Show(analyze->duration), core::Show(analysis::kWindowMax)));
    }
  }
  for (const core::Metric& metric : spec.analysis.metrics) {
    std::vector<std::pair<std::string, std::string>> selectors;
    if (metric.slow) {
      selectors = {{"slow.histogram", metric.slow->histogram}};
    } else if (!metric.gauge.empty()) {
      selectors = {{"gauge", metric.gauge}};
    } else if (metric.query.empty()) {
      selectors = {{"bad", metric.bad}, {"total", metric.total}};
    }
    if (metric.tracks) {
      selectors.emplace_back("tracks.canary", "x{" + metric.tracks->canary + "}");
      selectors.emplace_back("tracks.stable", "x{" + metric.tracks->stable + "}");
    }
    for (const auto& [field, selector] : selectors) {
      const auto narrowed = metrics::Narrow(selector, "", std::chrono::minutes(1));
      if (!narrowed)
        return narrowed.error().In(
            fmt::format("Rollout {}: metric {}: {}", spec.name, metric.name, field));
    }
  }
  return core::Ok();
}

}  // namespace

core::Status CheckBundle(const core::Objects& bundle, const core::RolloutSpec& spec) {
  for (const core::WorkloadRef& ref : spec.workloads) {
    if (core::Status checked = CheckWorkload(bundle, spec, ref); !checked) return checked;
  }
  if (core::Status checked = CheckRoute(bundle, spec); !checked) return checked;
  if (core::Status checked = CheckPreview(bundle, spec); !checked) return checked;
  if (core::Status checked = CheckBaseline(spec); !checked) return checked;
  core::Result<std::string> label = FindTrackLabel(bundle, spec);
  if (!label) return label.error().In("Rollout " + spec.name);
  if (core::Status checked = CheckNames(bundle, spec, *label); !checked) return checked;
  if (core::Status checked = CheckJobs(bundle, spec); !checked) return checked;
  return CheckSteps(spec);
}

}  // namespace headgate::rollout
