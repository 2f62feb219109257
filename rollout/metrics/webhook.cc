#include "rollout/metrics/webhook.h"

#include "net/http.h"
#include "rollout/gate.h"

namespace headgate::rollout::metrics {
namespace {

constexpr size_t kAnswerMax = 64 * 1024;

}  // namespace

GateSeen AskGate(const core::RolloutSpec& spec, const core::Gate& gate, const core::Trial& trial,
                 net::Http* http, std::stop_token stop) {
  net::Request request;
  request.method = "POST";
  request.url = gate.url;
  request.headers = {{"Content-Type", "application/json"}};
  request.body = GateBody(spec, gate, trial);
  request.deadline = gate.timeout;
  request.body_bytes_max = kAnswerMax;
  const core::Result<net::Response> answer = http->Send(request, std::move(stop));
  return answer ? ReadGateAnswer(answer->status) : ReadGateError(answer.error());
}

}  // namespace headgate::rollout::metrics
