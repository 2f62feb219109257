#include "deploy/kube/stream.h"

namespace headgate::deploy {

Stream::Stream(net::Http* http, net::Request request, size_t bytes_max) : bytes_max_(bytes_max) {
  net::Http::Callbacks callbacks;
  callbacks.head = [this](const net::Response& head) {
    const std::lock_guard lock(mutex_);
    status_ = head.status;
    changed_.notify_all();
    return true;
  };
  callbacks.bytes = [this](std::string_view bytes) { return Append(bytes); };
  callbacks.end = [this](core::Result<net::Response> answer) {
    const std::lock_guard lock(mutex_);
    if (answer && !status_) status_ = answer->status;  // an answer without a body
    end_ = answer ? core::Ok() : core::Status(answer.error());
    changed_.notify_all();
  };
  exchange_ = http->Start(std::move(request), std::move(callbacks));
}

bool Stream::Append(std::string_view bytes) {
  const std::lock_guard lock(mutex_);
  if (unread_.size() + bytes.size() > bytes_max_) {
    too_much_ = true;
    return false;
  }
  unread_.append(bytes);
  changed_.notify_all();
  return true;
}

core::Result<int> Stream::Status(std::stop_token stop) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, stop, [this] { return status_ || end_; });
  if (status_) return *status_;
  if (end_ && !*end_) return end_->error();
  return core::Cancelled("stopped");
}

std::optional<std::string> Stream::NextLine(std::stop_token stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    if (const size_t end = unread_.find('\n', searched_); end != std::string::npos) {
      std::string line = unread_.substr(0, end);
      unread_.erase(0, end + 1);
      searched_ = 0;
      return line;
    }
    searched_ = unread_.size();
    if (end_) return std::nullopt;
    const size_t seen = unread_.size();
    changed_.wait(lock, stop, [&] { return unread_.size() != seen || end_; });
  }
  return std::nullopt;
}

std::string Stream::Rest(std::stop_token stop) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, stop, [this] { return end_.has_value(); });
  return unread_;
}

core::Status Stream::end() const {
  const std::lock_guard lock(mutex_);
  if (too_much_) return core::Unavailable("more came than could be taken in");
  return end_ ? *end_ : core::Ok();
}

}  // namespace headgate::deploy
