#include "net/loop.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <limits>

namespace headgate::net {
namespace {

// Of one identity to one host; more requests wait. HTTP/2 needs few, and curl would open one for
// each request that finds the first full; HTTP/1 needs one for each watch.
constexpr long kHttp2ConnectionsMax = 4;
constexpr long kHttp1ConnectionsMax = 256;
constexpr long kStreamsPerConnectionMax = 250;  // or what the server says
constexpr long kIdleConnectionsMax = 32;        // of one identity
constexpr int kEventsPerWait = 64;
constexpr uint64_t kWakeEvent = std::numeric_limits<uint64_t>::max();

core::BootTime Now() { return core::RealClock().SinceBoot(); }

}  // namespace

Descriptor::~Descriptor() { close(fd_); }

Inbox::Inbox() : wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

void Inbox::Wake() {
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(wake_.fd(), &one, sizeof one);
}

bool Inbox::Start(std::shared_ptr<Transfer> transfer) {
  {
    const std::lock_guard lock(mutex_);
    if (mail_.closed) return false;
    mail_.starts.push_back(std::move(transfer));
  }
  Wake();
  return true;
}

void Inbox::Drop(std::shared_ptr<Transfer> transfer) {
  {
    const std::lock_guard lock(mutex_);
    if (mail_.closed) return;  // the loop ends all of them
    mail_.drops.push_back(std::move(transfer));
  }
  Wake();
}

void Inbox::Close() {
  {
    const std::lock_guard lock(mutex_);
    mail_.closed = true;
  }
  Wake();
}

Inbox::Mail Inbox::Take() {
  uint64_t count = 0;
  [[maybe_unused]] const ssize_t got = read(wake_.fd(), &count, sizeof count);
  const std::lock_guard lock(mutex_);
  Mail mail{std::move(mail_.starts), std::move(mail_.drops), mail_.closed};
  mail_.starts.clear();
  mail_.drops.clear();
  return mail;
}

std::thread::id Inbox::thread() const {
  const std::lock_guard lock(mutex_);
  return thread_;
}

void Inbox::SetThread(std::thread::id thread) {
  const std::lock_guard lock(mutex_);
  thread_ = thread;
}

Loop::Loop() : epoll_(epoll_create1(EPOLL_CLOEXEC)) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = kWakeEvent;
  epoll_ctl(epoll_.fd(), EPOLL_CTL_ADD, inbox_->wake_fd(), &event);
  thread_ = std::jthread([this] { Run(); });
  inbox_->SetThread(thread_.get_id());
}

Loop::~Loop() {
  inbox_->Close();
  thread_.join();
}

void Loop::Run() {
  while (ReadInbox()) {
    EndOverdue();
    RunTimers();
    SweepPools();
    Wait();
  }
  EndAll();
}

bool Loop::ReadInbox() {
  Inbox::Mail mail = inbox_->Take();
  for (std::shared_ptr<Transfer>& transfer : mail.starts) Add(std::move(transfer));
  for (const std::shared_ptr<Transfer>& transfer : mail.drops) {
    End(transfer.get(), core::Cancelled("dropped"));
  }
  return !mail.closed;
}

void Loop::Add(std::shared_ptr<Transfer> transfer) {
  if (transfer->refused()) return transfer->Finish(*transfer->refused());
  Pool& pool = PoolOf(transfer->identity());
  Transfer* key = transfer.get();
  Running& running = running_.emplace(key, Running{std::move(transfer), &pool, {}}).first->second;
  ++pool.transfers;
  key->Prepare(&pool.http1_seen);
  SetDue(running);
  curl_multi_add_handle(pool.multi, key->easy());
  AllowHttp1(pool);
}

Loop::Pool& Loop::PoolOf(const std::shared_ptr<const Identity>& identity) {
  std::unique_ptr<Pool>& pool = pools_[PoolKey(identity)];
  if (pool != nullptr) return *pool;
  pool.reset(new Pool{this, ++last_pool_id_, curl_multi_init()});
  pools_by_id_[pool->id] = pool.get();
  curl_multi_setopt(pool->multi, CURLMOPT_SOCKETFUNCTION, &Loop::OnSocket);
  curl_multi_setopt(pool->multi, CURLMOPT_SOCKETDATA, pool.get());
  curl_multi_setopt(pool->multi, CURLMOPT_TIMERFUNCTION, &Loop::OnTimer);
  curl_multi_setopt(pool->multi, CURLMOPT_TIMERDATA, pool.get());
  curl_multi_setopt(pool->multi, CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX);
  curl_multi_setopt(pool->multi, CURLMOPT_MAX_CONCURRENT_STREAMS, kStreamsPerConnectionMax);
  curl_multi_setopt(pool->multi, CURLMOPT_MAX_HOST_CONNECTIONS, kHttp2ConnectionsMax);
  curl_multi_setopt(pool->multi, CURLMOPT_MAXCONNECTS, kIdleConnectionsMax);
  return *pool;
}

// Once it is clear that a server speaks no HTTP/2. curl wakes what waits for a connection only when
// a transfer ends, and a watch never does; so what was not yet sent is begun again.
void Loop::AllowHttp1(Pool& pool) {
  if (pool.http1_allowed || !pool.http1_seen) return;
  pool.http1_allowed = true;
  curl_multi_setopt(pool.multi, CURLMOPT_MAX_HOST_CONNECTIONS, kHttp1ConnectionsMax);
  for (const auto& [transfer, running] : running_) {
    if (running.pool != &pool || transfer->sent()) continue;
    curl_multi_remove_handle(pool.multi, transfer->easy());
    curl_multi_add_handle(pool.multi, transfer->easy());
  }
}

// A pool goes with its identity, so that nobody can use its connections later.
void Loop::SweepPools() {
  for (auto at = pools_.begin(); at != pools_.end();) {
    const bool anonymous = !at->first.owner_before(PoolKey()) && !PoolKey().owner_before(at->first);
    Pool& pool = *at->second;
    if (anonymous || pool.transfers > 0 || !at->first.expired()) {
      ++at;
      continue;
    }
    curl_multi_cleanup(pool.multi);
    pools_by_id_.erase(pool.id);
    at = pools_.erase(at);
  }
}

int Loop::OnSocket(CURL*, curl_socket_t socket, int what, void* pool_pointer, void*) {
  const Pool& pool = *static_cast<Pool*>(pool_pointer);
  const int epoll = pool.loop->epoll_.fd();
  epoll_event event{};
  event.data.u64 = uint64_t{pool.id} << 32 | static_cast<uint32_t>(socket);
  if ((what & CURL_POLL_IN) != 0 && what != CURL_POLL_REMOVE) event.events |= EPOLLIN;
  if ((what & CURL_POLL_OUT) != 0 && what != CURL_POLL_REMOVE) event.events |= EPOLLOUT;
  if (what == CURL_POLL_REMOVE) {
    epoll_ctl(epoll, EPOLL_CTL_DEL, socket, &event);  // fails where curl closed it before
  } else if (epoll_ctl(epoll, EPOLL_CTL_MOD, socket, &event) != 0) {
    epoll_ctl(epoll, EPOLL_CTL_ADD, socket, &event);
  }
  return 0;
}

int Loop::OnTimer(CURLM*, long ms, void* pool_pointer) {
  Pool& pool = *static_cast<Pool*>(pool_pointer);
  pool.due.reset();
  if (ms >= 0) pool.due = Now() + core::BootTime(ms);
  return 0;
}

void Loop::SetDue(Running& running) {
  Transfer* transfer = running.transfer.get();
  if (running.due) due_.erase({*running.due, transfer});
  running.due = transfer->Due();
  if (running.due) due_.emplace(*running.due, transfer);
}

// A byte received does not move the entry in due_; it is looked at again when its old time comes.
void Loop::EndOverdue() {
  const core::BootTime now = Now();
  while (!due_.empty() && due_.begin()->first <= now) {
    Transfer* transfer = due_.begin()->second;
    if (std::optional<core::Error> error = transfer->Overdue(now)) {
      End(transfer, *std::move(error));
    } else {
      SetDue(running_.at(transfer));
    }
  }
}

void Loop::RunTimers() {
  const core::BootTime now = Now();
  for (auto& [key, pool] : pools_) {
    if (!pool->due || *pool->due > now) continue;
    pool->due.reset();
    int still_running = 0;
    curl_multi_socket_action(pool->multi, CURL_SOCKET_TIMEOUT, 0, &still_running);
    ReadEnds(*pool);
  }
}

void Loop::ReadEnds(Pool& pool) {
  int left = 0;
  while (CURLMsg* message = curl_multi_info_read(pool.multi, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    const CURLcode code = message->data.result;  // the message dies with remove_handle
    char* self = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &self);
    auto* transfer = reinterpret_cast<Transfer*>(self);
    if (!transfer->Follow(code)) {
      End(transfer, transfer->Outcome(code));
      continue;
    }
    curl_multi_remove_handle(pool.multi, transfer->easy());
    transfer->Prepare(&pool.http1_seen);
    curl_multi_add_handle(pool.multi, transfer->easy());
  }
  AllowHttp1(pool);
}

// Nothing happens where it ended before.
void Loop::End(Transfer* transfer, core::Result<Response> result) {
  const auto at = running_.find(transfer);
  if (at == running_.end()) return;
  const Running running = std::move(at->second);
  running_.erase(at);
  if (running.due) due_.erase({*running.due, transfer});
  curl_multi_remove_handle(running.pool->multi, transfer->easy());
  --running.pool->transfers;
  transfer->Finish(std::move(result));
}

int Loop::WaitMs() const {
  std::optional<core::BootTime> due;
  if (!due_.empty()) due = due_.begin()->first;
  for (const auto& [key, pool] : pools_) {
    if (pool->due) due = due ? std::min(*due, *pool->due) : pool->due;
  }
  if (!due) return -1;
  const int64_t ms = (*due - Now()).count();
  return static_cast<int>(std::clamp<int64_t>(ms, 0, 3'600'000));
}

void Loop::Wait() {
  std::array<epoll_event, kEventsPerWait> events;
  const int count = epoll_wait(epoll_.fd(), events.data(), kEventsPerWait, WaitMs());
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<size_t>(i)];
    if (event.data.u64 == kWakeEvent) continue;
    const auto at = pools_by_id_.find(static_cast<uint32_t>(event.data.u64 >> 32));
    if (at == pools_by_id_.end()) continue;
    int what = 0;
    if ((event.events & EPOLLIN) != 0) what |= CURL_CSELECT_IN;
    if ((event.events & EPOLLOUT) != 0) what |= CURL_CSELECT_OUT;
    if ((event.events & (EPOLLERR | EPOLLHUP)) != 0) what |= CURL_CSELECT_ERR;
    int still_running = 0;
    curl_multi_socket_action(at->second->multi,
                             static_cast<curl_socket_t>(event.data.u64 & 0xffffffff), what,
                             &still_running);
    ReadEnds(*at->second);
  }
}

void Loop::EndAll() {
  while (!running_.empty()) {
    End(running_.begin()->first, core::Cancelled("the client was closed meanwhile"));
  }
  for (auto& [key, pool] : pools_) curl_multi_cleanup(pool->multi);
  pools_.clear();
}

}  // namespace headgate::net
