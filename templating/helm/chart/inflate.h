#pragma once

#include <zlib.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace headgate::templating::helm {

// Reads gzip as a stream, with bounds. For one thread; not to be moved.
class Inflater {
 public:
  // The inflated bytes may be `ratio_max` times as many as the compressed ones read so far (of the
  // first MiB nobody asks), and `bytes_max` altogether.
  Inflater(std::string_view compressed, size_t bytes_max, size_t ratio_max);
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  ~Inflater();

  // Appends up to `count` bytes to `out`; fewer only at the end.
  core::Status Read(size_t count, std::string* out);
  core::Status Skip(size_t count);

 private:
  core::Status Fill();  // buffer_ with at least a byte, unless at the end
  core::Status NextMember();

  z_stream stream_ = {};
  std::string_view compressed_;
  size_t bytes_max_;
  size_t ratio_max_;
  size_t inflated_ = 0;
  std::vector<char> buffer_;
  std::string_view ready_;  // of buffer_
  bool initialized_ = false;
  bool ended_ = false;
};

}  // namespace headgate::templating::helm
