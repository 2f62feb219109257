#include "reconciler/releases.h"

#include <algorithm>
#include <vector>

namespace headgate::reconciler {

namespace {

deploy::RecordHeader HeaderOf(const core::BundleRecord& record) {
  return {record.number, record.bundle.revision, record.bundle.hash, record.gated_hash, record.at,
          record.by};
}

}  // namespace

core::Status Releases::Load(bool none, std::stop_token stop) {
  if (loaded_) return core::Ok();
  if (!none) {
    core::Result<std::vector<deploy::RecordHeader>> headers =
        index_ ? index_->Take(records_, stop) : records_.List(stop);
    if (!headers) return headers.error().In("list release records");
    headers_ = std::move(*headers);
  }
  loaded_ = true;
  return core::Ok();
}

core::Status Releases::Resolve(const core::BundleRecord* wanted, std::stop_token stop) {
  if (resolved_) return core::Ok();
  damage_.clear();
  stable_ = candidate_ = nullptr;
  for (const deploy::RecordHeader& header : headers_) {
    if (header.number != 0 && stable_) continue;
    // Of what is gated a record says more than its header does.
    const bool same = wanted && header.number != 0 && header.gated_hash.empty() &&
                      wanted->gated_hash.empty() && header.bundle_hash == wanted->bundle.hash;
    core::Result<core::BundleRecord> record =
        same ? core::Result<core::BundleRecord>(*wanted) : records_.Read(header.number, stop);
    if (!record && record.error().fault() != core::Fault::kInvalid) return record.error();
    if (!record) {
      damage_ += (damage_.empty() ? "" : "; ") + record.error().text();
      continue;
    }
    if (same) {
      record->number = header.number;
      record->bundle.revision = header.revision;
      record->at = header.at;
      record->by = header.by;
    }
    (header.number == 0 ? candidate_ : stable_) =
        std::make_shared<const core::BundleRecord>(std::move(*record));
  }
  resolved_ = true;
  return core::Ok();
}

void Releases::Unload() {
  if (!stable_ || candidate_ || !stable_->gated_hash.empty() || !damage_.empty()) return;
  stable_ = nullptr;
  resolved_ = false;
}

bool Releases::Has(int64_t number) const {
  return std::any_of(headers_.begin(), headers_.end(),
                     [&](const auto& header) { return header.number == number; });
}

// Keeps the headers in order.
void Releases::Note(const core::BundleRecord& record) {
  std::erase_if(headers_, [&](const auto& header) { return header.number == record.number; });
  if (record.number == 0) {
    headers_.push_back(HeaderOf(record));
  } else {
    headers_.insert(headers_.begin(), HeaderOf(record));
  }
}

core::Status Releases::KeepCandidate(core::BundleRecord record, std::stop_token stop) {
  record.number = 0;
  if (core::Status written = records_.Write(record, stop); !written) {
    return written.error().In("write the candidate's record");
  }
  Note(record);
  candidate_ = std::make_shared<const core::BundleRecord>(std::move(record));
  return core::Ok();
}

core::Status Releases::Release(core::BundleRecord record, std::stop_token stop) {
  record.number = stable_ ? stable_->number + 1 : 1;
  // A record of that number is there where a damaged one was passed over.
  if (core::Status written = records_.Write(record, stop, !Has(record.number)); !written) {
    return written.error().In("write the release record");
  }
  Note(record);
  const bool was_candidate = candidate_ && candidate_->gated_hash == record.gated_hash;
  stable_ = std::make_shared<const core::BundleRecord>(std::move(record));
  if (was_candidate) {
    if (core::Status dropped = DropCandidate(stop); !dropped) return dropped;
  }
  if (headers_.size() <= deploy::kRecordsKept) return core::Ok();
  if (core::Status deleted = records_.DeleteOld(deploy::kRecordsKept, stop); !deleted)
    return deleted;
  size_t releases = 0;
  std::erase_if(headers_, [&](const auto& header) {
    return header.number != 0 && ++releases > deploy::kRecordsKept;
  });
  return core::Ok();
}

core::Status Releases::DropCandidate(std::stop_token stop) {
  if (!candidate_) return core::Ok();
  if (core::Status deleted = records_.Delete(0, stop); !deleted)
    return deleted.error().In("delete the candidate's record");
  candidate_ = nullptr;
  std::erase_if(headers_, [](const auto& header) { return header.number == 0; });
  return core::Ok();
}

}  // namespace headgate::reconciler
