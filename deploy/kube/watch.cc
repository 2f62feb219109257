#include "deploy/kube/watch.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <set>
#include <thread>
#include <utility>

#include "core/json.h"
#include "deploy/kube/call.h"
#include "deploy/kube/client_shared.h"
#include "deploy/kube/fast_json.h"
#include "deploy/kube/store.h"
#include "deploy/kube/stream.h"

namespace headgate::deploy {
namespace {

// The server ends a watch after so long; spread, so that not all come back at once.
constexpr int kSecondsMin = 240;
constexpr int kSecondsMax = 480;

}  // namespace

std::string_view Show(WatchEvent::What what) {
  switch (what) {
    case WatchEvent::What::kAdded:
      return "added";
    case WatchEvent::What::kModified:
      return "modified";
    case WatchEvent::What::kDeleted:
      return "deleted";
    case WatchEvent::What::kSynced:
      return "synced";
    case WatchEvent::What::kBroken:
      return "broken";
  }
  return "broken";
}

class Watch::Loop {
 public:
  Loop(Client client, WatchOptions options, std::function<void(const WatchEvent&)> on_event)
      : client_(std::move(client)),
        options_(std::move(options)),
        on_event_(std::move(on_event)),
        pause_(options_.pause_first),
        thread_([this](std::stop_token stop) { Run(stop); }) {}

  const Store& store() const { return store_; }
  const WatchOptions& options() const { return options_; }
  core::Status WaitSynced(core::Duration wait_max, std::stop_token stop) const;

 private:
  // How a stream came to its end.
  enum class End { kInOrder, kLost, kGone };

  void Run(std::stop_token stop);
  core::Status ListAll(std::stop_token stop);
  End Follow(std::stop_token stop);
  std::optional<std::string> Take(const std::string& line);
  core::Result<net::Request> WatchRequest(std::stop_token stop);
  core::Error Refusal(int status, Stream* stream, std::stop_token stop) const;

  void Keep(core::Value object);
  void Drop(core::Value object);
  void Tell(WatchEvent::What what, std::shared_ptr<const core::Value> object = nullptr,
            std::string error = "");
  void Broken(const std::string& error, std::stop_token stop);

  const Client client_;
  const WatchOptions options_;
  const std::function<void(const WatchEvent&)> on_event_;
  Store store_;

  // Of the thread alone.
  std::string resource_version_;  // where to go on; "": list first
  core::Duration pause_;
  std::minstd_rand random_{std::random_device{}()};

  std::jthread thread_;  // last: stops before the rest goes
};

core::Status Watch::Loop::WaitSynced(core::Duration wait_max, std::stop_token stop) const {
  Store::State& state = *store_.state_;
  std::unique_lock lock(state.mutex);
  if (state.changed.wait_for(lock, stop, wait_max, [&] { return state.synced; })) return core::Ok();
  if (stop.stop_requested()) return core::Cancelled("stopped");
  return core::Unavailable(fmt::format("{} is not listed after {}{}", deploy::Show(options_.type),
                                       core::Show(wait_max),
                                       state.fault.empty() ? "" : ": " + state.fault));
}

void Watch::Loop::Run(std::stop_token stop) {
  while (!stop.stop_requested()) {
    if (resource_version_.empty()) {
      if (core::Status listed = ListAll(stop); !listed) {
        Broken(listed.error().text(), stop);
        continue;
      }
    }
    // After a loss it goes on where it was; what is gone is listed again.
    if (Follow(stop) == End::kGone) resource_version_.clear();
  }
}

// Makes the store hold what the server lists, and tells the difference.
core::Status Watch::Loop::ListAll(std::stop_token stop) {
  core::Result<ListAnswer> all = client_.List(options_.type,
                                              {.namespace_name = options_.namespace_name,
                                               .label_selector = options_.label_selector,
                                               .field_selector = options_.field_selector},
                                              stop);
  if (!all) return all.error();
  std::set<core::ObjectRef> listed;
  for (core::Value& item : all->items) {
    listed.insert(core::RefOf(item));
    Keep(std::move(item));
  }
  for (const auto& object : store_.List()) {
    if (!listed.contains(core::RefOf(*object))) Drop(*object);
  }
  resource_version_ = all->resource_version;
  {
    const std::lock_guard lock(store_.state_->mutex);
    store_.state_->synced = true;
    store_.state_->fault.clear();
    store_.state_->changed.notify_all();
  }
  Tell(WatchEvent::What::kSynced);
  return core::Ok();
}

core::Result<net::Request> Watch::Loop::WatchRequest(std::stop_token stop) {
  core::Result<Call> call =
      client_.CallFor("GET", "watch", options_.type, options_.namespace_name, "", stop);
  if (!call) return call.error();
  AddQuery(&*call, "watch", "true");
  AddQuery(&*call, "allowWatchBookmarks", "true");
  AddQuery(&*call, "resourceVersion", resource_version_);
  if (!options_.label_selector.empty()) AddQuery(&*call, "labelSelector", options_.label_selector);
  if (!options_.field_selector.empty()) AddQuery(&*call, "fieldSelector", options_.field_selector);
  AddQuery(&*call, "timeoutSeconds",
           std::to_string(std::uniform_int_distribution<int>(kSecondsMin, kSecondsMax)(random_)));
  net::Request request = client_.RequestFor(*call);
  request.deadline = core::Duration(0);
  request.idle_max = options_.idle_max;
  return request;
}

core::Error Watch::Loop::Refusal(int status, Stream* stream, std::stop_token stop) const {
  Call call;
  call.verb = "watch";
  call.what = options_.type.kind;
  net::Response answer;
  answer.status = status;
  answer.body = stream->Rest(stop);
  return ErrorOf(call, answer);
}

Watch::Loop::End Watch::Loop::Follow(std::stop_token stop) {
  core::Result<net::Request> request = WatchRequest(stop);
  if (!request) {
    Broken(request.error().text(), stop);
    return End::kLost;
  }
  ++client_.shared_->requests_sent;
  Stream stream(client_.http(), std::move(*request), kQueueBytesMax);
  const core::Result<int> status = stream.Status(stop);
  if (!status || *status >= 400) {
    if (stop.stop_requested()) return End::kInOrder;
    Broken(status ? Refusal(*status, &stream, stop).text() : status.error().text(), stop);
    return status && *status == 410 ? End::kGone : End::kLost;
  }
  bool heard = false;
  while (std::optional<std::string> line = stream.NextLine(stop)) {
    if (const std::optional<std::string> fault = Take(*line)) {
      // Right after listing it must not go round at once for ever.
      if (!heard) Broken(*fault, stop);
      return End::kGone;
    }
    heard = true;
    pause_ = options_.pause_first;
  }
  if (stop.stop_requested()) return End::kInOrder;
  const core::Status end = stream.end();
  if (end && heard) return End::kInOrder;
  Broken(end ? "the watch ended at once" : end.error().text(), stop);
  return End::kLost;
}

// One event. A fault where the stream is of no more use: 410, or a server in trouble; listing
// mends both.
std::optional<std::string> Watch::Loop::Take(const std::string& line) {
  if (line.empty()) return std::nullopt;
  core::Result<core::Value> event = ParseFast(line);
  core::Value* object = event ? event->Find("object") : nullptr;
  if (!object || !object->is_map()) return "the server sent what is no event";
  const std::string& type = event->StringAt("type");
  if (type == "ERROR") return object->StringAt("message");
  std::string version = object->StringAt("metadata", "resourceVersion");
  if (type == "ADDED" || type == "MODIFIED") Keep(std::move(*object));
  if (type == "DELETED") Drop(std::move(*object));
  if (!version.empty()) resource_version_ = std::move(version);
  return std::nullopt;
}

void Watch::Loop::Keep(core::Value object) {
  const core::ObjectRef ref = core::RefOf(object);
  if (options_.trim) options_.trim(&object);
  Store::State::Kept kept{object.StringAt("metadata", "resourceVersion"), nullptr, nullptr};
  if (options_.packed) kept.json = std::make_shared<const std::string>(core::ToJson(object));
  const auto body = std::make_shared<const core::Value>(std::move(object));
  if (!options_.packed) kept.body = body;
  const std::string version = kept.version;
  std::optional<std::string> before;
  {
    const std::lock_guard lock(store_.state_->mutex);
    const auto [place, added] = store_.state_->objects.try_emplace(ref);
    if (!added) before = place->second.version;
    place->second = std::move(kept);
  }
  if (!before) return Tell(WatchEvent::What::kAdded, body);
  if (*before != version || version.empty()) Tell(WatchEvent::What::kModified, body);
}

void Watch::Loop::Drop(core::Value object) {
  const core::ObjectRef ref = core::RefOf(object);
  if (options_.trim) options_.trim(&object);
  {
    const std::lock_guard lock(store_.state_->mutex);
    if (store_.state_->objects.erase(ref) == 0) return;
  }
  Tell(WatchEvent::What::kDeleted, std::make_shared<const core::Value>(std::move(object)));
}

void Watch::Loop::Tell(WatchEvent::What what, std::shared_ptr<const core::Value> object,
                       std::string error) {
  if (on_event_) on_event_({what, std::move(object), std::move(error)});
}

// Tells a fault, then waits; longer each time until something comes.
void Watch::Loop::Broken(const std::string& error, std::stop_token stop) {
  if (stop.stop_requested()) return;
  {
    const std::lock_guard lock(store_.state_->mutex);
    store_.state_->fault = error;
  }
  Tell(WatchEvent::What::kBroken, nullptr, error);
  const core::Duration wait(
      std::uniform_int_distribution<int64_t>(pause_.count() / 2, pause_.count())(random_));
  pause_ = std::min(pause_ * 2, options_.pause_max);
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  wake.wait_for(lock, stop, wait, [] { return false; });
}

Watch::Watch(Client client, WatchOptions options, std::function<void(const WatchEvent&)> on_event)
    : loop_(std::make_unique<Loop>(std::move(client), std::move(options), std::move(on_event))) {}
Watch::~Watch() = default;

const Store& Watch::store() const { return loop_->store(); }
const WatchOptions& Watch::options() const { return loop_->options(); }

core::Status Watch::WaitSynced(core::Duration wait_max, std::stop_token stop) const {
  return loop_->WaitSynced(wait_max, stop);
}

}  // namespace headgate::deploy
