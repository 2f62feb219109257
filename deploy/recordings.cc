#include "deploy/recordings.h"

#include <fmt/format.h>

#include "core/hash.h"
#include "core/object.h"
#include "deploy/compress.h"
#include "deploy/records.h"

namespace headgate::deploy {
namespace {

constexpr std::string_view kDataKey = "recording";
constexpr size_t kTextBytesMax = 16 * 1024 * 1024;

const Type kSecrets = {"v1", "Secret"};

std::string Describe(int64_t number) {
  return number == 0 ? "the recording of the trial"
                     : fmt::format("the recording of release {}", number);
}

}  // namespace

Recordings::Recordings(Client client, const core::Value& owner)
    : client_(std::move(client)),
      namespace_name_(core::NamespaceOf(owner)),
      application_(core::NameOf(owner)),
      owner_reference_(core::Map{{"apiVersion", owner.StringAt("apiVersion")},
                                 {"kind", owner.StringAt("kind")},
                                 {"name", core::NameOf(owner)},
                                 {"uid", owner.StringAt("metadata", "uid")}}) {}

std::string Recordings::NameOf(int64_t number) const {
  return number == 0 ? fmt::format("headgate.{}.log.candidate", application_)
                     : fmt::format("headgate.{}.log.v{}", application_, number);
}

core::Status Recordings::Write(int64_t number, std::string_view text, std::stop_token stop) const {
  const std::string doing = "write " + Describe(number);
  const core::Result<std::string> packed = Compress(text);
  if (!packed) return packed.error().In(doing);
  if (packed->size() > kRecordChunkBytes)
    return core::Invalid(fmt::format("{}: it has {} KiB; a Secret holds {}", doing,
                                     packed->size() >> 10, kRecordChunkBytes >> 10));
  const core::Value secret(
      core::Map{{"apiVersion", "v1"},
                {"kind", "Secret"},
                {"type", kRecordType},
                {"metadata", core::Map{{"name", NameOf(number)},
                                       {"namespace", namespace_name_},
                                       {"ownerReferences", core::List{owner_reference_}}}},
                {"data", core::Map{{std::string(kDataKey), core::ToBase64(*packed)}}}});
  const core::Result<core::Value> written = client_.Apply(secret, {}, stop);
  if (!written) return written.error().In(doing);
  return core::Ok();
}

core::Result<std::string> Recordings::Read(int64_t number, std::stop_token stop) const {
  const std::string doing = "read " + Describe(number);
  const core::Result<core::Value> secret =
      client_.Get(kSecrets, namespace_name_, NameOf(number), stop);
  if (!secret) return secret.error().In(doing);
  const core::Result<std::string> packed = core::FromBase64(secret->StringAt("data", kDataKey));
  if (!packed) return core::Invalid(doing + ": it is damaged: no base64");
  core::Result<std::string> text = Decompress(*packed, kTextBytesMax);
  if (!text) return core::Invalid(doing + ": it is damaged: " + text.error().text());
  return text;
}

core::Status Recordings::Delete(int64_t number, std::stop_token stop) const {
  const core::Status deleted = client_.Delete(kSecrets, namespace_name_, NameOf(number), {}, stop);
  if (!deleted && deleted.error().fault() != core::Fault::kNotFound)
    return deleted.error().In("delete " + Describe(number));
  return core::Ok();
}

}  // namespace headgate::deploy
