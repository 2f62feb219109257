#include "deploy/kube/token_file.h"

#include <sys/stat.h>

#include <fstream>
#include <memory>
#include <mutex>
#include <sstream>

namespace headgate::deploy {
namespace {

constexpr off_t kTokenBytesMax = 64 * 1024;

// What tells one state of a file from the next.
struct Version {
  ino_t inode = 0;
  off_t size = 0;
  int64_t seconds = 0;
  int64_t nanoseconds = 0;

  friend bool operator==(const Version&, const Version&) = default;
};

class TokenFile {
 public:
  explicit TokenFile(std::filesystem::path file) : file_(std::move(file)) {}

  core::Result<std::string> Read() {
    const std::lock_guard lock(mutex_);
    struct stat now {};
    if (stat(file_.c_str(), &now) != 0 || now.st_size == 0 || now.st_size > kTokenBytesMax) {
      return Last();
    }
    const Version version{now.st_ino, now.st_size, now.st_mtim.tv_sec, now.st_mtim.tv_nsec};
    if (version == version_ && !token_.empty()) return token_;
    std::ifstream file(file_, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    std::string token = text.str();
    while (!token.empty() && (token.back() == '\n' || token.back() == '\r')) token.pop_back();
    if (!file || token.empty()) return Last();
    version_ = version;
    token_ = std::move(token);
    return token_;
  }

 private:
  core::Result<std::string> Last() const {
    if (!token_.empty()) return token_;
    return core::Unavailable("no token can be read from " + file_.string());
  }

  const std::filesystem::path file_;
  std::mutex mutex_;
  Version version_;    // guarded by mutex_
  std::string token_;  // guarded by mutex_
};

}  // namespace

std::function<core::Result<std::string>()> TokenFrom(std::filesystem::path file) {
  auto token = std::make_shared<TokenFile>(std::move(file));
  return [token] { return token->Read(); };
}

}  // namespace headgate::deploy
