#include "git/smart_http.h"

#include <fmt/format.h>

#include <charconv>
#include <condition_variable>

#include "net/http.h"
#include "net/url.h"

namespace headgate::git {
namespace {

constexpr size_t kListingBytesMax = 64 * 1024 * 1024;  // version 0 lists everything
constexpr int kRedirectsMax = 3;
constexpr std::chrono::seconds kSilenceMax{60};  // servers say "still here" every few seconds
constexpr std::string_view kInfoRefs = "/info/refs";
constexpr std::chrono::seconds kRetryAfterMax{3600};

std::shared_ptr<const net::Identity> ToIdentity(const std::string& url,
                                                const Credentials& credentials) {
  auto identity = std::make_shared<net::Identity>();
  identity->ca_pem = credentials.ca_pem;
  identity->basic_user = credentials.username;
  identity->basic_password = credentials.password;
  if (!credentials.bearer_token.empty()) {
    identity->bearer_token = [token = credentials.bearer_token] {
      return core::Result<std::string>(token);
    };
  } else if (identity->basic_user.empty() && !identity->basic_password.empty()) {
    identity->basic_user = "git";  // some hosts give a token alone, and take any name with it
  } else if (const core::Result<net::Url> parts = net::ParseUrl(url);
             parts && identity->basic_user.empty()) {
    identity->basic_user = parts->user;
    identity->basic_password = parts->password;
  }
  return identity;
}

std::shared_ptr<const net::Identity> WithoutCredentials(const net::Identity& identity) {
  auto nobody = std::make_shared<net::Identity>();
  nobody->ca_pem = identity.ca_pem;
  return nobody;
}

core::Error WithRetryAfter(core::Error error, const net::Response& response) {
  const std::string_view text = response.Header("retry-after");
  int seconds = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (failed != std::errc() || seconds <= 0) return error;
  return std::move(error).RetryAfter(std::min(std::chrono::seconds(seconds), kRetryAfterMax));
}

// An error for all but 200.
core::Status CheckStatus(const net::Response& response) {
  const int status = response.status;
  const std::string at =
      fmt::format("{} answered HTTP {}", net::ShowSafe(std::string_view(response.url)), status);
  if (status == 200) return core::Ok();
  if (status == 401 || status == 403) {
    return core::Forbidden(
        at + ": it wants other credentials; check username and password (or token) in the Secret");
  }
  if (status == 404 || status == 410) {
    return core::NotFound(at + ": no such repository, or one that these credentials may not see");
  }
  return WithRetryAfter(core::Unavailable(at), response);
}

net::Request MakeRequest(const std::string& url, std::shared_ptr<const net::Identity> identity,
                         core::Duration deadline, bool public_addresses_only) {
  net::Request request;
  request.url = url;
  request.identity = std::move(identity);
  request.deadline = deadline;
  request.body_bytes_max = kListingBytesMax;
  request.public_addresses_only = public_addresses_only;
  request.headers = {{"Git-Protocol", "version=2"}};
  return request;
}

net::Request MakePost(const std::string& url, std::shared_ptr<const net::Identity> identity,
                      core::Duration deadline, bool public_addresses_only, std::string body) {
  net::Request request =
      MakeRequest(url + "/git-upload-pack", std::move(identity), deadline, public_addresses_only);
  request.method = "POST";
  request.body = std::move(body);
  request.headers.emplace_back("Content-Type", "application/x-git-upload-pack-request");
  request.headers.emplace_back("Accept", "application/x-git-upload-pack-result");
  return request;
}

// Waits on the caller's thread while the pack comes in on the network's.
class PackDownload {
 public:
  PackDownload(Spool& pack, size_t words_max) : pack_(pack), words_max_(words_max) {}

  core::Status Run(net::Http& http, net::Request request, std::stop_token stop) {
    net::Http::Callbacks callbacks;
    callbacks.head = [this](const net::Response& head) {
      head_ = head;
      return true;
    };
    callbacks.bytes = [this](std::string_view bytes) { return Take(bytes); };
    callbacks.end = [this](const core::Result<net::Response>& result) {
      const std::lock_guard lock(mutex_);
      end_ = result ? core::Ok() : core::Status(result.error());
      changed_.notify_all();
    };
    const std::unique_ptr<net::Http::Exchange> exchange =
        http.Start(std::move(request), std::move(callbacks));
    std::unique_lock lock(mutex_);
    if (!changed_.wait(lock, stop, [&] { return end_.has_value(); })) {
      return core::Cancelled("stopped while fetching");
    }
    return Outcome();
  }

 private:
  bool Take(std::string_view bytes) {
    if (head_.status != 200) return (words_seen_ += bytes.size()) < words_max_;
    read_ = reader_.Take(bytes, [this](std::string_view part) { return pack_.Append(part); });
    return read_.ok();
  }

  core::Status Outcome() const {
    if (head_.status != 0) {
      if (core::Status fine = CheckStatus(head_); !fine) return fine;
    }
    if (!read_) return read_;
    return *end_ ? reader_.Finish() : *end_;
  }

  Spool& pack_;
  const size_t words_max_;
  // The network's thread's, until end_ is set.
  net::Response head_;
  PackReader reader_;
  core::Status read_ = core::Ok();
  size_t words_seen_ = 0;

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::optional<core::Status> end_;  // guarded by mutex_
};

}  // namespace

SmartHttp::SmartHttp(net::Http* http, std::string url, const Credentials& credentials,
                     TransportLimits limits)
    : http_(http),
      url_(std::move(url)),
      identity_(ToIdentity(url_, credentials)),
      limits_(limits) {}

SmartHttp::~SmartHttp() = default;

core::Result<References> SmartHttp::List(const std::vector<std::string>& prefixes,
                                         std::stop_token stop) {
  std::unique_lock lock(mutex_);
  const std::optional<Server> known = server_;
  lock.unlock();
  if (known && known->advertisement.version == 2) {
    core::Result<References> listed = ListV2(*known, prefixes, stop);
    if (!listed) Forget();
    return listed;
  }
  core::Result<Server> server = Discover(stop);
  if (!server) return server.error();
  if (server->advertisement.version == 2) return ListV2(*server, prefixes, stop);
  return std::move(server->advertisement.references);
}

core::Result<References> SmartHttp::ListV2(const Server& server,
                                           const std::vector<std::string>& prefixes,
                                           std::stop_token stop) {
  const core::Result<net::Response> response =
      http_->Send(MakePost(server.url, server.identity, limits_.listing_deadline,
                           limits_.public_addresses_only, ListRequest(prefixes)),
                  stop);
  if (!response) return response.error();
  if (core::Status fine = CheckStatus(*response); !fine) return fine.error();
  return ParseListing(response->body);
}

// Follows redirects by hand: one that leads elsewhere is refused before anybody there is asked.
core::Result<net::Response> SmartHttp::SendWithinOrigin(const net::Url& origin,
                                                        net::Request request,
                                                        std::stop_token stop) const {
  for (int left = kRedirectsMax;; --left) {
    core::Result<net::Response> response = http_->Send(request, stop);
    if (!response || response->status < 300 || response->status >= 400) return response;
    const core::Result<net::Url> next = net::Resolve(origin, response->Header("location"));
    if (!next || left == 0) return core::Invalid("redirected too often, or to no URL");
    if (!net::SameOrigin(origin, *next)) {
      return core::Invalid(fmt::format("redirected to {}, which was not allowed: name that instead",
                                       net::ShowSafe(*next)));
    }
    request.url = net::ToText(*next);
  }
}

core::Result<SmartHttp::Server> SmartHttp::Discover(std::stop_token stop) {
  const core::Result<net::Url> base = net::ParseUrl(url_);
  if (!base) return base.error();
  std::string url = net::ToText(*base);
  while (url.ends_with('/')) url.pop_back();
  net::Request request =
      MakeRequest(url + std::string(kInfoRefs) + "?service=git-upload-pack", identity_,
                  limits_.listing_deadline, limits_.public_addresses_only);
  if (!limits_.one_origin) request.redirects_max = kRedirectsMax;
  const core::Result<net::Response> response =
      limits_.one_origin ? SendWithinOrigin(*base, request, stop) : http_->Send(request, stop);
  if (!response) return response.error();
  const core::Result<net::Url> final_url = net::ParseUrl(response->url);
  if (!final_url) return final_url.error();
  const bool same = net::SameOrigin(*base, *final_url);
  if (core::Status fine = CheckStatus(*response); !fine) {
    return same ? fine.error()
                : fine.error().In("redirected to another host, where no credentials are sent");
  }
  core::Result<Advertisement> advertisement = ParseAdvertisement(response->body);
  if (!advertisement) return advertisement.error();
  Server server{*std::move(advertisement), net::ShowSafe(*final_url),
                same ? identity_ : WithoutCredentials(*identity_)};
  if (!server.url.ends_with(kInfoRefs)) {
    return core::Invalid("redirected to " + server.url + ", which is no repository");
  }
  server.url.resize(server.url.size() - kInfoRefs.size());
  const std::lock_guard lock(mutex_);
  server_ = server;
  server_->advertisement.references.clear();
  return server;
}

core::Result<SmartHttp::Server> SmartHttp::KnownServer(std::stop_token stop) {
  {
    const std::lock_guard lock(mutex_);
    if (server_) return *server_;
  }
  return Discover(stop);
}

void SmartHttp::Forget() {
  const std::lock_guard lock(mutex_);
  server_.reset();
}

core::Status SmartHttp::Fetch(const std::string& want, const std::vector<std::string>& haves,
                              Spool& pack, std::stop_token stop) {
  core::Result<Server> server = KnownServer(stop);
  if (!server) return server.error();
  net::Request request =
      MakePost(server->url, server->identity, limits_.fetch_deadline, limits_.public_addresses_only,
               FetchRequest(server->advertisement, want, haves));
  request.idle_max = kSilenceMax;
  constexpr size_t kErrorPageBytesMax = 64 * 1024;
  PackDownload download(pack, kErrorPageBytesMax);
  core::Status fetched = download.Run(*http_, std::move(request), stop);
  if (!fetched) Forget();
  return fetched;
}

}  // namespace headgate::git
