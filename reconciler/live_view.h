#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/object.h"
#include "core/result.h"
#include "core/value.h"
#include "deploy/inventory.h"
#include "deploy/kube/client.h"
#include "deploy/kube/watch.h"

namespace headgate::reconciler {

// What is live of all that Headgate deploys: one watch a kind, only objects that carry the label
// applyset.kubernetes.io/part-of, opened when the first application needs the kind. Our own writes
// are seen at once, whether or not the watch has brought them yet. Safe to call from several
// threads.
class LiveView {
 public:
  // `on_change` hears the application ("ns/name") of each object that changed; from the watches'
  // threads.
  LiveView(deploy::Client client, std::function<void(const std::string& application)> on_change);
  ~LiveView();

  // Opens the watches that these objects need and waits until each has listed once.
  core::Status Cover(const std::set<deploy::Type>& types, std::stop_token stop);

  // The live object; nullptr where there is none that is ours. Its kind must be covered.
  std::shared_ptr<const core::Value> Get(const core::ObjectRef& ref) const;
  // The last state of a hook that was deleted when it had ended; nullptr where there is none.
  std::shared_ptr<const core::Value> LastOf(const core::ObjectRef& ref) const;
  // What a write of ours has made of an object; nullptr: it was deleted.
  void Put(const core::ObjectRef& ref, std::shared_ptr<const core::Value> body);

 private:
  struct Kind {
    std::string group;
    std::string kind;
    friend auto operator<=>(const Kind&, const Kind&) = default;
  };
  struct Deletion {
    uint64_t version = 0;  // resourceVersion
    core::BootTime at{};
  };
  std::shared_ptr<deploy::Watch> WatchOf(const Kind& kind) const;
  std::shared_ptr<deploy::Watch> Open(const Kind& kind, const deploy::Type& type);
  void ForgetDeleted(const core::Value& last);
  void KeepEnded(const core::Value& last);
  bool Matters(const deploy::WatchEvent& event);

  const deploy::Client client_;
  const std::function<void(const std::string&)> on_change_;
  const core::RealClock clock_;

  mutable std::mutex mutex_;
  std::map<Kind, std::shared_ptr<deploy::Watch>> watches_;  // guarded by mutex_, as all below
  std::map<core::ObjectRef, int64_t> generations_;          // of Rollouts
  mutable std::map<core::ObjectRef, std::shared_ptr<const core::Value>>
      written_;  // ours, newer than the watch's
  // Deletions that a watch has told of late, which the answer to a write of ours may follow.
  std::map<core::ObjectRef, Deletion> deleted_;
  std::map<core::ObjectRef, std::shared_ptr<const core::Value>> ended_;  // see LastOf
};

// The kinds of objects and of an inventory.
std::set<deploy::Type> TypesOf(const core::Objects& objects, const deploy::Inventory& inventory);

}  // namespace headgate::reconciler
