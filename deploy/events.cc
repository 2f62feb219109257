#include "deploy/events.h"

#include <fmt/format.h>

#include <condition_variable>
#include <deque>
#include <list>
#include <map>
#include <mutex>
#include <thread>

#include "core/hash.h"
#include "core/object.h"

namespace headgate::deploy {
namespace {

const Type kEvents = {"v1", "Event"};

std::string Cut(std::string text) {
  if (text.size() <= Events::kMessageBytesMax) return text;
  size_t end = Events::kMessageBytesMax - 3;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end) + "...";
}

// What is said: equal ones are one event.
struct Said {
  core::Value about;  // an ObjectReference
  std::string type;
  std::string reason;
  std::string message;

  std::string Key() const { return core::ContentHash(core::List{about, type, reason, message}); }
};

struct Waiting {
  Said said;
  core::Time at;
};

// An event that is written, so that its repetition only counts.
struct Known {
  std::string key;
  std::string namespace_name;
  std::string name;
  int64_t count = 1;
  core::Time last;
};

core::Value ReferenceTo(const core::Value& about) {
  core::Map reference{{"apiVersion", about.StringAt("apiVersion")},
                      {"kind", about.StringAt("kind")},
                      {"name", core::NameOf(about)}};
  if (!core::NamespaceOf(about).empty()) reference.Set("namespace", core::NamespaceOf(about));
  if (const std::string& uid = about.StringAt("metadata", "uid"); !uid.empty()) {
    reference.Set("uid", uid);
  }
  return reference;
}

}  // namespace

struct Events::State {
  State(Client c, const core::Clock* k, std::string i)
      : client(std::move(c)), clock(k), instance(std::move(i)) {}

  void Run(std::stop_token stop);
  bool Write(const Waiting& waiting, std::stop_token stop);
  bool Repeat(Known* known, core::Time at, std::stop_token stop);
  core::Value Body(const Waiting& waiting, const std::string& name) const;

  const Client client;
  const core::Clock* const clock;
  const std::string instance;

  // Of the writing thread alone: the latest first, and by key.
  std::list<Known> known;
  std::map<std::string, std::list<Known>::iterator> by_key;
  uint64_t written = 0;

  std::mutex mutex;
  std::condition_variable_any changed;
  std::deque<Waiting> queue;  // guarded by mutex
  bool busy = false;          // guarded by mutex
  size_t dropped = 0;         // guarded by mutex

  std::jthread thread;  // last: stops before the rest goes
};

core::Value Events::State::Body(const Waiting& waiting, const std::string& name) const {
  const std::string& ns = waiting.said.about.StringAt("namespace");
  const std::string at = core::Show(waiting.at);
  return core::Map{
      {"apiVersion", "v1"},
      {"kind", "Event"},
      {"metadata", core::Map{{"name", name}, {"namespace", ns.empty() ? "default" : ns}}},
      {"involvedObject", waiting.said.about},
      {"type", waiting.said.type},
      {"reason", waiting.said.reason},
      {"message", waiting.said.message},
      {"firstTimestamp", at},
      {"lastTimestamp", at},
      {"count", 1},
      {"source", core::Map{{"component", "headgate"}}},
      {"reportingComponent", "headgate"},
      {"reportingInstance", instance}};
}

bool Events::State::Repeat(Known* again, core::Time at, std::stop_token stop) {
  const core::Result<core::Value> patched = client.Patch(
      kEvents, again->namespace_name, again->name,
      core::Map{{"count", again->count + 1}, {"lastTimestamp", core::Show(at)}}, {}, stop);
  if (!patched) return false;
  ++again->count;
  again->last = at;
  return true;
}

bool Events::State::Write(const Waiting& waiting, std::stop_token stop) {
  const std::string key = waiting.said.Key();
  if (const auto found = by_key.find(key); found != by_key.end()) {
    const std::list<Known>::iterator again = found->second;
    if (waiting.at - again->last < kSameWindow && Repeat(&*again, waiting.at, stop)) {
      known.splice(known.begin(), known, again);
      return true;
    }
    known.erase(again);  // too long ago, or the server has forgotten it
    by_key.erase(found);
  }
  const std::string name =
      fmt::format("{}.{:x}{:04x}{}", waiting.said.about.StringAt("name").substr(0, 200),
                  waiting.at.time_since_epoch().count(), ++written & 0xffff, core::Short(key, 6));
  const core::Value body = Body(waiting, name);
  if (!client.Create(body, stop)) return false;
  known.push_front({key, core::NamespaceOf(body), name, 1, waiting.at});
  by_key[key] = known.begin();
  if (known.size() > kKnownMax) {
    by_key.erase(known.back().key);
    known.pop_back();
  }
  return true;
}

void Events::State::Run(std::stop_token stop) {
  std::unique_lock lock(mutex);
  while (changed.wait(lock, stop, [this] { return !queue.empty(); })) {
    const Waiting waiting = std::move(queue.front());
    queue.pop_front();
    busy = true;
    lock.unlock();
    const bool done = Write(waiting, stop);
    lock.lock();
    busy = false;
    if (!done) ++dropped;
    changed.notify_all();
  }
}

Events::Events(Client client, const core::Clock* clock, std::string instance)
    : state_(std::make_unique<State>(std::move(client), clock, std::move(instance))) {
  State* state = state_.get();
  state->thread = std::jthread([state](std::stop_token stop) { state->Run(stop); });
}

Events::~Events() = default;

void Events::Emit(const core::Value& about, EventType type, std::string reason,
                  std::string message) {
  Waiting waiting{{ReferenceTo(about), type == EventType::kNormal ? "Normal" : "Warning",
                   std::move(reason), Cut(std::move(message))},
                  state_->clock->Now()};
  const std::lock_guard lock(state_->mutex);
  if (state_->queue.size() >= kQueueMax) {
    state_->queue.pop_front();
    ++state_->dropped;
  }
  state_->queue.push_back(std::move(waiting));
  state_->changed.notify_all();
}

bool Events::Flush(core::Duration wait_max) {
  std::unique_lock lock(state_->mutex);
  return state_->changed.wait_for(lock, wait_max,
                                  [this] { return state_->queue.empty() && !state_->busy; });
}

size_t Events::dropped() const {
  const std::lock_guard lock(state_->mutex);
  return state_->dropped;
}

}  // namespace headgate::deploy
