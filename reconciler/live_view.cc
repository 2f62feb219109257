#include "reconciler/live_view.h"

#include <charconv>

#include "core/application.h"
#include "deploy/hooks.h"

namespace headgate::reconciler {
namespace {

constexpr core::Duration kSyncMax = std::chrono::seconds(20);
// How long the answer to a write may take to come after the watch's news of a later deletion.
constexpr core::Duration kDeletionKept = std::chrono::minutes(2);
constexpr size_t kDeletionsMany = 1000;
constexpr size_t kEndedMax = 1000;  // hooks whose last state is kept

// resourceVersions of one object grow (etcd's revision); 0 where it is no number.
uint64_t VersionOf(const core::Value& body) {
  const std::string& text = body.StringAt("metadata", "resourceVersion");
  uint64_t version = 0;
  std::from_chars(text.data(), text.data() + text.size(), version);
  return version;
}

}  // namespace

LiveView::LiveView(deploy::Client client, std::function<void(const std::string&)> on_change)
    : client_(std::move(client)), on_change_(std::move(on_change)) {}

LiveView::~LiveView() {
  std::map<Kind, std::shared_ptr<deploy::Watch>> watches;
  {
    const std::lock_guard lock(mutex_);
    watches.swap(watches_);  // their threads may be in Get(), so they end without the lock
  }
}

std::shared_ptr<deploy::Watch> LiveView::WatchOf(const Kind& kind) const {
  const std::lock_guard lock(mutex_);
  const auto at = watches_.find(kind);
  return at == watches_.end() ? nullptr : at->second;
}

std::shared_ptr<deploy::Watch> LiveView::Open(const Kind& kind, const deploy::Type& type) {
  deploy::WatchOptions options;
  options.type = type;
  options.label_selector = core::kPartOfLabel;
  options.packed = true;
  auto on_event = [this](const deploy::WatchEvent& event) {
    if (!event.object) return;
    if (event.what == deploy::WatchEvent::What::kDeleted) {
      ForgetDeleted(*event.object);
      KeepEnded(*event.object);
    }
    const std::string& app = core::AnnotationOf(*event.object, deploy::kApplicationAnnotation);
    if (!app.empty() && Matters(event)) on_change_(app);
  };
  // Made under the lock: of two that one made too many, the end would wait for a callback that
  // waits for the lock.
  const std::lock_guard lock(mutex_);
  std::shared_ptr<deploy::Watch>& watch = watches_[kind];
  if (!watch) watch = std::make_shared<deploy::Watch>(client_, options, std::move(on_event));
  return watch;
}

core::Status LiveView::Cover(const std::set<deploy::Type>& types, std::stop_token stop) {
  std::vector<std::shared_ptr<deploy::Watch>> wanted;
  for (const deploy::Type& type : types) {
    const Kind kind{core::ParseApiVersion(type.api_version).group, type.kind};
    std::shared_ptr<deploy::Watch> watch = WatchOf(kind);
    if (!watch) {
      // A kind that nobody serves yet (its CRD comes with the same commit) has no objects to watch.
      const core::Result<deploy::Resource> served = client_.ResourceFor(type, stop);
      if (!served && served.error().fault() == core::Fault::kNotFound) continue;
      if (!served) return served.error();
      watch = Open(kind, type);
    }
    wanted.push_back(std::move(watch));
  }
  for (const auto& watch : wanted) {
    if (core::Status synced = watch->WaitSynced(kSyncMax, stop); !synced) {
      return synced.error().In("watch " + deploy::Show(watch->options().type));
    }
  }
  return core::Ok();
}

// A Rollout's status is written by ourselves at every look; only its spec is news.
bool LiveView::Matters(const deploy::WatchEvent& event) {
  if (!core::IsKind(*event.object, core::kGroup, "Rollout")) return true;
  const int64_t generation = event.object->IntAt(0, "metadata", "generation");
  const std::lock_guard lock(mutex_);
  const int64_t before = std::exchange(generations_[core::RefOf(*event.object)], generation);
  return event.what == deploy::WatchEvent::What::kDeleted || before != generation;
}

void LiveView::ForgetDeleted(const core::Value& last) {
  const core::ObjectRef ref = core::RefOf(last);
  const uint64_t version = VersionOf(last);
  const core::BootTime now = clock_.SinceBoot();
  const std::lock_guard lock(mutex_);
  if (deleted_.size() >= kDeletionsMany) {
    std::erase_if(deleted_,
                  [&](const auto& entry) { return now - entry.second.at > kDeletionKept; });
  }
  deleted_[ref] = {version, now};
  const auto ours = written_.find(ref);
  if (ours == written_.end()) return;
  const bool same = ours->second->StringAt("metadata", "uid") == last.StringAt("metadata", "uid");
  // Another uid: made anew meanwhile, unless that was deleted too.
  if (same || VersionOf(*ours->second) < version) written_.erase(ours);
}

void LiveView::KeepEnded(const core::Value& last) {
  if (core::AnnotationOf(last, deploy::kHookRunAnnotation).empty()) return;
  const std::string& phase = last.StringAt("status", "phase");
  bool ended = phase == "Succeeded" || phase == "Failed";
  for (const core::Value& condition : last.ListAt("status", "conditions")) {
    const std::string& type = condition.StringAt("type");
    ended = ended ||
            ((type == "Complete" || type == "Failed") && condition.StringAt("status") == "True");
  }
  if (!ended) return;
  core::Value body = last;
  body.MakeMap()["metadata"].MakeMap().Erase("deletionTimestamp");
  const std::lock_guard lock(mutex_);
  if (ended_.size() >= kEndedMax) ended_.clear();
  ended_[core::RefOf(last)] = std::make_shared<const core::Value>(std::move(body));
}

std::shared_ptr<const core::Value> LiveView::LastOf(const core::ObjectRef& ref) const {
  const std::lock_guard lock(mutex_);
  const auto at = ended_.find(ref);
  return at == ended_.end() ? nullptr : at->second;
}

std::shared_ptr<const core::Value> LiveView::Get(const core::ObjectRef& ref) const {
  const std::shared_ptr<deploy::Watch> watch = WatchOf({ref.group, ref.kind});
  std::shared_ptr<const core::Value> seen = watch ? watch->store().Get(ref) : nullptr;
  const std::lock_guard lock(mutex_);
  const auto ours = written_.find(ref);
  if (ours == written_.end()) return seen;
  if (!seen || VersionOf(*seen) < VersionOf(*ours->second)) return ours->second;
  written_.erase(ours);  // the watch has caught up
  return seen;
}

void LiveView::Put(const core::ObjectRef& ref, std::shared_ptr<const core::Value> body) {
  const std::lock_guard lock(mutex_);
  if (!body) {
    written_.erase(ref);
    return;
  }
  // The answer to a write may come after the watch's news that somebody has deleted the object.
  const auto gone = deleted_.find(ref);
  if (gone != deleted_.end() && VersionOf(*body) < gone->second.version) return;
  written_[ref] = std::move(body);
}

std::set<deploy::Type> TypesOf(const core::Objects& objects, const deploy::Inventory& inventory) {
  std::set<deploy::Type> types;
  for (const core::Object& object : objects) types.insert(deploy::TypeOf(object.body));
  for (const deploy::InventoryItem& item : inventory)
    types.insert({deploy::ApiVersionOf(item), item.ref.kind});
  return types;
}

}  // namespace headgate::reconciler
