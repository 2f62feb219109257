#include "net/http.h"

#include <curl/curl.h>

#include <cassert>
#include <condition_variable>
#include <mutex>
#include <optional>

#include "net/loop.h"
#include "net/transfer.h"

namespace headgate::net {
namespace {

class Started : public Http::Exchange {
 public:
  Started(std::shared_ptr<Inbox> inbox, std::shared_ptr<Transfer> transfer)
      : inbox_(std::move(inbox)), transfer_(std::move(transfer)) {}
  ~Started() override {
    transfer_->Drop();
    inbox_->Drop(transfer_);
    if (inbox_->thread() != std::this_thread::get_id()) transfer_->WaitUntilFinished();
  }

 private:
  const std::shared_ptr<Inbox> inbox_;
  const std::shared_ptr<Transfer> transfer_;
};

// Where one Send waits for its end.
struct Waiting {
  std::mutex mutex;
  std::condition_variable_any changed;
  std::optional<core::Result<Response>> result;  // guarded by mutex
};

}  // namespace

std::string_view Response::Header(std::string_view lower_case_name) const {
  for (const auto& [name, value] : headers) {
    if (name == lower_case_name) return value;
  }
  return {};
}

Http::Http() {
  curl_global_init(CURL_GLOBAL_DEFAULT);  // thread-safe since 7.84, counts its callers
  loop_ = std::make_unique<Loop>();
}

Http::~Http() {
  loop_.reset();
  curl_global_cleanup();
}

core::Result<Response> Http::Send(const Request& request, std::stop_token stop) {
  assert(loop_->inbox()->thread() != std::this_thread::get_id());
  if (stop.stop_requested()) return core::Cancelled("stopped before the request was sent");
  Waiting waiting;
  Callbacks callbacks;
  callbacks.end = [&](core::Result<Response> result) {
    const std::lock_guard lock(waiting.mutex);
    waiting.result = std::move(result);
    waiting.changed.notify_all();
  };
  const std::unique_ptr<Exchange> exchange = Start(request, std::move(callbacks));
  std::unique_lock lock(waiting.mutex);
  if (waiting.changed.wait(lock, stop, [&] { return waiting.result.has_value(); })) {
    return *std::move(waiting.result);
  }
  return core::Cancelled("stopped while waiting for the answer");
}

std::unique_ptr<Http::Exchange> Http::Start(Request request, Callbacks callbacks) {
  auto transfer = std::make_shared<Transfer>(std::move(request), std::move(callbacks),
                                             core::RealClock().SinceBoot());
  auto exchange = std::make_unique<Started>(loop_->inbox(), transfer);
  if (!loop_->inbox()->Start(transfer)) {
    transfer->Finish(core::Cancelled("the client was closed meanwhile"));
  }
  return exchange;
}

}  // namespace headgate::net
