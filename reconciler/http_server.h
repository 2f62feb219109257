#pragma once

#include <functional>
#include <memory>
#include <string>

#include "core/result.h"
#include "reconciler/webhook.h"

namespace headgate::reconciler {

// The daemon's own small HTTP server: /metrics, /healthz, /readyz, /hooks/NAME. Bodies of requests
// are not read beyond 1 MiB.
class HttpServer {
 public:
  struct Handlers {
    std::function<std::string()> metrics;
    std::function<core::Status()> healthy;  // an error's text becomes the answer, with 503
    std::function<core::Status()> ready;
    std::function<Webhook::Answer(const HookCall&)> hook = {};
  };

  // `listen` is "ADDRESS:PORT"; port 0 takes a free one. kUnavailable where it cannot be had.
  static core::Result<std::unique_ptr<HttpServer>> Start(const std::string& listen,
                                                         Handlers handlers);
  ~HttpServer();

  int port() const;

 private:
  struct State;
  explicit HttpServer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace headgate::reconciler
