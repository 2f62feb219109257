#pragma once

#include <httplib.h>

#include <string>
#include <thread>

namespace headgate::test {

// An httplib server on a free port of 127.0.0.1, from Listen to the end of its life. A template
// because SSLServer's destructor needs its own stop.
template <class Server>
class Loopback {
 public:
  template <class... Arguments>
  explicit Loopback(Arguments&&... arguments) : server_(std::forward<Arguments>(arguments)...) {
    server_.set_tcp_nodelay(true);
    server_.set_keep_alive_timeout(1);
    server_.new_task_queue = [] { return new httplib::ThreadPool(32); };
  }
  ~Loopback() {
    server_.stop();
    if (thread_.joinable()) thread_.join();
  }

  Server& operator*() { return server_; }
  Server* operator->() { return &server_; }

  // After the handlers are set.
  void Listen() {
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();
  }
  int port() const { return port_; }
  std::string Url(const std::string& path, const std::string& host = "127.0.0.1") const {
    const bool tls = std::is_same_v<Server, httplib::SSLServer>;
    return (tls ? "https://" : "http://") + host + ":" + std::to_string(port_) + path;
  }

 private:
  Server server_;
  int port_ = 0;
  std::thread thread_;
};

}  // namespace headgate::test
