#pragma once

#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "core/result.h"
#include "net/http.h"
#include "rollout/analysis/series.h"
#include "rollout/metrics/answer.h"
#include "rollout/metrics/queries.h"

namespace headgate::rollout::metrics {

inline constexpr size_t kAnswerBytesMax = 16 * 1024 * 1024;
inline constexpr core::Duration kAskDeadline = std::chrono::seconds(10);

// With what Prometheus is asked, beside its address.
struct Access {
  std::shared_ptr<const net::Identity> identity = {};  // nullptr: nobody
  net::Headers headers = {};                           // such as X-Scope-OrgID
  core::Duration deadline = kAskDeadline;              // of each query
};

// Asks one Prometheus (or what speaks its HTTP API) for raw samples. Safe to call from several
// threads.
class Prometheus {
 public:
  // `http` outlives it. `address` as in spec.analysis.prometheus.address.
  Prometheus(net::Http* http, std::string address, Access access = {});

  // kInvalid: Prometheus refuses the query (the text says why); kUnavailable: everything else.
  core::Result<std::vector<analysis::Series>> Ask(const Query& query,
                                                  std::stop_token stop = {}) const;

  // A query's numbers from `from` to `at`: at most one series.
  core::Result<std::vector<analysis::Series>> AskNumber(const Query& query,
                                                        std::stop_token stop = {}) const;

  // All of them, an answer a metric; errors stand inside the answers. Of a histogram the canary's
  // buckets are asked first: they say which edge stands for the bound, or that it is native. After
  // kDeadlinesMax deadlines nothing more is asked: a Prometheus that hangs keeps nobody longer.
  std::vector<analysis::MetricAnswers> AskAll(const std::vector<Query>& queries,
                                              std::stop_token stop = {}) const;

 private:
  core::Result<core::List> Results(const std::string& path,
                                   std::vector<std::pair<std::string, std::string>> fields,
                                   std::string_view type, std::stop_token stop) const;
  core::Result<core::List> At(const std::string& promql, core::Time at, std::string_view type,
                              std::stop_token stop) const;
  core::Status AskNumbers(const Query& query, analysis::MetricAnswers* answers,
                          std::stop_token stop) const;
  core::Status AskFor(const Query& query, analysis::MetricAnswers* answers,
                      std::stop_token stop) const;
  core::Status AskSlow(const Query& query, analysis::MetricAnswers* answers,
                       std::stop_token stop) const;
  core::Status AskClassic(const Query& query, const Edge& edge, analysis::MetricAnswers* answers,
                          std::stop_token stop) const;
  core::Status AskNative(const Query& query, analysis::MetricAnswers* answers,
                         std::stop_token stop) const;

  net::Http* http_;
  std::string address_;
  Access access_;
};

inline constexpr int kDeadlinesMax = 3;

// Reads an answer of /api/v1/query. Samples that are no finite numbers are left out.
core::Result<std::vector<analysis::Series>> ParseAnswer(int http_status, std::string_view body);

}  // namespace headgate::rollout::metrics
