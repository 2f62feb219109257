#include "net/transfer.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>

#include "core/hash.h"
#include "net/addresses.h"

namespace headgate::net {
namespace {

constexpr long kConnectMaxMs = 10'000;      // resolve, connect and TLS together
constexpr unsigned kUnackedMaxMs = 20'000;  // a peer that acknowledges nothing for so long is gone
constexpr long kKeepAliveSeconds = 15;      // between probes on an idle connection
constexpr size_t kHeaderBytesMax = 256 * 1024;

core::BootTime Now() { return core::RealClock().SinceBoot(); }

bool EqualsNoCase(std::string_view a, std::string_view b) {
  return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

bool HasHeader(const Headers& headers, std::string_view name) {
  return std::any_of(headers.begin(), headers.end(),
                     [&](const auto& header) { return EqualsNoCase(header.first, name); });
}

bool FitsOneLine(std::string_view text) { return text.find_first_of("\r\n\0", 0, 3) == text.npos; }

std::string_view Trim(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

core::Fault FaultOf(CURLcode code) {
  switch (code) {
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CACERT_BADFILE:
      return core::Fault::kInvalid;
    case CURLE_OUT_OF_MEMORY:
    case CURLE_BAD_FUNCTION_ARGUMENT:
    case CURLE_FAILED_INIT:
      return core::Fault::kInternal;
    default:
      return core::Fault::kUnavailable;
  }
}

void SetBlob(CURL* easy, CURLoption option, const std::string& bytes) {
  curl_blob blob{const_cast<char*>(bytes.data()), bytes.size(), CURL_BLOB_NOCOPY};
  curl_easy_setopt(easy, option, &blob);
}

}  // namespace

Transfer::Transfer(Request request, Http::Callbacks callbacks, core::BootTime now)
    : request_(std::move(request)),
      callbacks_(std::move(callbacks)),
      started_(now),
      easy_(curl_easy_init()),
      last_byte_(now) {
  if (core::Status checked = Check(); !checked) refused_ = checked.error();
}

core::Status Transfer::Check() {
  core::Result<Url> url = ParseUrl(request_.url);
  if (!url) return url.error();
  url_ = *std::move(url);
  if (url_.scheme != "http" && url_.scheme != "https") {
    return core::Invalid(fmt::format("{}: only http and https are spoken here", ShowSafe(url_)));
  }
  if (easy_ == nullptr) return core::Internal("curl has no memory for a request");
  const Identity* identity = request_.identity.get();
  if (identity != nullptr && identity->bearer_token) {
    core::Result<std::string> token = identity->bearer_token();
    if (!token) return In(token.error().In("get a token"));
    authorization_ = "Bearer " + *token;
  } else if (identity != nullptr && !identity->basic_user.empty()) {
    authorization_ =
        "Basic " + core::ToBase64(identity->basic_user + ":" + identity->basic_password);
  } else if (!url_.user.empty() || !url_.password.empty()) {
    authorization_ = "Basic " + core::ToBase64(url_.user + ":" + url_.password);
  }
  if (!FitsOneLine(authorization_)) {
    return In(core::Invalid("the token or password holds a line end"));
  }
  for (const auto& [name, value] : request_.headers) {
    if (name.empty() || !FitsOneLine(name) || !FitsOneLine(value)) {
      return In(core::Invalid("a header without a name, or with a line end in it"));
    }
  }
  return core::Ok();
}

core::Error Transfer::In(core::Error error) const {
  return error.In(fmt::format("{} {}", request_.method, ShowSafe(url_)));
}

void Transfer::Prepare(bool* http1_seen) {
  http1_seen_ = http1_seen;
  if (url_.scheme == "http") *http1_seen_ = true;
  CURL* easy = easy_.get();
  curl_easy_reset(easy);
  response_ = {};
  head_seen_ = false;
  header_bytes_ = 0;
  curl_error_[0] = '\0';
  curl_easy_setopt(easy, CURLOPT_PRIVATE, this);
  curl_easy_setopt(easy, CURLOPT_URL, ToText(url_).c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_PROXY, "");  // none, whatever the environment says
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);  // never wait here for a resolver that hangs
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
  curl_easy_setopt(easy, CURLOPT_PIPEWAIT, url_.scheme == "https" ? 1L : 0L);
  curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, kConnectMaxMs);
  curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt(easy, CURLOPT_TCP_KEEPIDLE, kKeepAliveSeconds);
  curl_easy_setopt(easy, CURLOPT_TCP_KEEPINTVL, kKeepAliveSeconds);
  curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, &Transfer::OnSocketMade);
  if (request_.public_addresses_only) {
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, &Transfer::OnSocketWanted);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, this);
  }
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, curl_error_);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &Transfer::OnHeader);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &Transfer::OnBody);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, this);
  // A stream is wanted as it comes, not when a compressor has seen enough.
  if (!callbacks_.bytes && !HasHeader(request_.headers, "accept-encoding")) {
    curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip");
  }
  SetMethod();
  SetHeaders();
  SetTrust();
}

bool Transfer::sent() const {
  curl_off_t microseconds = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_PRETRANSFER_TIME_T, &microseconds);
  return microseconds > 0;
}

void Transfer::SetMethod() {
  CURL* easy = easy_.get();
  const std::string& method = request_.method;
  if (method == "HEAD") {
    curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    return;
  }
  const bool always_has_body = method == "POST" || method == "PUT" || method == "PATCH";
  if (always_has_body || !request_.body.empty()) {
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(request_.body.size()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request_.body.c_str());
  }
  curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method.c_str());
}

void Transfer::SetHeaders() {
  curl_slist* list = nullptr;
  const auto add = [&](const std::string& line) {
    if (curl_slist* longer = curl_slist_append(list, line.c_str())) list = longer;
  };
  add("Expect:");
  if (!HasHeader(request_.headers, "content-type")) add("Content-Type:");
  if (!HasHeader(request_.headers, "user-agent")) add("User-Agent: headgate");
  for (const auto& [name, value] : request_.headers) {
    const bool harmless = EqualsNoCase(name, "accept") || EqualsNoCase(name, "content-type");
    // curl takes "Name;" for a header that is sent without a value.
    if (trusted_ || harmless) add(value.empty() ? name + ";" : fmt::format("{}: {}", name, value));
  }
  const bool own = HasHeader(request_.headers, "authorization");
  if (trusted_ && !own && !authorization_.empty()) add("Authorization: " + authorization_);
  header_list_.reset(list);
  curl_easy_setopt(easy_.get(), CURLOPT_HTTPHEADER, list);
}

void Transfer::SetTrust() {
  CURL* easy = easy_.get();
  curl_easy_setopt(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  const Identity* identity = request_.identity.get();
  if (identity == nullptr) return;
  if (!identity->ca_pem.empty()) {
    // A directory of authorities would be trusted beside the blob.
    curl_easy_setopt(easy, CURLOPT_CAINFO, nullptr);
    curl_easy_setopt(easy, CURLOPT_CAPATH, nullptr);
    SetBlob(easy, CURLOPT_CAINFO_BLOB, identity->ca_pem);
  }
  if (trusted_ && !identity->client_cert_pem.empty()) {
    SetBlob(easy, CURLOPT_SSLCERT_BLOB, identity->client_cert_pem);
    curl_easy_setopt(easy, CURLOPT_SSLCERTTYPE, "PEM");
    SetBlob(easy, CURLOPT_SSLKEY_BLOB, identity->client_key_pem);
    curl_easy_setopt(easy, CURLOPT_SSLKEYTYPE, "PEM");
  }
}

std::optional<core::BootTime> Transfer::Due() const {
  std::optional<core::BootTime> due;
  if (request_.deadline.count() > 0) due = started_ + request_.deadline;
  if (request_.idle_max.count() > 0) {
    const core::BootTime silent = last_byte_ + request_.idle_max;
    due = due ? std::min(*due, silent) : silent;
  }
  return due;
}

std::optional<core::Error> Transfer::Overdue(core::BootTime now) const {
  if (request_.deadline.count() > 0 && now >= started_ + request_.deadline) {
    return In(
        core::Unavailable(fmt::format("no whole answer within {}", core::Show(request_.deadline))));
  }
  if (request_.idle_max.count() > 0 && now >= last_byte_ + request_.idle_max) {
    return In(core::Unavailable(
        fmt::format("not a byte received for {}", core::Show(request_.idle_max))));
  }
  return std::nullopt;
}

bool Transfer::IsRedirect() const {
  const int status = response_.status;
  const bool moved =
      status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
  return moved && request_.redirects_max > 0 && !response_.Header("location").empty();
}

bool Transfer::Follow(CURLcode code) {
  if (code != CURLE_OK || failure_ || dropped_ || !head_seen_ || !IsRedirect()) return false;
  if (++redirects_ > request_.redirects_max) {
    failure_ =
        In(core::Invalid(fmt::format("redirected more than {} times", request_.redirects_max)));
    return false;
  }
  core::Result<Url> next = Resolve(url_, response_.Header("location"));
  const bool spoken = next && (next->scheme == "https" || next->scheme == url_.scheme);
  if (!spoken) {
    failure_ = In(core::Invalid(
        next ? fmt::format("redirected to {}, which is not followed from here", ShowSafe(*next))
             : "redirected to something that is not a URL"));
    return false;
  }
  trusted_ = trusted_ && SameOrigin(url_, *next);
  url_ = *std::move(next);
  const bool keeps_method = response_.status == 307 || response_.status == 308;
  if (!keeps_method && request_.method != "HEAD" && request_.method != "GET") {
    request_.method = "GET";
    request_.body.clear();
  }
  return true;
}

core::Result<Response> Transfer::Outcome(CURLcode code) {
  if (failure_) return *failure_;
  if (code == CURLE_OK && head_seen_) return std::move(response_);
  const char* detail = curl_error_[0] != '\0' ? curl_error_ : curl_easy_strerror(code);
  if (code == CURLE_OK) detail = "the server closed the connection without an answer";
  return In(core::Error(code == CURLE_OK ? core::Fault::kUnavailable : FaultOf(code), detail));
}

void Transfer::Finish(core::Result<Response> result) {
  if (!dropped_ && callbacks_.end) callbacks_.end(std::move(result));
  const std::lock_guard lock(mutex_);
  finished_ = true;
  finished_changed_.notify_all();
}

void Transfer::WaitUntilFinished() {
  std::unique_lock lock(mutex_);
  finished_changed_.wait(lock, [&] { return finished_; });
}

// A dead peer under an HTTP/2 connection would otherwise be met by every new request for a quarter
// of an hour.
curl_socket_t Transfer::OnSocketWanted(void* self, curlsocktype, curl_sockaddr* address) {
  auto* transfer = static_cast<Transfer*>(self);
  if (!IsPrivate(&address->addr)) {
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
  }
  transfer->failure_ =
      transfer->In(core::Invalid("its address is of this machine or a private network; the daemon "
                                 "reaches those only with --allow-private-addresses"));
  return CURL_SOCKET_BAD;
}

int Transfer::OnSocketMade(void*, curl_socket_t socket, curlsocktype) {
  const unsigned value = kUnackedMaxMs;
  setsockopt(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, &value, sizeof value);
  return CURL_SOCKOPT_OK;
}

size_t Transfer::OnHeader(char* bytes, size_t size, size_t count, void* self) {
  auto* transfer = static_cast<Transfer*>(self);
  return transfer->TakeHeaderLine({bytes, size * count}) ? size * count : 0;
}

size_t Transfer::OnBody(char* bytes, size_t size, size_t count, void* self) {
  auto* transfer = static_cast<Transfer*>(self);
  return transfer->TakeBody({bytes, size * count}) ? size * count : 0;
}

bool Transfer::TakeHeaderLine(std::string_view line) {
  last_byte_ = Now();
  if (head_seen_) return true;  // trailers
  header_bytes_ += line.size();
  if (header_bytes_ > kHeaderBytesMax) {
    failure_ = In(core::Invalid(fmt::format("more than {} bytes of headers", kHeaderBytesMax)));
    return false;
  }
  if (line.starts_with("HTTP/")) {
    response_ = {};
    long status = 0;
    curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
    response_.status = static_cast<int>(status);
    response_.url = ToText(url_);
    return true;
  }
  const std::string_view text = Trim(line);
  if (text.empty()) return response_.status < 200 || TakeHead();
  const size_t colon = text.find(':');
  if (colon == std::string_view::npos) return true;
  std::string name(Trim(text.substr(0, colon)));
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  response_.headers.emplace_back(std::move(name), Trim(text.substr(colon + 1)));
  return true;
}

bool Transfer::TakeHead() {
  head_seen_ = true;
  long version = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_HTTP_VERSION, &version);
  if (version < CURL_HTTP_VERSION_2_0) *http1_seen_ = true;
  if (IsRedirect() || !callbacks_.head) return true;
  if (!dropped_ && callbacks_.head(response_)) return true;
  failure_ = In(core::Cancelled("ended by the reader"));
  return false;
}

bool Transfer::TakeBody(std::string_view bytes) {
  last_byte_ = Now();
  if (IsRedirect()) return true;
  if (callbacks_.bytes) {
    if (!dropped_ && callbacks_.bytes(bytes)) return true;
    failure_ = In(core::Cancelled("ended by the reader"));
    return false;
  }
  if (response_.body.size() + bytes.size() > request_.body_bytes_max) {
    failure_ = In(
        core::Invalid(fmt::format("the answer is larger than {} bytes", request_.body_bytes_max)));
    return false;
  }
  response_.body.append(bytes);
  return true;
}

}  // namespace headgate::net
