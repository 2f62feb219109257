#include "git/spool.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace headgate::git {
namespace {

constexpr size_t kMemoryBytesMax = 1024 * 1024;

core::Error DiskError(const std::filesystem::path& directory) {
  return core::Unavailable(
      fmt::format("cannot write below {}: {}", directory.string(), strerror(errno)));
}

}  // namespace

core::Status Spool::Append(std::string_view bytes) {
  bytes_ += bytes.size();
  if (bytes_ > bytes_max_) {
    return core::Invalid(fmt::format("the pack is larger than {} bytes", bytes_max_));
  }
  if (file_ == nullptr && memory_.size() + bytes.size() <= kMemoryBytesMax) {
    memory_.append(bytes);
    return core::Ok();
  }
  if (file_ == nullptr) {
    if (core::Status made = MakeFile(); !made) return made;
  }
  if (std::fwrite(bytes.data(), 1, bytes.size(), file_.get()) == bytes.size()) return core::Ok();
  return DiskError(directory_);
}

core::Status Spool::MakeFile() {
  std::string name = (directory_ / "fetch-XXXXXX").string();
  const int fd = mkostemp(name.data(), O_CLOEXEC);
  if (fd < 0) return DiskError(directory_);
  unlink(name.c_str());
  file_.reset(fdopen(fd, "w+b"));
  if (file_ == nullptr) {
    close(fd);
    return DiskError(directory_);
  }
  const bool written =
      std::fwrite(memory_.data(), 1, memory_.size(), file_.get()) == memory_.size();
  memory_ = {};
  return written ? core::Ok() : core::Status(DiskError(directory_));
}

core::Status Spool::ForEach(const std::function<core::Status(std::string_view)>& take) {
  if (file_ == nullptr) return take(memory_);
  if (std::fflush(file_.get()) != 0) return DiskError(directory_);
  std::rewind(file_.get());
  std::string piece(kMemoryBytesMax, '\0');
  while (const size_t got = std::fread(piece.data(), 1, piece.size(), file_.get())) {
    if (core::Status taken = take(std::string_view(piece).substr(0, got)); !taken) return taken;
  }
  return std::ferror(file_.get()) == 0 ? core::Ok() : core::Status(DiskError(directory_));
}

}  // namespace headgate::git
