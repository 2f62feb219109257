#pragma once

#include <cstdio>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "core/result.h"

namespace headgate::git {

// Bytes on their way from the network to the object store: in memory while they are few, then in a
// file without a name. So the network's thread never waits for a pack to be indexed.
class Spool {
 public:
  // The file, where one is needed, is made in `directory`.
  Spool(std::filesystem::path directory, size_t bytes_max)
      : directory_(std::move(directory)), bytes_max_(bytes_max) {}

  core::Status Append(std::string_view bytes);
  // All of it, in pieces and in order.
  core::Status ForEach(const std::function<core::Status(std::string_view)>& take);

 private:
  core::Status MakeFile();

  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  const std::filesystem::path directory_;
  const size_t bytes_max_;
  size_t bytes_ = 0;
  std::string memory_;
  std::unique_ptr<std::FILE, Close> file_;
};

}  // namespace headgate::git
