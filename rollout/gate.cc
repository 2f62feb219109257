#include "rollout/gate.h"

#include <fmt/format.h>

#include "core/json.h"

namespace headgate::rollout {

std::string GateBody(const core::RolloutSpec& spec, const core::Gate& gate,
                     const core::Trial& trial) {
  core::Map body{{"name", spec.name},
                 {"namespace", spec.namespace_name},
                 {"phase", "Progressing"},
                 {"checksum", trial.candidate.gated_hash},
                 {"revision", trial.candidate.revision},
                 {"step", trial.step},
                 {"weight", trial.weight}};
  if (gate.metadata.AsMap()) body.Set("metadata", gate.metadata);
  return core::ToJson(body);
}

GateSeen ReadGateAnswer(int http_status) {
  using Says = GateSeen::Says;
  const std::string why = fmt::format("answered {}", http_status);
  if (http_status >= 200 && http_status < 300) return {Says::kGo, why};
  if (http_status >= 300 && http_status < 400)
    return {Says::kUnknown, why + ", a redirect, which is not followed"};
  const bool busy = http_status == 408 || http_status == 425 || http_status == 429;
  if (http_status >= 400 && http_status < 500 && !busy) return {Says::kRefused, why};
  return {Says::kUnknown, why};
}

GateSeen ReadGateError(const core::Error& error) {
  return {GateSeen::Says::kUnknown, "gave no answer: " + error.text()};
}

}  // namespace headgate::rollout
