#include "rollout/compose.h"

#include <algorithm>
#include <set>

#include "core/application.h"
#include "core/hash.h"
#include "rollout/config.h"
#include "rollout/gated.h"
#include "rollout/job.h"
#include "rollout/needs.h"
#include "rollout/selectors.h"
#include "rollout/shape.h"
#include "rollout/steps.h"
#include "rollout/variants.h"

namespace headgate::rollout {
namespace {

using core::Objects;
using core::Value;

constexpr size_t kServiceNameMax = 63;

using routers::IsRoute;

const core::Object* Find(const Objects& objects, const core::ObjectRef& ref) {
  const auto at = std::find_if(objects.begin(), objects.end(), [&](const core::Object& object) {
    return core::RefOf(object.body) == ref;
  });
  return at == objects.end() ? nullptr : &*at;
}

// The two bundles of a trial and what is known of them.
struct Pair {
  const ComposeInput* in;
  const core::RolloutSpec& spec;
  const Objects& stable;
  const Objects& candidate;
  std::set<core::ObjectRef> shared;  // what gated workloads of either need

  bool IsShared(const Value& body) const { return shared.contains(core::RefOf(body)); }
};

Pair MakePair(const ComposeInput& input) {
  Pair pair{&input, *input.spec, input.stable->bundle.objects, input.candidate->bundle.objects, {}};
  pair.shared = NeedsOf(pair.stable, pair.spec);
  pair.shared.merge(NeedsOf(pair.candidate, pair.spec));
  return pair;
}

// Marks the gated workloads among `objects` with what they run, and has them use the copies of
// their configuration where the record says so. `content_named` as in the record.
void Dress(Objects* objects, const core::BundleRecord& record, bool content_named,
           const core::RolloutSpec& spec) {
  std::string hash = record.gated_hash;
  if (hash.empty()) {
    if (core::Result<std::string> made = GatedHash(record.bundle.objects, spec)) hash = *made;
  }
  for (core::Object& object : *objects) {
    if (!IsGated(object.body, spec)) continue;
    core::SetAnnotation(&object.body, core::kGatedHashAnnotation, hash);
    if (content_named) UseCopies(&object.body, record.bundle.objects);
  }
}

void Append(Objects more, Objects* objects) {
  for (core::Object& object : more) objects->push_back(std::move(object));
}

// One record's objects, alone.
Objects Alone(const core::BundleRecord& record, bool content_named, const core::RolloutSpec& spec) {
  Objects objects = record.bundle.objects;
  Dress(&objects, record, content_named, spec);
  if (content_named) Append(CopiesOf(record.bundle.objects, spec), &objects);
  return objects;
}

// A gated workload as stable has it, with the candidate's number of replicas.
core::Object WithReplicas(const core::Object& stable, const Value& candidate) {
  core::Object object = stable;
  core::Map& spec = (*object.body.AsMap())["spec"].MakeMap();
  if (const Value* replicas = candidate.Find("spec", "replicas")) {
    spec.Set("replicas", *replicas);
  } else {
    spec.Erase("replicas");
  }
  return object;
}

// Stable's gated workloads and what they lean on; everything else as the candidate has it.
Objects DuringTrial(const Pair& pair) {
  Objects objects;
  for (const core::Object& theirs : pair.candidate) {
    const core::Object* ours = Find(pair.stable, core::RefOf(theirs.body));
    const bool gated = IsGated(theirs.body, pair.spec);
    if (ours && gated) {
      objects.push_back(WithReplicas(*ours, theirs.body));
    } else if (ours && pair.IsShared(theirs.body)) {
      objects.push_back(*ours);
    } else if (!gated && !pair.IsShared(theirs.body)) {
      objects.push_back(theirs);
    }
  }
  for (const core::Object& ours : pair.stable) {
    const bool kept = IsGated(ours.body, pair.spec) || pair.IsShared(ours.body);
    if (kept && !Find(pair.candidate, core::RefOf(ours.body))) objects.push_back(ours);
  }
  const core::BundleRecord& record = *pair.in->stable;
  Dress(&objects, record, record.content_named, pair.spec);
  if (record.content_named) Append(CopiesOf(pair.stable, pair.spec), &objects);
  return objects;
}

// The candidate's objects, while stable's old pods are still leaving: what only these need stays,
// and the ConfigMaps that they use by their own name keep their content.
Objects DuringUpdate(const Pair& pair) {
  Objects objects = Alone(*pair.in->candidate, true, pair.spec);
  std::set<core::ObjectRef> used;
  for (const core::Object* workload : GatedOf(pair.stable, pair.spec)) {
    Value pods =
        core::PodTemplateOf(workload->body) ? *core::PodTemplateOf(workload->body) : Value();
    ForEachConfig(&pods, [&](std::string_view kind, std::string* name) {
      const core::Object* config =
          FindConfig(pair.stable, kind, core::NamespaceOf(workload->body), *name);
      if (config) used.insert(core::RefOf(config->body));
    });
  }
  for (const core::Object& ours : pair.stable) {
    const core::ObjectRef ref = core::RefOf(ours.body);
    const auto at = std::find_if(objects.begin(), objects.end(), [&](const core::Object& object) {
      return core::RefOf(object.body) == ref;
    });
    if (at != objects.end()) {
      if (used.contains(ref) && !pair.in->stable->content_named) *at = ours;
    } else if (IsGated(ours.body, pair.spec) || pair.IsShared(ours.body)) {
      objects.push_back(ours);
    }
  }
  if (pair.in->stable->content_named) Append(CopiesOf(pair.stable, pair.spec), &objects);
  return objects;
}

// The variants, the copies they use, and what they need that stable does not have.
core::Result<Objects> TrialObjects(const Pair& pair, const Shape& shape) {
  core::Result<std::string> label = FindTrackLabel(pair.candidate, pair.spec);
  if (!label) return label.error();
  const auto replicas = [&](const core::WorkloadRef& ref) {
    const ComposeInput& in = *pair.in;
    // Without a router no pod, no request: that is how the weight falls.
    if (shape.draining && pair.spec.traffic.by == core::Traffic::By::kReplicas) return 0;
    if (shape.scale == kScaleAsLive) {
      const auto live = in.canary_replicas.find(ref);
      return live == in.canary_replicas.end() ? 1 : std::max(1, live->second);
    }
    if (const auto live = in.stable_replicas.find(ref); live != in.stable_replicas.end())
      return std::max(CanaryReplicas(live->second, shape.scale), shape.replicas);
    for (const core::Object* workload : GatedOf(pair.candidate, pair.spec)) {
      if (core::NameOf(workload->body) == ref.name)
        return std::max(
            CanaryReplicas(static_cast<int>(workload->body.IntAt(1, "spec", "replicas")),
                           shape.scale),
            shape.replicas);
    }
    return 1;
  };
  Objects objects;
  for (const core::Object& theirs : pair.candidate) {
    if (pair.IsShared(theirs.body) && !IsGated(theirs.body, pair.spec) &&
        !Find(pair.stable, core::RefOf(theirs.body)))
      objects.push_back(theirs);
  }
  Append(CopiesOf(pair.candidate, pair.spec), &objects);
  const VariantInput variants{.candidate = &pair.candidate,
                              .stable = &pair.stable,
                              .spec = &pair.spec,
                              .track_label = *label,
                              .gated_hash = pair.in->candidate->gated_hash,
                              .replicas = replicas};
  Append(MakeVariants(variants), &objects);
  if (!shape.baseline) return objects;
  Objects stable = pair.stable;
  Dress(&stable, *pair.in->stable, pair.in->stable->content_named, pair.spec);
  Append(MakeBaseline(stable, variants), &objects);
  return objects;
}

Objects BaseObjects(const Pair& pair, Shape::Base base) {
  const core::BundleRecord& stable = *pair.in->stable;
  switch (base) {
    case Shape::Base::kTrial:
      return DuringTrial(pair);
    case Shape::Base::kUpdate:
      return DuringUpdate(pair);
    case Shape::Base::kCandidate:
      return Alone(*pair.in->candidate, true, pair.spec);
    case Shape::Base::kStable:
      break;
  }
  return Alone(stable, stable.content_named, pair.spec);
}

// Takes the route out of `objects`; the one that the shape wants, split by its weight.
Objects TakeRoute(const Pair& pair, const Shape& shape, Objects* objects) {
  std::erase_if(*objects, [&](const core::Object& o) { return IsRoute(o.body, pair.spec); });
  const bool candidates = shape.route == Shape::Route::kCandidate;
  const Objects& first = candidates ? pair.candidate : pair.stable;
  const Objects& second = candidates ? pair.stable : pair.candidate;
  for (const Objects* from : {&first, &second}) {
    for (const core::Object& object : *from) {
      if (!IsRoute(object.body, pair.spec)) continue;
      routers::Variants services = ServicesOf(pair.candidate, pair.spec);
      services.merge(ServicesOf(pair.stable, pair.spec));
      return routers::RouterFor(pair.spec.traffic)
          .Split(object, services,
                 {shape.weight, shape.variants, ExtrasOf(pair.spec, shape.routed)}, pair.spec);
    }
  }
  return {};
}

// The preview Service leads to the canary's pods.
void ShowPreview(const Pair& pair, Objects* objects) {
  const core::Result<std::string> label = FindTrackLabel(pair.candidate, pair.spec);
  for (core::Object& object : *objects) {
    if (!label || !IsPreview(object.body, pair.spec)) continue;
    Value* selector = object.body.Find("spec", "selector");
    if (selector && selector->AsMap()) ToTrack(selector->AsMap(), *label, kCanaryEnd);
  }
}

// What two stages both have is left to the first.
core::Stages Ordered(std::vector<core::Stage> stages) {
  std::set<core::ObjectRef> seen;
  core::Stages ordered;
  for (core::Stage& stage : stages) {
    std::erase_if(stage.objects, [&](const core::Object& object) {
      return !seen.insert(core::RefOf(object.body)).second;
    });
    if (!stage.objects.empty()) ordered.push_back(std::move(stage));
  }
  return ordered;
}

core::Result<core::Stages> ComposePair(const Pair& pair, const Shape& shape) {
  using Wait = core::Stage::Wait;
  core::Stage variants{"variants", {}, Wait::kNothing};
  if (shape.variants) {
    core::Result<Objects> objects = TrialObjects(pair, shape);
    if (!objects) return objects.error();
    variants.objects = std::move(*objects);
  }
  core::Stage rest{"the rest", BaseObjects(pair, shape.base), Wait::kNothing};
  if (shape.variants && shape.base == Shape::Base::kTrial) ShowPreview(pair, &rest.objects);
  core::Stage traffic{"traffic", TakeRoute(pair, shape, &variants.objects), Wait::kNothing};
  TakeRoute(pair, shape, &rest.objects);
  switch (shape.order) {
    case Shape::Order::kTrafficLast:
      variants.wait = Wait::kReady;
      return Ordered({std::move(rest), std::move(variants), std::move(traffic)});
    case Shape::Order::kRestLast:
      variants.wait = Wait::kReady;
      return Ordered({std::move(variants), std::move(traffic), std::move(rest)});
    case Shape::Order::kTrafficFirst:
      break;
  }
  return Ordered({std::move(traffic), std::move(rest), std::move(variants)});
}

// Stable without a trial. Weight may still have to go, so traffic comes first, unless nothing
// moves.
core::Stages StableAlone(const ComposeInput& input) {
  const core::BundleRecord& stable = *input.stable;
  if (!input.spec) return {{"everything", stable.bundle.objects, core::Stage::Wait::kNothing}};
  Objects objects = Alone(stable, stable.content_named, *input.spec);
  const bool quiet = std::holds_alternative<core::Stable>(input.position) ||
                     std::holds_alternative<core::Held>(input.position);
  if (quiet) return {{"everything", std::move(objects), core::Stage::Wait::kNothing}};
  core::Stage traffic{"traffic", {}, core::Stage::Wait::kNothing};
  for (const core::Object& object : objects) {
    if (IsRoute(object.body, *input.spec)) traffic.objects.push_back(object);
  }
  return Ordered({std::move(traffic), {"the rest", std::move(objects)}});
}

}  // namespace

core::Result<core::Stages> Compose(const ComposeInput& input) {
  const core::Candidate* on_trial = core::CandidateOf(input.position);
  const bool fits = on_trial && input.spec && input.candidate &&
                    input.candidate->gated_hash == on_trial->gated_hash;
  if (!fits) return StableAlone(input);
  const Shape shape = ShapeOf(input.position);
  if (shape.base == Shape::Base::kStable && !shape.variants) return StableAlone(input);
  core::Result<core::Stages> stages = ComposePair(MakePair(input), shape);
  const core::Job* job = JobAt(*input.spec, input.position);
  if (!stages || !job) return stages;
  // After the traffic, and waited for by Decide alone.
  stages->push_back({"job",
                     {MakeJob(*input.spec, *job, std::get<core::Trial>(input.position),
                              input.candidate->bundle.objects)},
                     core::Stage::Wait::kNothing});
  return stages;
}

int CanaryReplicas(int stable_replicas, int scale_percent) {
  return std::max(1, (std::max(0, stable_replicas) * std::clamp(scale_percent, 0, 100) + 99) / 100);
}

std::string CanaryName(std::string_view name) {
  return WithSuffix(name, kCanaryEnd, kServiceNameMax);
}

std::string BaselineName(std::string_view name) {
  return WithSuffix(name, kBaselineEnd, kServiceNameMax);
}

std::string CandidateLabelValue(std::string_view gated_hash) {
  return std::string(core::Short(gated_hash, 12));
}

}  // namespace headgate::rollout
