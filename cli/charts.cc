#include "cli/charts.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "core/hash.h"
#include "core/json.h"
#include "net/http.h"
#include "net/url.h"
#include "templating/helm/source/fetcher.h"

namespace headgate::cli {
namespace {

namespace fs = std::filesystem;
namespace helm = templating::helm;

constexpr uintmax_t kCacheBytesMax = 512 * 1024 * 1024;
constexpr int kRedirectsMax = 5;

std::string ReadAll(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::string FromEnvironment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

// Archives as files, named by their digests. A cache that cannot be written is none.
class CacheDirectory : public helm::ArchiveStore {
 public:
  CacheDirectory() {
    const std::string cache = FromEnvironment("XDG_CACHE_HOME"), home = FromEnvironment("HOME");
    if (!cache.empty()) directory_ = fs::path(cache) / "headgate" / "charts";
    if (cache.empty() && !home.empty()) directory_ = fs::path(home) / ".cache/headgate/charts";
  }

  std::optional<std::string> Find(const std::string& digest) override {
    if (directory_.empty()) return std::nullopt;
    std::string archive = ReadAll(PathOf(digest));
    if (archive.empty()) return std::nullopt;
    return archive;
  }
  void Keep(const std::string& digest, const std::string& archive) override {
    if (directory_.empty()) return;
    std::error_code error;
    fs::create_directories(directory_, error);
    const fs::path path = PathOf(digest);
    const fs::path part = fmt::format("{}.{}", path.string(), getpid());
    std::ofstream file(part, std::ios::binary);
    file << archive;
    file.close();
    if (file) fs::rename(part, path, error);
    if (!file || error) fs::remove(part, error);
    DropOldest();
  }

 private:
  fs::path PathOf(const std::string& digest) const { return directory_ / (digest + ".tgz"); }

  void DropOldest() const {
    struct Kept {
      fs::file_time_type written;
      uintmax_t bytes;
      fs::path path;
    };
    std::error_code error;
    std::vector<Kept> kept;
    uintmax_t total = 0;
    for (const fs::directory_entry& entry : fs::directory_iterator(directory_, error)) {
      kept.push_back({entry.last_write_time(error), entry.file_size(error), entry.path()});
      total += kept.back().bytes;
    }
    std::sort(kept.begin(), kept.end(),
              [](const Kept& a, const Kept& b) { return a.written < b.written; });
    for (const Kept& each : kept) {
      if (total <= kCacheBytesMax) break;
      fs::remove(each.path, error);
      total -= each.bytes;
    }
  }

  fs::path directory_;  // "": none
};

struct Login {
  std::string user, password;
};

// By host. What cannot be read is left out: the server will ask.
std::map<std::string, Login> ReadLogins() {
  std::map<std::string, Login> logins;
  std::string file = FromEnvironment("HELM_REGISTRY_CONFIG");
  if (file.empty()) {
    std::string directory = FromEnvironment("DOCKER_CONFIG");
    if (directory.empty()) directory = FromEnvironment("HOME") + "/.docker";
    file = directory + "/config.json";
  }
  const core::Result<core::Value> config = core::ParseJson(ReadAll(file));
  const core::Value* auths = config ? config->Find("auths") : nullptr;
  if (!auths || !auths->is_map()) return logins;
  for (const auto& [host, entry] : *auths->AsMap()) {
    const core::Result<std::string> pair = core::FromBase64(entry.StringAt("auth"));
    const size_t colon = pair ? pair->find(':') : std::string::npos;
    if (colon != std::string::npos)
      logins[host] = {pair->substr(0, colon), pair->substr(colon + 1)};
  }
  return logins;
}

class Reader : public helm::Web {
 public:
  core::Result<helm::WebAnswer> Get(const helm::WebRequest& wanted) override {
    const core::Result<net::Url> url = net::ParseUrl(wanted.url);
    if (!url) return url.error();
    const std::string shown = net::ShowSafe(*url);
    if (url->scheme != "https") return core::Invalid(shown + ": https expected");
    net::Request request;
    request.url = wanted.url;
    request.deadline = std::chrono::minutes(2);
    request.body_bytes_max = wanted.bytes_max;
    request.redirects_max = wanted.may_redirect ? kRedirectsMax : 0;
    if (!wanted.accept.empty()) request.headers.emplace_back("Accept", wanted.accept);
    if (!wanted.bearer.empty()) {
      request.headers.emplace_back("Authorization", "Bearer " + wanted.bearer);
    }
    const std::string host = url->port == "443" ? url->host : url->host + ":" + url->port;
    const std::string& whose = wanted.credentials_of.empty() ? host : wanted.credentials_of;
    request.identity = IdentityOf(wanted.bearer.empty() ? whose : "");
    core::Result<net::Response> response = http_.Send(request);
    if (!response) return response.error().In("fetch " + shown);
    return helm::WebAnswer{response->status, std::move(response->body),
                           std::string(response->Header("www-authenticate")),
                           std::string(response->Header("link")),
                           std::string(response->Header("docker-content-digest"))};
  }

 private:
  std::shared_ptr<const net::Identity> IdentityOf(const std::string& host) {
    std::shared_ptr<const net::Identity>& known = identities_[host];
    if (known) return known;
    auto identity = std::make_shared<net::Identity>();
    identity->ca_pem = authorities_;
    if (const auto login = logins_.find(host); login != logins_.end()) {
      identity->basic_user = login->second.user;
      identity->basic_password = login->second.password;
    }
    return known = std::move(identity);
  }

  const std::string authorities_ = ReadAll(FromEnvironment("SSL_CERT_FILE"));
  const std::map<std::string, Login> logins_ = ReadLogins();
  std::map<std::string, std::shared_ptr<const net::Identity>> identities_;  // by host; "": nobody's
  net::Http http_;
};

// With what it needs, which goes with it.
class Charts : public helm::ChartSources {
 public:
  explicit Charts(const std::vector<std::string>& hosts)
      : fetcher_(&reader_, &cache_, {.hosts = hosts}) {}
  core::Result<helm::FoundChart> Find(const helm::ChartWanted& wanted) override {
    return fetcher_.Find(wanted);
  }

 private:
  Reader reader_;
  CacheDirectory cache_;
  helm::ChartFetcher fetcher_;
};

}  // namespace

std::shared_ptr<helm::ChartSources> NewCharts(const std::vector<std::string>& hosts) {
  return std::make_shared<Charts>(hosts);
}

}  // namespace headgate::cli
