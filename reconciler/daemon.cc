#include "reconciler/daemon.h"

#include <spdlog/spdlog.h>

#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "core/hash.h"
#include "deploy/events.h"
#include "deploy/kube/client.h"
#include "deploy/kube/watch.h"
#include "deploy/lease.h"
#include "git/mirrors.h"
#include "reconciler/http_server.h"
#include "reconciler/look.h"
#include "reconciler/metrics.h"
#include "reconciler/queue.h"
#include "reconciler/webhook.h"
#include "templating/file_cache.h"

namespace headgate::reconciler {
namespace {

constexpr core::Duration kGather =
    std::chrono::milliseconds(20);  // changes within it cause one look
constexpr core::Duration kFollowerPause = std::chrono::seconds(1);
constexpr core::Duration kGrace = std::chrono::seconds(20);  // for looks under way at a clean stop
constexpr core::Duration kEventsFlush = std::chrono::seconds(2);
constexpr core::Duration kStuckAfter =
    std::chrono::minutes(15);  // a look that takes so long is a defect

// Whether the time passed without a stop.
bool Sleep(std::stop_token stop, core::Duration time) {
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::unique_lock lock(mutex);
  stopped.wait_for(lock, stop, time, [] { return false; });
  return !stop.stop_requested();
}

core::ObjectRef ApplicationRef(const std::string& name) {
  const size_t slash = name.find('/');
  return {core::kGroup, "Application", name.substr(0, slash), name.substr(slash + 1)};
}

std::string NameOfApplication(const core::Value& body) {
  return core::NamespaceOf(body) + "/" + core::NameOf(body);
}

// Everything that lives as long as the process, in the order in which it is made.
class Daemon {
 public:
  Daemon(const deploy::Client& client, git::Mirrors* mirrors, const DaemonOptions& options,
         const core::Clock* clock)
      : options_(options),
        clock_(clock),
        client_(client),
        mirrors_(mirrors),
        lease_(client_,
               {.namespace_name = options.namespace_name,
                .name = "headgate",
                .holder = options.identity},
               clock),
        events_(client_, clock, options.identity),
        queue_(clock),
        webhook_(HookWorld(), clock),
        view_(client_, [this](const std::string& application) {
          News(application);
          queue_.AddAfter(application, kGather);
        }) {}

  core::Status Run(std::stop_token stop);

 private:
  core::Status Serve();
  void WatchApplications();
  void Work(std::stop_token stop);
  void LookAt(const std::string& name, const deploy::Reign& reign);
  static void Log(const std::string& name, const Look& look, Memory* memory);
  Memory& MemoryOf(const std::string& name, const core::Value& live, const deploy::Reign& reign);
  std::shared_ptr<deploy::RecordIndex> IndexOf(const deploy::Reign& reign);
  void Forget(const std::string& name);
  void WakeDependents(const std::string& name);
  void NoteLook(const std::string& name, const Look& look, const Memory& memory);
  void NoteReady(const std::string& name, const std::string& commit);
  bool Significant(const core::Value& application);
  void News(const std::string& name);
  uint64_t NewsOf(const std::string& name) const;
  Webhook::World HookWorld();
  core::Status Healthy() const;
  core::Status Ready() const;

  const DaemonOptions& options_;
  const core::Clock* const clock_;
  const deploy::Client client_;
  git::Mirrors* const mirrors_;
  templating::FileCache files_;
  deploy::Lease lease_;
  deploy::Events events_;
  deploy::Applied applied_;
  Metrics metrics_;
  Queue queue_;
  Webhook webhook_;
  LiveView view_;
  std::stop_source cut_off_;  // ends even the looks that are under way

  mutable std::mutex mutex_;
  std::map<std::string, std::unique_ptr<Memory>> memories_;  // guarded by mutex_, as all below
  std::map<std::string, std::string> last_seen_;  // of each Application, what matters of it
  std::shared_ptr<deploy::RecordIndex> index_;
  decltype(deploy::Reign::number) index_of_{};
  std::map<std::string, uint64_t> news_;  // how often something of it changed in the cluster
  std::map<std::string, core::BootTime> working_since_;
  std::map<std::string, std::set<std::string>> dependents_;  // of each that somebody waits for
  std::map<std::string, std::string> ready_at_;              // the commit at which each is ready

  // Last: their threads use what is above, and the server's look at the watch.
  std::unique_ptr<deploy::Watch> applications_;
  std::unique_ptr<HttpServer> server_;
};

core::Status Daemon::Serve() {
  HttpServer::Handlers handlers;
  handlers.metrics = [this] {
    metrics_.Queue(queue_.size());
    metrics_.ApiRequests(client_.requests_sent());
    metrics_.Leads(lease_.MayWrite());
    return metrics_.Text();
  };
  handlers.healthy = [this] { return Healthy(); };
  handlers.ready = [this] { return Ready(); };
  handlers.hook = [this](const HookCall& call) { return webhook_.Hear(call); };
  core::Result<std::unique_ptr<HttpServer>> server =
      HttpServer::Start(options_.listen, std::move(handlers));
  if (!server) return server.error();
  server_ = std::move(*server);
  spdlog::info("listening at port {}", server_->port());
  return core::Ok();
}

Webhook::World Daemon::HookWorld() {
  Webhook::World world;
  world.receivers = [this](const std::string& name) {
    std::vector<Webhook::Receiver> receivers;
    for (const auto& application : applications_->store().List()) {
      if (application->StringAt("spec", "source", "webhook", "secretRef", "name") != name) continue;
      receivers.push_back({core::NamespaceOf(*application), NameOfApplication(*application),
                           application->StringAt("spec", "source", "url")});
    }
    return receivers;
  };
  world.secret = [this](const std::string& namespace_name,
                        const std::string& name) -> core::Result<std::string> {
    const core::Result<core::Value> secret =
        client_.Get({"v1", "Secret"}, namespace_name, name, cut_off_.get_token());
    if (!secret) return secret.error();
    core::Result<std::string> token = core::FromBase64(secret->StringAt("data", "token"));
    // As an editor leaves it at the end of a file.
    while (token && token->ends_with('\n')) token->pop_back();
    return token;
  };
  world.wake = [this](const std::vector<Webhook::Receiver>& receivers) {
    std::set<std::string> urls;
    for (const Webhook::Receiver& each : receivers) urls.insert(each.url);
    for (const std::string& url : urls) mirrors_->Expire(url);
    for (const Webhook::Receiver& each : receivers) queue_.Add(each.application);
  };
  return world;
}

core::Status Daemon::Healthy() const {
  const std::lock_guard lock(mutex_);
  for (const auto& [name, since] : working_since_) {
    if (clock_->SinceBoot() - since > kStuckAfter)
      return core::Internal("the look at " + name + " does not end");
  }
  return core::Ok();
}

core::Status Daemon::Ready() const {
  if (!applications_->store().synced()) return core::Unavailable("Applications are not listed yet");
  return core::Ok();
}

// The status is our own writing; what else changed is worth a look.
bool Daemon::Significant(const core::Value& application) {
  std::string matters = application.StringAt("metadata", "uid") + "/" +
                        std::to_string(application.IntAt(0, "metadata", "generation")) + "/" +
                        application.StringAt("metadata", "deletionTimestamp") + "/" +
                        core::AnnotationOf(application, core::kRequestAnnotation);
  const std::lock_guard lock(mutex_);
  std::string& last = last_seen_[NameOfApplication(application)];
  return std::exchange(last, matters) != matters;
}

void Daemon::News(const std::string& name) {
  const std::lock_guard lock(mutex_);
  ++news_[name];
}

uint64_t Daemon::NewsOf(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  const auto at = news_.find(name);
  return at == news_.end() ? 0 : at->second;
}

void Daemon::WatchApplications() {
  deploy::WatchOptions options;
  options.type = {core::kApiVersion, "Application"};
  options.trim = [](core::Value* body) {
    if (core::Value* metadata = body->Find("metadata")) metadata->MakeMap().Erase("managedFields");
  };
  applications_ =
      std::make_unique<deploy::Watch>(client_, options, [this](const deploy::WatchEvent& event) {
        if (event.what == deploy::WatchEvent::What::kBroken) {
          spdlog::warn("watch of Applications: {}", event.error);
        }
        if (!event.object) return;
        const bool gone = event.what == deploy::WatchEvent::What::kDeleted;
        const std::string name = NameOfApplication(*event.object);
        WakeDependents(name);
        if (!Significant(*event.object) && !gone) return;
        News(name);
        queue_.Add(name);
      });
}

// Called with the mutex. Records may have been written by who led before.
std::shared_ptr<deploy::RecordIndex> Daemon::IndexOf(const deploy::Reign& reign) {
  if (!index_ || index_of_ != reign.number) {
    index_ = std::make_shared<deploy::RecordIndex>(client_);
    index_of_ = reign.number;
  }
  return index_;
}

Memory& Daemon::MemoryOf(const std::string& name, const core::Value& live,
                         const deploy::Reign& reign) {
  const std::lock_guard lock(mutex_);
  std::unique_ptr<Memory>& memory = memories_[name];
  // What was remembered before another process led, or of another Application of this name, is
  // worth nothing.
  const std::string life = live.StringAt("metadata", "uid") + "/" + std::to_string(reign.number);
  if (!memory || memory->life != life) {
    memory = std::make_unique<Memory>(Source(mirrors_, client_, clock_, &files_),
                                      Releases(deploy::Records(client_, live), IndexOf(reign)));
    memory->life = life;
  }
  return *memory;
}

void Daemon::Forget(const std::string& name) {
  metrics_.Forget(name);
  const std::lock_guard lock(mutex_);
  memories_.erase(name);
  last_seen_.erase(name);
  news_.erase(name);
  ready_at_.erase(name);
}

// What others wait for is told to them at once.
void Daemon::NoteLook(const std::string& name, const Look& look, const Memory& memory) {
  bool ready = false;
  for (const core::Value& condition : memory.status.ListAt("conditions")) {
    ready =
        ready || (condition.StringAt("type") == "Ready" && condition.StringAt("status") == "True");
  }
  {
    const std::lock_guard lock(mutex_);
    for (auto& [other, waiting] : dependents_) waiting.erase(name);
    for (const std::string& other : look.waits_for()) dependents_[other].insert(name);
    std::erase_if(dependents_, [](const auto& each) { return each.second.empty(); });
  }
  NoteReady(name, ready && !look.error() ? memory.newest : "");
}

void Daemon::NoteReady(const std::string& name, const std::string& commit) {
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(ready_at_[name], commit) == commit) return;
  }
  WakeDependents(name);
}

void Daemon::WakeDependents(const std::string& name) {
  std::set<std::string> waiting;
  {
    const std::lock_guard lock(mutex_);
    if (const auto at = dependents_.find(name); at != dependents_.end()) waiting = at->second;
  }
  for (const std::string& each : waiting) queue_.Add(each);
}

// Trouble is told once, until something else is the matter or it is over.
void Daemon::Log(const std::string& name, const Look& look, Memory* memory) {
  const Report& report = look.report();
  const std::string revision(core::Short(report.revision, 7));
  spdlog::debug("{} {}: {}", name, revision, Summary(report));
  const bool troubled = look.error() && report.trouble != Trouble::kNone;
  const std::string trouble =
      troubled ? fmt::format("{}: {}", Show(report.trouble), look.error()->text()) : "";
  if (std::exchange(memory->said, trouble) == trouble || !troubled) return;
  spdlog::warn("{} {}: {}", name, revision, trouble);
}

void Daemon::LookAt(const std::string& name, const deploy::Reign& reign) {
  const std::shared_ptr<const core::Value> live = applications_->store().Get(ApplicationRef(name));
  if (!live) return Forget(name);
  const core::BootTime began = clock_->SinceBoot();
  Memory& memory = MemoryOf(name, *live, reign);
  const uint64_t news = NewsOf(name);
  if (memory.news == news) {
    if (const std::optional<core::Duration> again = StillSettled(&memory, cut_off_.get_token())) {
      metrics_.Looked("ok", clock_->SinceBoot() - began);
      NoteReady(name, memory.newest);
      return queue_.AddAfter(name, *again);
    }
  }
  memory.news = news;  // what comes during the look makes another one
  const Parts parts = {.clock = clock_,
                       .client = client_,
                       .http = client_.http(),
                       .mirrors = mirrors_,
                       .view = &view_,
                       .applied = &applied_,
                       .events = &events_,
                       .lease = &lease_,
                       .prometheus = options_.prometheus,
                       .applications = &applications_->store(),
                       .looked_at =
                           [this](const std::string& other) {
                             const std::lock_guard lock(mutex_);
                             const auto at = ready_at_.find(other);
                             return at == ready_at_.end() ? "" : at->second;
                           },
                       .watching_since = reign.since};
  Look look(parts, &memory, live, cut_off_.get_token());
  const core::Duration again = look.Run();
  const Report& report = look.report();
  metrics_.Looked(look.error() ? core::Show(look.error()->fault()) : "ok",
                  clock_->SinceBoot() - began);
  metrics_.Application(name, Summary(report) == "Healthy", report.position);
  Log(name, look, &memory);
  NoteLook(name, look, memory);
  queue_.AddAfter(name, again);
}

void Daemon::Work(std::stop_token stop) {
  while (std::optional<std::string> name = queue_.Take(stop)) {
    const std::optional<deploy::Reign> reign = lease_.reign();
    if (!reign) {  // another process leads; be ready to go on
      queue_.Done(*name);
      queue_.AddAfter(*name, kFollowerPause);
      continue;
    }
    {
      const std::lock_guard lock(mutex_);
      working_since_[*name] = clock_->SinceBoot();
    }
    LookAt(*name, *reign);
    {
      const std::lock_guard lock(mutex_);
      working_since_.erase(*name);
    }
    queue_.Done(*name);
  }
}

core::Status Daemon::Run(std::stop_token stop) {
  WatchApplications();
  if (core::Status served = Serve(); !served) return served;
  lease_.Start([this](bool held) {
    if (held) {
      spdlog::info("leading as {}", options_.identity);
      // Those that a worker put off until somebody leads.
      for (const auto& application : applications_->store().List())
        queue_.Add(NameOfApplication(*application));
    }
    if (!held)
      spdlog::info("not leading; {} does", lease_.holder().empty() ? "nobody" : lease_.holder());
  });
  {
    std::vector<std::jthread> workers;
    for (int i = 0; i < options_.workers; ++i) {
      workers.emplace_back([this, stop] { Work(stop); });
    }
    Sleep(stop, std::chrono::hours(24 * 365));
    spdlog::info("stopping");
    const std::jthread last_call([this](std::stop_token ended) {
      if (Sleep(ended, kGrace)) cut_off_.request_stop();
    });
    workers.clear();  // they end what they are at
  }
  events_.Flush(kEventsFlush);
  lease_.Stop();
  return core::Ok();
}

}  // namespace

core::Status RunDaemon(const deploy::Client& client, git::Mirrors* mirrors,
                       const DaemonOptions& options, const core::Clock* clock,
                       std::stop_token stop) {
  return Daemon(client, mirrors, options, clock).Run(stop);
}

}  // namespace headgate::reconciler
