#include "rollout/metrics/answer.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "core/json.h"

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

// What somebody else than Prometheus answers is not repeated: who names an address in a Rollout
// must not read through us what only we can reach.
core::Error Useless(int http_status, std::string_view body, std::string_view why) {
  const bool html = body.find('<') < 10;
  return core::Unavailable(fmt::format(
      "{} (HTTP {}, {} bytes{})", why, http_status, body.size(),
      html ? ", HTML: is the address that of Prometheus, and not of a login page?" : ""));
}

core::Error RefusedBy(int http_status, const Value& answer) {
  const std::string text = fmt::format("Prometheus: {}: {}", answer.StringAt("errorType"),
                                       Beginning(answer.StringAt("error")));
  return answer.StringAt("errorType") == "bad_data" && http_status == 400 ? core::Invalid(text)
                                                                          : core::Unavailable(text);
}

}  // namespace

core::Result<core::List> ResultsIn(int http_status, std::string_view body, std::string_view type) {
  core::Result<Value> answer = core::ParseJson(body);
  if (!answer || !answer->is_map())
    return Useless(http_status, body, "the answer is no JSON object");
  const std::string& status = answer->StringAt("status");
  if (status == "error") return RefusedBy(http_status, *answer);
  if (http_status != 200 || status != "success")
    return Useless(http_status, body, "the answer is no success");
  Value* results = answer->Find("data", "result");
  if (answer->StringAt("data", "resultType") != type || !results || !results->AsList())
    return Useless(http_status, body, fmt::format("the answer is no {}", type));
  if (const core::List& warnings = answer->ListAt("warnings"); !warnings.empty())
    return core::Unavailable("Prometheus warns: " + Beginning(warnings.front().AsString()
                                                                  ? *warnings.front().AsString()
                                                                  : "(no text)"));
  if (results->AsList()->size() > kSeriesMax)
    return core::Unavailable(fmt::format("the answer has {} series; at most {} are read",
                                         results->AsList()->size(), kSeriesMax));
  return std::move(*results->AsList());
}

std::optional<double> ParseNumber(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || std::isnan(value))
    return std::nullopt;
  return value;
}

std::optional<double> NumberIn(const Value* value) {
  return value && value->AsString() ? ParseNumber(*value->AsString()) : std::nullopt;
}

std::optional<core::Time> TimeIn(const Value& seconds) {
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

std::vector<std::pair<std::string, std::string>> LabelsOf(const Value& result) {
  std::vector<std::pair<std::string, std::string>> labels;
  for (const auto& [label, value] : result.MapAt("metric")) {
    if (value.AsString()) labels.emplace_back(label, *value.AsString());
  }
  return labels;
}

}  // namespace headgate::rollout::metrics
