#include "deploy/records.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>

#include "core/application.h"
#include "core/hash.h"
#include "core/object.h"

namespace headgate::deploy {
namespace {

// Of each Secret: whose it is and which part of which record.
constexpr std::string_view kRecordOfLabel = "headgate.dev/record-of";  // application, shortened
constexpr std::string_view kNumberLabel = "headgate.dev/record";       // "12" or "candidate"
constexpr std::string_view kPartLabel = "headgate.dev/record-part";    // "0" is the named one
// Of part 0.
constexpr std::string_view kPartsAnnotation = "headgate.dev/record-parts";
constexpr std::string_view kHashAnnotation = "headgate.dev/record-hash";  // SHA-256 of all parts
constexpr std::string_view kRevisionAnnotation = "headgate.dev/revision";
constexpr std::string_view kBundleAnnotation = "headgate.dev/bundle-hash";
constexpr std::string_view kGatedAnnotation = "headgate.dev/gated-hash";
constexpr std::string_view kAtAnnotation = "headgate.dev/at";
constexpr std::string_view kByAnnotation = "headgate.dev/by";

constexpr std::string_view kDataKey = "record";
constexpr size_t kLabelBytesMax = 63;
constexpr int64_t kPartsMax = 80;  // kRecordBytesMax, incompressible

const Type kSecrets = {"v1", "Secret"};

std::string NumberText(int64_t number) {
  return number == 0 ? "candidate" : std::to_string(number);
}

int64_t NumberOf(const std::string& text) {
  int64_t number = -1;
  if (text == "candidate") return 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  return failed == std::errc() && end == text.data() + text.size() && number > 0 ? number : -1;
}

// A label's value holds 63 characters, an application's name up to 253.
std::string LabelFor(const std::string& application) {
  if (application.size() <= kLabelBytesMax) return application;
  const std::string hash = core::Sha256(application);
  return application.substr(0, kLabelBytesMax - 9) + "-" + std::string(core::Short(hash));
}

std::string Describe(int64_t number) {
  return number == 0 ? "the candidate's record" : fmt::format("record of release {}", number);
}

std::optional<RecordHeader> HeaderFrom(const core::Value& secret) {
  RecordHeader header;
  header.number = NumberOf(core::LabelOf(secret, kNumberLabel));
  if (header.number < 0) return std::nullopt;
  header.revision = core::AnnotationOf(secret, kRevisionAnnotation);
  header.bundle_hash = core::AnnotationOf(secret, kBundleAnnotation);
  header.gated_hash = core::AnnotationOf(secret, kGatedAnnotation);
  header.by = core::AnnotationOf(secret, kByAnnotation);
  if (const auto at = core::ParseTime(core::AnnotationOf(secret, kAtAnnotation))) header.at = *at;
  return header;
}

// The candidate's number 0 comes last by itself.
void SortNewestFirst(std::vector<RecordHeader>* headers) {
  std::sort(headers->begin(), headers->end(),
            [](const auto& a, const auto& b) { return a.number > b.number; });
}

}  // namespace

Records::Records(Client client, const core::Value& owner)
    : client_(std::move(client)),
      namespace_name_(core::NamespaceOf(owner)),
      application_(core::NameOf(owner)),
      owner_reference_(core::Map{{"apiVersion", owner.StringAt("apiVersion")},
                                 {"kind", owner.StringAt("kind")},
                                 {"name", core::NameOf(owner)},
                                 {"uid", owner.StringAt("metadata", "uid")}}) {}

std::string Records::label() const { return LabelFor(application_); }

core::Result<RecordIndex::ByLabel> RecordIndex::ListAll(const std::string& namespace_name,
                                                        std::stop_token stop) const {
  const core::Result<ListAnswer> list =
      client_.List(kSecrets,
                   {.namespace_name = namespace_name,
                    .label_selector = fmt::format("{},{}=0", kRecordOfLabel, kPartLabel),
                    .field_selector = fmt::format("type={}", kRecordType),
                    .metadata_only = true},
                   stop);
  if (!list) return list.error().In("release records in " + namespace_name);
  ByLabel all;
  for (const core::Value& secret : list->items) {
    std::optional<RecordHeader> header = HeaderFrom(secret);
    if (header) all[core::LabelOf(secret, kRecordOfLabel)].push_back(std::move(*header));
  }
  for (auto& [label, headers] : all) SortNewestFirst(&headers);
  return all;
}

core::Result<std::vector<RecordHeader>> RecordIndex::Take(const Records& records,
                                                          std::stop_token stop) {
  const std::string label = records.label();
  {
    const std::lock_guard lock(mutex_);
    if (taken_.emplace(records.namespace_name(), label).second) {
      auto known = known_.find(records.namespace_name());
      if (known == known_.end()) {
        core::Result<ByLabel> all = ListAll(records.namespace_name(), stop);
        if (!all) {
          taken_.erase({records.namespace_name(), label});
          return all.error();
        }
        known = known_.emplace(records.namespace_name(), std::move(*all)).first;
      }
      const auto at = known->second.find(label);
      if (at == known->second.end()) return std::vector<RecordHeader>();
      std::vector<RecordHeader> headers = std::move(at->second);
      known->second.erase(at);
      return headers;
    }
  }
  return records.List(stop);
}

std::string Records::NameOf(int64_t number) const {
  return number == 0 ? fmt::format("headgate.{}.candidate", application_)
                     : fmt::format("headgate.{}.v{}", application_, number);
}

core::Value Records::Part(int64_t number, const std::string& hash, size_t part,
                          std::string_view bytes) const {
  const std::string name =
      part == 0 ? NameOf(number) : fmt::format("{}.{}.{}", NameOf(number), core::Short(hash), part);
  core::Value secret(
      core::Map{{"apiVersion", "v1"},
                {"kind", "Secret"},
                {"type", kRecordType},
                {"metadata", core::Map{{"name", name},
                                       {"namespace", namespace_name_},
                                       {"ownerReferences", core::List{owner_reference_}}}},
                {"data", core::Map{{std::string(kDataKey), core::ToBase64(bytes)}}}});
  core::SetLabel(&secret, kRecordOfLabel, LabelFor(application_));
  core::SetLabel(&secret, kNumberLabel, NumberText(number));
  core::SetLabel(&secret, kPartLabel, std::to_string(part));
  core::SetAnnotation(&secret, kHashAnnotation, hash);
  return secret;
}

core::Status Records::Write(const core::BundleRecord& record, std::stop_token stop,
                            bool is_new) const {
  const std::string doing = "write " + Describe(record.number);
  const core::Result<std::string> packed = PackRecord(record);
  if (!packed) return packed.error().In(doing);
  const std::string hash = core::Sha256(*packed);
  const size_t parts =
      std::max<size_t>((packed->size() + kRecordChunkBytes - 1) / kRecordChunkBytes, 1);
  // Part 0 comes last: with it the record is there.
  for (size_t part = parts; part-- > 0;) {
    const std::string_view bytes =
        std::string_view(*packed).substr(part * kRecordChunkBytes, kRecordChunkBytes);
    core::Value secret = Part(record.number, hash, part, bytes);
    if (part == 0) {
      core::SetAnnotation(&secret, kPartsAnnotation, std::to_string(parts));
      core::SetAnnotation(&secret, kRevisionAnnotation, record.bundle.revision);
      core::SetAnnotation(&secret, kBundleAnnotation, record.bundle.hash);
      core::SetAnnotation(&secret, kGatedAnnotation, record.gated_hash);
      core::SetAnnotation(&secret, kAtAnnotation, core::Show(record.at));
      core::SetAnnotation(&secret, kByAnnotation, record.by);
    }
    const core::Result<core::Value> written = client_.Apply(secret, {}, stop);
    if (!written) return written.error().In(doing);
  }
  if (is_new) return core::Ok();
  // Parts of an earlier one of the same number; nobody refers to them any more.
  return DeleteParts(record.number, hash, stop);
}

core::Result<std::vector<core::Value>> Records::Find(const std::string& more,
                                                     std::stop_token stop) const {
  core::Result<ListAnswer> list = client_.List(
      kSecrets,
      {.namespace_name = namespace_name_,
       .label_selector = fmt::format("{}={}{}", kRecordOfLabel, LabelFor(application_), more),
       .field_selector = fmt::format("type={}", kRecordType),
       .metadata_only = true},
      stop);
  if (!list) return list.error().In("release records of " + application_);
  return std::move(list->items);
}

core::Result<std::vector<RecordHeader>> Records::List(std::stop_token stop) const {
  const core::Result<std::vector<core::Value>> found = Find(fmt::format(",{}=0", kPartLabel), stop);
  if (!found) return found.error();
  std::vector<RecordHeader> headers;
  for (const core::Value& secret : *found) {
    if (std::optional<RecordHeader> header = HeaderFrom(secret))
      headers.push_back(std::move(*header));
  }
  SortNewestFirst(&headers);
  return headers;
}

core::Result<core::BundleRecord> Records::Read(int64_t number, std::stop_token stop) const {
  const std::string doing = "read " + Describe(number);
  const core::Result<core::Value> first =
      client_.Get(kSecrets, namespace_name_, NameOf(number), stop);
  if (!first) return first.error().In(doing);
  const std::string& hash = core::AnnotationOf(*first, kHashAnnotation);
  const int64_t parts = NumberOf(core::AnnotationOf(*first, kPartsAnnotation));
  if (parts < 1 || parts > kPartsMax || hash.empty()) {
    return core::Invalid(doing + ": Secret " + NameOf(number) + " is no release record");
  }
  std::string packed;
  for (int64_t part = 0; part < parts; ++part) {
    core::Result<core::Value> secret =
        part == 0
            ? *first
            : client_.Get(kSecrets, namespace_name_,
                          fmt::format("{}.{}.{}", NameOf(number), core::Short(hash), part), stop);
    if (!secret && secret.error().fault() == core::Fault::kNotFound) {
      return core::Invalid(fmt::format("{}: part {} of {} is missing", doing, part + 1, parts));
    }
    if (!secret) return secret.error().In(doing);
    const core::Result<std::string> bytes = core::FromBase64(secret->StringAt("data", kDataKey));
    if (!bytes) return core::Invalid(doing + ": it is damaged: no base64");
    packed += *bytes;
  }
  if (core::Sha256(packed) != hash) {
    return core::Invalid(doing + ": it is damaged: its hash is another one");
  }
  core::Result<core::BundleRecord> record = UnpackRecord(packed);
  if (!record) return record.error().In(doing);
  return record;
}

core::Status Records::DeleteParts(int64_t number, std::string_view but_hash,
                                  std::stop_token stop) const {
  const core::Result<std::vector<core::Value>> found =
      Find(fmt::format(",{}={}", kNumberLabel, NumberText(number)), stop);
  if (!found) return found.error();
  // The named part goes first: without it the rest is no record.
  std::vector<std::string> names;
  for (const core::Value& secret : *found) {
    if (!but_hash.empty() && core::AnnotationOf(secret, kHashAnnotation) == but_hash) continue;
    const bool named = core::LabelOf(secret, kPartLabel) == "0";
    names.insert(named ? names.begin() : names.end(), core::NameOf(secret));
  }
  for (const std::string& name : names) {
    const core::Status deleted = client_.Delete(kSecrets, namespace_name_, name, {}, stop);
    if (!deleted && deleted.error().fault() != core::Fault::kNotFound) {
      return deleted.error().In("delete " + Describe(number));
    }
  }
  return core::Ok();
}

core::Status Records::Delete(int64_t number, std::stop_token stop) const {
  return DeleteParts(number, "", stop);
}

core::Status Records::DeleteOld(size_t keep, std::stop_token stop) const {
  const core::Result<std::vector<core::Value>> found = Find("", stop);
  if (!found) return found.error();
  // All parts count: what is left of one goes too. The named part goes first.
  std::map<int64_t, std::vector<std::string>, std::greater<>> releases;
  for (const core::Value& secret : *found) {
    const int64_t number = NumberOf(core::LabelOf(secret, kNumberLabel));
    if (number <= 0) continue;
    std::vector<std::string>& names = releases[number];
    const bool named = core::LabelOf(secret, kPartLabel) == "0";
    names.insert(named ? names.begin() : names.end(), core::NameOf(secret));
  }
  size_t kept = 0;
  for (const auto& [number, names] : releases) {
    if (kept++ < keep) continue;
    for (const std::string& name : names) {
      const core::Status deleted = client_.Delete(kSecrets, namespace_name_, name, {}, stop);
      if (!deleted && deleted.error().fault() != core::Fault::kNotFound) {
        return deleted.error().In("delete " + Describe(number));
      }
    }
  }
  return core::Ok();
}

}  // namespace headgate::deploy
