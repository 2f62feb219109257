#include "reconciler/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <map>
#include <mutex>

#include "reconciler/rollout_metrics.h"

namespace headgate::reconciler {
struct Metrics::State {
  prometheus::Registry registry;
  prometheus::Family<prometheus::Counter>& looks = prometheus::BuildCounter()
                                                       .Name("headgate_reconciles_total")
                                                       .Help("Looks at an application.")
                                                       .Register(registry);
  prometheus::Histogram& seconds =
      prometheus::BuildHistogram()
          .Name("headgate_reconcile_seconds")
          .Help("How long a look at an application took.")
          .Register(registry)
          .Add({}, prometheus::Histogram::BucketBoundaries{.001, .005, .025, .1, .5, 2, 10, 60});
  prometheus::Gauge& queue = prometheus::BuildGauge()
                                 .Name("headgate_queue_length")
                                 .Help("Applications that wait for their next look, due or not.")
                                 .Register(registry)
                                 .Add({});
  prometheus::Gauge& leads = prometheus::BuildGauge()
                                 .Name("headgate_leader")
                                 .Help("1 while this process holds the lease.")
                                 .Register(registry)
                                 .Add({});
  prometheus::Counter& requests = prometheus::BuildCounter()
                                      .Name("headgate_api_requests_total")
                                      .Help("Requests to the API server, watches included.")
                                      .Register(registry)
                                      .Add({});
  prometheus::Family<prometheus::Gauge>& ready =
      prometheus::BuildGauge()
          .Name("headgate_application_ready")
          .Help("1 where the application is what git wants, and healthy.")
          .Register(registry);
  RolloutMetrics rollouts{&registry};  // guarded by mutex
  std::mutex mutex;
  std::map<std::string, prometheus::Gauge*> applications;  // guarded by mutex
};

Metrics::Metrics() : state_(std::make_unique<State>()) {}
Metrics::~Metrics() = default;

void Metrics::Looked(std::string_view result, core::Duration took) {
  state_->looks.Add({{"result", std::string(result)}}).Increment();
  state_->seconds.Observe(static_cast<double>(took.count()) / 1000);
}

void Metrics::Queue(size_t waiting) { state_->queue.Set(static_cast<double>(waiting)); }
void Metrics::Leads(bool leads) { state_->leads.Set(leads ? 1 : 0); }

void Metrics::ApiRequests(uint64_t sent) {
  const std::lock_guard lock(state_->mutex);
  const double more = static_cast<double>(sent) - state_->requests.Value();
  if (more > 0) state_->requests.Increment(more);
}

void Metrics::Application(const std::string& name, bool ready, const core::Position& position) {
  const std::lock_guard lock(state_->mutex);
  const auto [at, made] = state_->applications.try_emplace(name, nullptr);
  if (made) at->second = &state_->ready.Add({{"application", name}});
  at->second->Set(ready ? 1 : 0);
  state_->rollouts.See(name, position);
}

void Metrics::Forget(const std::string& name) {
  const std::lock_guard lock(state_->mutex);
  const auto at = state_->applications.find(name);
  if (at == state_->applications.end()) return;
  state_->ready.Remove(at->second);
  state_->rollouts.Forget(name);
  state_->applications.erase(at);
}

std::string Metrics::Text() const {
  return prometheus::TextSerializer().Serialize(state_->registry.Collect());
}

}  // namespace headgate::reconciler
