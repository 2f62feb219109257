#include "core/bundle.h"

#include "core/hash.h"

namespace headgate::core {
namespace {

Value Bodies(const Objects& objects) {
  List bodies;
  bodies.reserve(objects.size());
  for (const Object& object : objects) bodies.push_back(object.body);
  return bodies;
}

}  // namespace

Bundle MakeBundle(std::string revision, Objects objects) {
  std::string hash = ContentHash(Bodies(objects));
  return {std::move(revision), std::move(hash), std::move(objects)};
}

Value ToValue(const BundleRecord& record) {
  return Map{{"number", record.number},
             {"revision", record.bundle.revision},
             {"hash", record.bundle.hash},
             {"gatedHash", record.gated_hash},
             {"contentNamed", record.content_named},
             {"at", Show(record.at)},
             {"by", record.by},
             {"objects", Bodies(record.bundle.objects)}};
}

Result<BundleRecord> ParseBundleRecord(const Value& value) {
  BundleRecord record;
  record.number = value.IntAt(0, "number");
  record.gated_hash = value.StringAt("gatedHash");
  record.content_named = value.BoolAt(false, "contentNamed");
  record.by = value.StringAt("by");
  Result<Time> at = ParseTime(value.StringAt("at"));
  if (!at) return at.error().In("release record");
  record.at = *at;
  Objects objects;
  for (const Value& body : value.ListAt("objects")) objects.push_back({body, ""});
  record.bundle = MakeBundle(value.StringAt("revision"), std::move(objects));
  if (record.bundle.hash != value.StringAt("hash")) {
    return Invalid(
        "release record: its objects are not those whose hash it carries; it was changed by "
        "another hand");
  }
  return record;
}

}  // namespace headgate::core
