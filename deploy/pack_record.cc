#include <fmt/format.h>

#include "core/json.h"
#include "deploy/compress.h"
#include "deploy/records.h"

namespace headgate::deploy {

core::Result<std::string> PackRecord(const core::BundleRecord& record) {
  const std::string json = core::ToJson(core::ToValue(record));
  if (json.size() > kRecordBytesMax) {
    return core::Invalid(
        fmt::format("the release record has {} MiB; at most {} MiB are kept. Split the application",
                    json.size() >> 20, kRecordBytesMax >> 20));
  }
  return Compress(json);
}

core::Result<core::BundleRecord> UnpackRecord(std::string_view packed) {
  const core::Result<std::string> json = Decompress(packed, kRecordBytesMax);
  if (!json) return core::Invalid("the release record is damaged: " + json.error().text());
  const core::Result<core::Value> value = core::ParseJson(*json);
  if (!value) return core::Invalid("the release record is damaged: no JSON");  // may hold secrets
  return core::ParseBundleRecord(*value);
}

}  // namespace headgate::deploy
