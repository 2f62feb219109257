#include "templating/helm/chart/inflate.h"

#include <fmt/format.h>

#include <algorithm>

namespace headgate::templating::helm {
namespace {

constexpr size_t kBufferBytes = 64 * 1024;
constexpr size_t kFreeBytes = 1024 * 1024;  // below which the ratio does not count
constexpr int kGzip = 16 + MAX_WBITS;

}  // namespace

Inflater::Inflater(std::string_view compressed, size_t bytes_max, size_t ratio_max)
    : compressed_(compressed), bytes_max_(bytes_max), ratio_max_(ratio_max), buffer_(kBufferBytes) {
  stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(compressed.data()));
  stream_.avail_in = static_cast<uInt>(compressed.size());
  initialized_ = inflateInit2(&stream_, kGzip) == Z_OK;
}

Inflater::~Inflater() {
  if (initialized_) inflateEnd(&stream_);
}

// Several gzip members in a row are one stream.
core::Status Inflater::NextMember() {
  ended_ = stream_.avail_in == 0;
  if (!ended_ && inflateReset(&stream_) != Z_OK) return core::Invalid("no gzip archive");
  return core::Ok();
}

core::Status Inflater::Fill() {
  if (!initialized_) return core::Internal("no memory to inflate");
  while (ready_.empty() && !ended_) {
    stream_.next_out = reinterpret_cast<Bytef*>(buffer_.data());
    stream_.avail_out = static_cast<uInt>(buffer_.size());
    const int code = inflate(&stream_, Z_NO_FLUSH);
    ready_ = {buffer_.data(), buffer_.size() - stream_.avail_out};
    inflated_ += ready_.size();
    const size_t read = compressed_.size() - stream_.avail_in;
    if (inflated_ > bytes_max_) {
      return core::Invalid(fmt::format("the archive holds more than {} bytes", bytes_max_));
    }
    if (inflated_ > kFreeBytes && inflated_ / ratio_max_ > read) {
      return core::Invalid(
          fmt::format("the archive holds more than {} times its compressed size", ratio_max_));
    }
    if (code == Z_STREAM_END) {
      const core::Status next = NextMember();
      if (!next) return next;
    } else if (code == Z_BUF_ERROR || (code == Z_OK && ready_.empty())) {
      return core::Invalid("the archive ends too early");
    } else if (code != Z_OK) {
      return core::Invalid(inflated_ == 0 ? "no gzip archive"
                                          : "the archive's compression is broken");
    }
  }
  return core::Ok();
}

core::Status Inflater::Read(size_t count, std::string* out) {
  while (count > 0) {
    const core::Status filled = Fill();
    if (!filled) return filled;
    if (ready_.empty()) break;
    const size_t taken = std::min(count, ready_.size());
    out->append(ready_.substr(0, taken));
    ready_.remove_prefix(taken);
    count -= taken;
  }
  return core::Ok();
}

core::Status Inflater::Skip(size_t count) {
  while (count > 0) {
    const core::Status filled = Fill();
    if (!filled) return filled;
    if (ready_.empty()) return core::Invalid("the archive ends too early");
    const size_t taken = std::min(count, ready_.size());
    ready_.remove_prefix(taken);
    count -= taken;
  }
  return core::Ok();
}

}  // namespace headgate::templating::helm
