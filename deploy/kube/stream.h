#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

#include "core/result.h"
#include "net/http.h"

namespace headgate::deploy {

// The bytes of one answer on their way from the I/O thread to another thread. The I/O thread only
// appends. Inside of deploy/kube.
class Stream {
 public:
  // Starts the request. More than `bytes_max` unread bytes end it with kUnavailable.
  Stream(net::Http* http, net::Request request, size_t bytes_max);

  // The status of the answer; waits for it. An error where none came.
  core::Result<int> Status(std::stop_token stop);
  // The next whole line; waits for it. Nothing: the stream ended, or a stop was asked for.
  std::optional<std::string> NextLine(std::stop_token stop);
  // All the rest, for the body of a refusal; up to `bytes_max` of it.
  std::string Rest(std::stop_token stop);
  // Why it ended; Ok where the server ended it in good order.
  core::Status end() const;

 private:
  bool Append(std::string_view bytes);

  const size_t bytes_max_;

  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::string unread_;               // guarded by mutex_
  size_t searched_ = 0;              // of unread_, where no line ends; guarded by mutex_
  std::optional<int> status_;        // guarded by mutex_
  std::optional<core::Status> end_;  // guarded by mutex_
  bool too_much_ = false;            // guarded by mutex_

  std::unique_ptr<net::Http::Exchange> exchange_;  // last: its callbacks use the rest
};

}  // namespace headgate::deploy
