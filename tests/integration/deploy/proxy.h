#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "deploy/kube/client.h"

namespace headgate::deploy {

// A plain HTTP proxy on loopback before the real API server, which makes faults on order. It
// forwards with the real cluster's credentials.
class Proxy {
 public:
  struct Answer {
    int status = 500;
    std::string body;
    std::vector<std::pair<std::string, std::string>> headers;
  };
  // "PATCH /api/v1/namespaces/x/configmaps/y?force=true" -> an answer of its own, or nothing: on to
  // the server. Called on several threads.
  using Fault = std::function<std::optional<Answer>(const std::string& request)>;

  Proxy();
  ~Proxy();

  // How to reach the API server through it.
  Cluster cluster() const;
  void SetFault(Fault fault);
  // Ends all streams that run, in the middle.
  void CutStreams();
  // What it heard, in order.
  std::vector<std::string> requests() const;
  // How many of them begin so.
  size_t Count(const std::string& beginning) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace headgate::deploy
