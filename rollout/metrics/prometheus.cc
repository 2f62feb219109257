#include "rollout/metrics/prometheus.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <optional>

#include "core/json.h"
#include "net/http.h"
#include "net/url.h"

namespace headgate::rollout::metrics {
namespace {

using core::Value;

constexpr size_t kTextMax = 300;  // of an answer that is quoted in an error

// The beginning of a text on one line.
std::string Beginning(std::string_view text) {
  std::string line(text.substr(0, kTextMax));
  for (char& c : line) {
    if (static_cast<unsigned char>(c) < ' ') c = ' ';
  }
  return line;
}

core::Error Useless(int http_status, std::string_view body, std::string_view why) {
  const bool html = body.find('<') < 10;
  return core::Unavailable(
      fmt::format("{} (HTTP {}{}): \"{}\"", why, http_status,
                  html ? ", HTML: is the address that of Prometheus, and not of a login page?" : "",
                  Beginning(body.substr(0, 80))));
}

std::optional<core::Time> TimeOf(const Value& seconds) {
  double number = 0;
  if (const double* d = seconds.AsFloat()) {
    number = *d;
  } else if (const int64_t* i = seconds.AsInt()) {
    number = static_cast<double>(*i);
  } else {
    return std::nullopt;
  }
  if (!std::isfinite(number) || std::abs(number) > 1e11) return std::nullopt;
  return core::Time(core::Duration(std::llround(number * 1000)));
}

// [1700000000.123, "42"]
std::optional<analysis::Sample> SampleOf(const Value& pair) {
  const core::List* list = pair.AsList();
  if (!list || list->size() != 2 || !(*list)[1].AsString()) return std::nullopt;
  const std::optional<core::Time> at = TimeOf((*list)[0]);
  const std::string& text = *(*list)[1].AsString();
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (!at || error != std::errc() || end != text.data() + text.size() || !std::isfinite(value))
    return std::nullopt;
  return analysis::Sample{*at, value};
}

core::Result<analysis::Series> SeriesOf(const Value& result) {
  const Value* values = result.Find("values");
  if (!values || !values->AsList())
    return core::Unavailable("the answer has a series without samples (no \"values\")");
  analysis::Series series;
  for (const auto& [label, value] : result.MapAt("metric")) {
    if (value.AsString()) series.labels.emplace_back(label, *value.AsString());
  }
  for (const Value& pair : *values->AsList()) {
    if (const std::optional<analysis::Sample> sample = SampleOf(pair))
      series.samples.push_back(*sample);
  }
  return series;
}

core::Error RefusedBy(int http_status, const Value& answer) {
  const std::string text = fmt::format("Prometheus: {}: {}", answer.StringAt("errorType"),
                                       Beginning(answer.StringAt("error")));
  return answer.StringAt("errorType") == "bad_data" && http_status == 400 ? core::Invalid(text)
                                                                          : core::Unavailable(text);
}

}  // namespace

core::Result<std::vector<analysis::Series>> ParseAnswer(int http_status, std::string_view body) {
  const core::Result<Value> answer = core::ParseJson(body);
  if (!answer || !answer->is_map())
    return Useless(http_status, body, "the answer is no JSON object");
  const std::string& status = answer->StringAt("status");
  if (status == "error") return RefusedBy(http_status, *answer);
  if (http_status != 200 || status != "success")
    return Useless(http_status, body, "the answer is no success");
  const Value* results = answer->Find("data", "result");
  if (answer->StringAt("data", "resultType") != "matrix" || !results || !results->AsList())
    return Useless(http_status, body, "the answer is no matrix");
  // Warnings say that some of the data is missing (a store that did not answer): no ground to
  // judge.
  if (const core::List& warnings = answer->ListAt("warnings"); !warnings.empty())
    return core::Unavailable("Prometheus warns: " + Beginning(warnings.front().AsString()
                                                                  ? *warnings.front().AsString()
                                                                  : "(no text)"));
  if (results->AsList()->size() > kSeriesMax)
    return core::Unavailable(fmt::format("the answer has {} series; at most {} are read",
                                         results->AsList()->size(), kSeriesMax));
  std::vector<analysis::Series> all;
  for (const Value& result : *results->AsList()) {
    core::Result<analysis::Series> series = SeriesOf(result);
    if (!series) return series.error();
    all.push_back(std::move(*series));
  }
  return all;
}

Prometheus::Prometheus(net::Http* http, std::string address,
                       std::shared_ptr<const net::Identity> identity)
    : http_(http), address_(std::move(address)), identity_(std::move(identity)) {
  while (address_.ends_with('/')) address_.pop_back();
}

core::Result<std::vector<analysis::Series>> Prometheus::Ask(const Query& query,
                                                            std::stop_token stop) const {
  net::Request request;
  request.method = "POST";  // a long list of pods does not fit into a URL
  request.url = address_ + "/api/v1/query";
  request.headers = {{"content-type", "application/x-www-form-urlencoded"}};
  const double seconds = static_cast<double>(query.at.time_since_epoch().count()) / 1000;
  const auto timeout = std::chrono::floor<std::chrono::seconds>(kAskDeadline).count();
  request.body = net::ToQuery({{"query", query.promql},
                               {"time", fmt::format("{:.3f}", seconds)},
                               {"timeout", fmt::format("{}s", timeout)}});
  request.identity = identity_;
  request.deadline = kAskDeadline;
  request.body_bytes_max = kAnswerBytesMax;
  core::Result<net::Response> response = http_->Send(request, stop);
  if (!response) {
    // Too large an answer or a wrong address is the provider's fault, not the candidate's.
    const core::Error& error = response.error();
    if (error.fault() == core::Fault::kCancelled) return error;
    return core::Unavailable(error.text()).In("ask " + net::ShowSafe(address_));
  }
  core::Result<std::vector<analysis::Series>> answer =
      ParseAnswer(response->status, response->body);
  if (!answer) return answer.error().In("ask " + net::ShowSafe(address_));
  return answer;
}

std::vector<analysis::MetricAnswers> Prometheus::AskAll(const std::vector<Query>& queries,
                                                        std::stop_token stop) const {
  std::vector<analysis::MetricAnswers> answers;
  for (const Query& query : queries) {
    if (answers.empty() || answers.back().metric != query.metric) {
      answers.emplace_back();
      answers.back().metric = query.metric;
    }
    core::Result<std::vector<analysis::Series>> answer = Ask(query, stop);
    (query.which == Query::Which::kBad ? answers.back().bad : answers.back().total) =
        std::move(answer);
  }
  return answers;
}

}  // namespace headgate::rollout::metrics
