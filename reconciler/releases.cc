#include "reconciler/releases.h"

#include <vector>

namespace headgate::reconciler {

core::Status Releases::Load(std::stop_token stop) {
  if (loaded_) return core::Ok();
  core::Result<std::vector<deploy::RecordHeader>> headers = records_.List(stop);
  if (!headers) return headers.error().In("list release records");
  damage_.clear();
  stable_ = candidate_ = nullptr;
  for (const deploy::RecordHeader& header : *headers) {  // newest first, then the candidate
    if (header.number != 0 && stable_) continue;
    core::Result<core::BundleRecord> record = records_.Read(header.number, stop);
    if (!record && record.error().fault() != core::Fault::kInvalid) return record.error();
    if (!record) {
      damage_ += (damage_.empty() ? "" : "; ") + record.error().text();
      continue;
    }
    (header.number == 0 ? candidate_ : stable_) =
        std::make_shared<const core::BundleRecord>(std::move(*record));
  }
  loaded_ = true;
  return core::Ok();
}

core::Status Releases::KeepCandidate(core::BundleRecord record, std::stop_token stop) {
  record.number = 0;
  if (core::Status written = records_.Write(record, stop); !written) {
    return written.error().In("write the candidate's record");
  }
  candidate_ = std::make_shared<const core::BundleRecord>(std::move(record));
  return core::Ok();
}

core::Status Releases::Release(core::BundleRecord record, std::stop_token stop) {
  record.number = stable_ ? stable_->number + 1 : 1;
  if (core::Status written = records_.Write(record, stop); !written) {
    return written.error().In("write the release record");
  }
  const bool was_candidate = candidate_ && candidate_->gated_hash == record.gated_hash;
  stable_ = std::make_shared<const core::BundleRecord>(std::move(record));
  if (was_candidate) {
    if (core::Status dropped = DropCandidate(stop); !dropped) return dropped;
  }
  return records_.DeleteOld(deploy::kRecordsKept, stop);
}

core::Status Releases::DropCandidate(std::stop_token stop) {
  if (!candidate_) return core::Ok();
  if (core::Status deleted = records_.Delete(0, stop); !deleted)
    return deleted.error().In("delete the candidate's record");
  candidate_ = nullptr;
  return core::Ok();
}

}  // namespace headgate::reconciler
