#pragma once

#include <curl/curl.h>

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <thread>
#include <unordered_map>
#include <vector>

#include "core/clock.h"
#include "net/transfer.h"

namespace headgate::net {

// A descriptor, closed at the end.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor();
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int fd() const { return fd_; }

 private:
  const int fd_;
};

// What other threads tell the I/O thread. Outlives the loop where an Exchange does.
class Inbox {
 public:
  struct Mail {
    std::vector<std::shared_ptr<Transfer>> starts, drops;
    bool closed = false;
  };

  Inbox();
  // False: closed, nobody will read it.
  bool Start(std::shared_ptr<Transfer> transfer);
  void Drop(std::shared_ptr<Transfer> transfer);
  void Close();
  Mail Take();
  int wake_fd() const { return wake_.fd(); }

  // The I/O thread; for callers that must not wait for themselves.
  std::thread::id thread() const;
  void SetThread(std::thread::id thread);

 private:
  void Wake();

  const Descriptor wake_;
  mutable std::mutex mutex_;
  Mail mail_;               // guarded by mutex_
  std::thread::id thread_;  // guarded by mutex_
};

// The I/O thread: epoll over all pools, and the transfers' deadlines.
class Loop {
 public:
  Loop();
  ~Loop();  // ends all transfers with kCancelled

  const std::shared_ptr<Inbox>& inbox() const { return inbox_; }

 private:
  // The connections of one identity.
  struct Pool {
    Loop* loop;
    uint32_t id;
    CURLM* multi;
    size_t transfers = 0;
    std::optional<core::BootTime> due = {};  // when curl wants to be called
    bool http1_seen = false;     // a server of it does not speak HTTP/2 (set by its transfers)
    bool http1_allowed = false;  // so that it may have many connections
  };
  struct Running {
    std::shared_ptr<Transfer> transfer;
    Pool* pool;
    std::optional<core::BootTime> due;  // its entry in due_
  };
  using PoolKey = std::weak_ptr<const Identity>;

  static int OnSocket(CURL* easy, curl_socket_t socket, int what, void* pool, void* unused);
  static int OnTimer(CURLM* multi, long ms, void* pool);

  void Run();
  bool ReadInbox();
  void Add(std::shared_ptr<Transfer> transfer);
  Pool& PoolOf(const std::shared_ptr<const Identity>& identity);
  void AllowHttp1(Pool& pool);
  void SweepPools();
  void EndOverdue();
  void RunTimers();
  void ReadEnds(Pool& pool);
  void End(Transfer* transfer, core::Result<Response> result);
  void SetDue(Running& running);
  int WaitMs() const;
  void Wait();
  void EndAll();

  const std::shared_ptr<Inbox> inbox_ = std::make_shared<Inbox>();
  const Descriptor epoll_;
  // The rest is the I/O thread's.
  uint32_t last_pool_id_ = 0;
  std::map<PoolKey, std::unique_ptr<Pool>, std::owner_less<PoolKey>> pools_;
  std::unordered_map<uint32_t, Pool*> pools_by_id_;
  std::unordered_map<Transfer*, Running> running_;
  std::set<std::pair<core::BootTime, Transfer*>> due_;
  std::jthread thread_;  // last: it uses the others
};

}  // namespace headgate::net
