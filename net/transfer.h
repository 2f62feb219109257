#pragma once

#include <curl/curl.h>

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "core/clock.h"
#include "net/http.h"
#include "net/url.h"

namespace headgate::net {

struct FreeEasy {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

// One request on its way. Made by the caller's thread, then used by the I/O thread alone, save for
// Drop and the flags that it reads.
class Transfer {
 public:
  Transfer(Request request, Http::Callbacks callbacks, core::BootTime now);

  const std::shared_ptr<const Identity>& identity() const { return request_.identity; }
  CURL* easy() const { return easy_.get(); }
  // What made the request impossible from the start.
  const std::optional<core::Error>& refused() const { return refused_; }
  bool dropped() const { return dropped_; }

  // Sets up the easy handle for the present URL. `*http1_seen` is set once it is clear that the
  // server does not speak HTTP/2.
  void Prepare(bool* http1_seen);
  // The request is on a connection, not waiting for one.
  bool sent() const;
  // When it must be looked at again: deadline or silence; nothing where neither is watched.
  std::optional<core::BootTime> Due() const;
  // The error where it is overdue.
  std::optional<core::Error> Overdue(core::BootTime now) const;

  // After curl is done with it: true where the answer was a redirect that is followed; then call
  // Prepare again. False: `Outcome` has the end.
  bool Follow(CURLcode code);
  core::Result<Response> Outcome(CURLcode code);

  // Calls `end` unless dropped, and lets Drop return. Then the transfer is over.
  void Finish(core::Result<Response> result);

  // Any thread: no callback begins any more.
  void Drop() { dropped_ = true; }
  // Any thread but the I/O thread: returns when Finish is through.
  void WaitUntilFinished();

 private:
  static size_t OnHeader(char* bytes, size_t size, size_t count, void* self);
  static size_t OnBody(char* bytes, size_t size, size_t count, void* self);
  static curl_socket_t OnSocketWanted(void* self, curlsocktype purpose, curl_sockaddr* address);
  static int OnSocketMade(void* self, curl_socket_t socket, curlsocktype purpose);

  core::Status Check();
  void SetMethod();
  void SetHeaders();
  void SetTrust();
  bool TakeHeaderLine(std::string_view line);
  bool TakeHead();
  bool TakeBody(std::string_view bytes);
  bool IsRedirect() const;
  core::Error In(core::Error error) const;  // "GET https://host/path: ..."

  Request request_;
  Http::Callbacks callbacks_;
  const core::BootTime started_;
  std::string authorization_;  // the header's value; empty: none
  std::optional<core::Error> refused_;

  std::unique_ptr<CURL, FreeEasy> easy_;
  std::unique_ptr<curl_slist, FreeList> header_list_;
  char curl_error_[CURL_ERROR_SIZE] = "";
  bool* http1_seen_ = nullptr;
  Url url_;              // where it goes now
  bool trusted_ = true;  // false once it was sent on to another origin
  int redirects_ = 0;
  Response response_;
  bool head_seen_ = false;
  size_t header_bytes_ = 0;
  core::BootTime last_byte_;
  std::optional<core::Error> failure_;  // why a callback ended the exchange

  std::atomic<bool> dropped_ = false;
  std::mutex mutex_;
  std::condition_variable finished_changed_;
  bool finished_ = false;  // guarded by mutex_
};

}  // namespace headgate::net
