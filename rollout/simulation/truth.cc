#include "rollout/simulation/truth.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

namespace headgate::rollout::simulation {
namespace {

constexpr double kTrafficMax = 1e6;  // requests a second

// A whole text as a number that is not negative.
std::optional<double> Number(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool good = error == std::errc() && end == text.data() + text.size() &&
                    std::isfinite(number) && number >= 0;
  return good ? std::optional(number) : std::nullopt;
}

}  // namespace

bool Truth::Fails(Fault::What what, core::Duration at) const {
  return std::any_of(faults.begin(), faults.end(), [&](const Fault& fault) {
    return fault.what == what && at >= fault.at && at < fault.at + fault.length;
  });
}

core::Result<Fault> ParseFault(std::string_view text) {
  const auto wrong = [&] {
    return core::Invalid(fmt::format(
        "\"{}\" is no fault; expected WHAT@START+LENGTH such as prometheus@2m+90s, with WHAT one "
        "of prometheus, gateway, controller, canary, crash, gate, job",
        text));
  };
  const size_t at = text.find('@');
  const size_t plus = text.find('+', at == std::string_view::npos ? 0 : at);
  if (at == std::string_view::npos || plus == std::string_view::npos) return wrong();
  Fault fault;
  bool known = false;
  for (const auto& [name, what] :
       {std::pair("prometheus", Fault::What::kPrometheus),
        std::pair("gateway", Fault::What::kGateway),
        std::pair("controller", Fault::What::kController),
        std::pair("canary", Fault::What::kCanary), std::pair("crash", Fault::What::kCrash),
        std::pair("gate", Fault::What::kGate), std::pair("job", Fault::What::kJob)}) {
    if (text.substr(0, at) != name) continue;
    fault.what = what;
    known = true;
  }
  const auto start = core::ParseDuration(text.substr(at + 1, plus - at - 1));
  const auto length = core::ParseDuration(text.substr(plus + 1));
  if (!known || !start || !length) return wrong();
  fault.at = *start;
  fault.length = *length;
  return fault;
}

core::Result<double> ParseTraffic(std::string_view text) {
  const size_t slash = text.find('/');
  const std::string_view unit = slash == std::string_view::npos ? "s" : text.substr(slash + 1);
  const double seconds = unit == "s" ? 1 : unit == "m" ? 60 : unit == "h" ? 3600 : 0;
  const std::optional<double> number = Number(text.substr(0, slash));
  if (!number || seconds == 0 || *number / seconds > kTrafficMax)
    return core::Invalid(
        fmt::format("\"{}\" is no traffic; expected requests such as 100/s, 12/m or 5000/h", text));
  return *number / seconds;
}

core::Result<double> ParseShare(std::string_view text) {
  const bool percent = text.ends_with('%');
  const std::optional<double> number = Number(percent ? text.substr(0, text.size() - 1) : text);
  const double share = number.value_or(2) / (percent ? 100 : 1);
  if (!number || share > 1)
    return core::Invalid(fmt::format("\"{}\" is no share; expected one such as 1% or 0.01", text));
  return share;
}

}  // namespace headgate::rollout::simulation
