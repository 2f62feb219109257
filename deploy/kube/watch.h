#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/object.h"
#include "core/value.h"
#include "deploy/kube/client.h"

namespace headgate::deploy {

// The live objects of one watch. Safe to call from several threads; what it gives out is never
// changed afterwards.
class Store {
 public:
  Store();
  ~Store();
  std::shared_ptr<const core::Value> Get(const core::ObjectRef& ref) const;  // nullptr: not there
  std::vector<std::shared_ptr<const core::Value>> List() const;
  size_t size() const;
  bool synced() const;  // whether a first full listing is in

 private:
  friend class Watch;
  struct State;
  std::unique_ptr<State> state_;
};

struct WatchEvent {
  enum class What {
    kAdded,
    kModified,
    kDeleted,
    kSynced,  // the store holds all there is; `object` is empty. After each full listing.
    kBroken,  // the stream ended or could not be had; `error` says why. It tries again by itself.
  };
  What what = What::kSynced;
  std::shared_ptr<const core::Value> object;  // kDeleted: its last state
  std::string error;
};
std::string_view Show(WatchEvent::What what);  // "added", ...

struct WatchOptions {
  Type type;
  std::string namespace_name;  // empty: all
  std::string label_selector;
  std::string field_selector;
  // Called on each object before it is kept: drop what the owner never reads. May be empty.
  std::function<void(core::Value*)> trim;
  // Keeps objects as JSON, a tenth of the memory; each Get and List parses.
  bool packed = false;
  // No byte for so long means that the stream is dead. The server sends a bookmark each minute.
  core::Duration idle_max = std::chrono::seconds(100);
  core::Duration pause_first = std::chrono::milliseconds(250);  // after a fault; doubles, jitter
  core::Duration pause_max = std::chrono::seconds(30);
};

// Keeps a Store equal to what the cluster holds of one type: lists, then watches with bookmarks;
// goes on from the last resourceVersion after a loss; lists again after 410, and tells the
// difference as events. A type that is not served (its CRD is missing) is tried again with pauses.
//
// Bytes come on the I/O thread and are only queued there; a thread of this object parses, stores,
// then calls `on_event`, one call at a time. The callback may take its time, within reason: a queue
// of more than kQueueBytesMax ends the stream and lists again.
class Watch {
 public:
  static constexpr size_t kQueueBytesMax = 64 * 1024 * 1024;

  Watch(Client client, WatchOptions options, std::function<void(const WatchEvent&)> on_event);
  ~Watch();  // stops; no callback runs afterwards. Not to be called from the callback.

  const Store& store() const;
  const WatchOptions& options() const;
  // Until the first full listing is in; kUnavailable with the last fault when `wait_max` passed.
  core::Status WaitSynced(core::Duration wait_max, std::stop_token stop = {}) const;

 private:
  class Loop;
  std::unique_ptr<Loop> loop_;
};

}  // namespace headgate::deploy
