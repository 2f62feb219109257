#include <fmt/format.h>
#include <zstd.h>

#include "core/json.h"
#include "deploy/records.h"

namespace headgate::deploy {
namespace {

constexpr int kLevel = 3;  // zstd's own default: 10 MB of manifests in some 50 ms

}  // namespace

core::Result<std::string> PackRecord(const core::BundleRecord& record) {
  const std::string json = core::ToJson(core::ToValue(record));
  if (json.size() > kRecordBytesMax) {
    return core::Invalid(
        fmt::format("the release record has {} MiB; at most {} MiB are kept. Split the application",
                    json.size() >> 20, kRecordBytesMax >> 20));
  }
  std::string packed(ZSTD_compressBound(json.size()), '\0');
  const size_t size = ZSTD_compress(packed.data(), packed.size(), json.data(), json.size(), kLevel);
  if (ZSTD_isError(size)) return core::Internal(std::string("zstd: ") + ZSTD_getErrorName(size));
  packed.resize(size);
  return packed;
}

core::Result<core::BundleRecord> UnpackRecord(std::string_view packed) {
  const unsigned long long size = ZSTD_getFrameContentSize(packed.data(), packed.size());
  if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN ||
      size > kRecordBytesMax) {
    return core::Invalid("the release record is damaged: no zstd frame of a known size");
  }
  std::string json(static_cast<size_t>(size), '\0');
  const size_t got = ZSTD_decompress(json.data(), json.size(), packed.data(), packed.size());
  if (ZSTD_isError(got) || got != json.size()) {
    return core::Invalid("the release record is damaged: it cannot be decompressed");
  }
  const core::Result<core::Value> value = core::ParseJson(json);
  if (!value) return core::Invalid("the release record is damaged: no JSON");  // may hold secrets
  return core::ParseBundleRecord(*value);
}

}  // namespace headgate::deploy
