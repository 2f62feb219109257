#include "cli/remotes.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "git/fetch_once.h"
#include "net/http.h"
#include "net/url.h"
#include "templating/kustomize/loader.h"

namespace headgate::cli {
namespace {

namespace fs = std::filesystem;

std::string Authorities() {
  const char* path = std::getenv("SSL_CERT_FILE");
  std::ifstream file(path ? path : "");
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// A directory that goes with its owner; "" where none could be made.
class Scratch {
 public:
  Scratch() {
    std::error_code error;
    std::string name = (fs::temp_directory_path(error) / "headgate-XXXXXX").string();
    if (mkdtemp(name.data())) path_ = name;
  }
  ~Scratch() {
    std::error_code error;
    if (!path_.empty()) fs::remove_all(path_, error);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

class Fetcher : public templating::kustomize::Remotes {
 public:
  core::Result<std::shared_ptr<const core::FileTree>> Repository(const std::string& url,
                                                                 const std::string& ref) override {
    if (scratch_.path().empty()) {
      return core::Internal(fmt::format("no temporary directory: {}", std::strerror(errno)));
    }
    git::Remote remote{url, {}};
    remote.credentials.ca_pem = authorities_;
    const fs::path directory = scratch_.path() / std::to_string(++repositories_);
    const core::Result<git::FetchedTree> fetched = git::FetchOnce(remote, ref, directory, &http_);
    if (!fetched) return fetched.error();
    return fetched->files;
  }

  core::Result<std::string> File(const std::string& url) override {
    const std::string shown = net::ShowSafe(std::string_view(url));
    auto identity = std::make_shared<net::Identity>();
    identity->ca_pem = authorities_;
    net::Request request;
    request.url = url;
    request.identity = identity;
    request.body_bytes_max = core::FileTree::kFileBytesMax;
    core::Result<net::Response> response = http_.Send(request);
    if (!response) return response.error().In("fetch " + shown);
    if (response->status == 200) return std::move(response->body);
    const std::string_view led = response->Header("location");
    if (response->status >= 300 && response->status < 400 && !led.empty()) {
      return core::Invalid(
          fmt::format("{} leads to {}: name that instead", shown, net::ShowSafe(led)));
    }
    return core::NotFound(fmt::format("{}: the server answers {}", shown, response->status));
  }

 private:
  const std::string authorities_ = Authorities();
  const Scratch scratch_;
  int repositories_ = 0;
  net::Http http_;
};

}  // namespace

std::shared_ptr<templating::kustomize::Remotes> NewRemotes() { return std::make_shared<Fetcher>(); }

}  // namespace headgate::cli
