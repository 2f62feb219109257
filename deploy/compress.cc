#include "deploy/compress.h"

#include <zstd.h>

namespace headgate::deploy {
namespace {

constexpr int kLevel = 3;  // zstd's own default: 10 MB of manifests in some 50 ms

}  // namespace

core::Result<std::string> Compress(std::string_view text) {
  std::string packed(ZSTD_compressBound(text.size()), '\0');
  const size_t size = ZSTD_compress(packed.data(), packed.size(), text.data(), text.size(), kLevel);
  if (ZSTD_isError(size)) return core::Internal(std::string("zstd: ") + ZSTD_getErrorName(size));
  packed.resize(size);
  return packed;
}

core::Result<std::string> Decompress(std::string_view packed, size_t bytes_max) {
  const unsigned long long size = ZSTD_getFrameContentSize(packed.data(), packed.size());
  if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN || size > bytes_max)
    return core::Invalid("no zstd frame of a known size");
  std::string text(static_cast<size_t>(size), '\0');
  const size_t got = ZSTD_decompress(text.data(), text.size(), packed.data(), packed.size());
  if (ZSTD_isError(got) || got != text.size()) return core::Invalid("it cannot be decompressed");
  return text;
}

}  // namespace headgate::deploy
