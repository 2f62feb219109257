#pragma once

#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "core/bundle.h"
#include "core/result.h"
#include "deploy/records.h"

namespace headgate::reconciler {

using SharedRecord = std::shared_ptr<const core::BundleRecord>;

// The release records of one application, read once and then remembered: what stable is, and the
// candidate on trial.
class Releases {
 public:
  // `index` may be nullptr.
  Releases(deploy::Records records, std::shared_ptr<deploy::RecordIndex> index)
      : records_(std::move(records)), index_(std::move(index)) {}

  // Learns which records there are; nothing is asked when that was done before, or where `none`
  // says that none can have been written.
  core::Status Load(bool none, std::stop_token stop);
  // Reads the newest release that is whole, and the candidate. A damaged newest release gives way
  // to the one before it, a damaged candidate to none; `damage` says so. What git renders to
  // (nullptr: not known) is taken for the newest release where it has the same hash: then nothing
  // is read.
  core::Status Resolve(const core::BundleRecord* wanted, std::stop_token stop);
  // Forgets their content until the next Resolve, where that would cost nothing.
  void Unload();
  const std::string& damage() const { return damage_; }

  SharedRecord stable() const { return stable_; }        // nullptr: nothing was released yet
  SharedRecord candidate() const { return candidate_; }  // nullptr: none, or it cannot be read

  // An earlier release; kNotFound, or kInvalid where its record is damaged.
  core::Result<core::BundleRecord> Read(int64_t number, std::stop_token stop) const {
    return records_.Read(number, stop);
  }

  // Written before the candidate's first object.
  core::Status KeepCandidate(core::BundleRecord record, std::stop_token stop);
  // A trial is over; nothing to do where no candidate is kept.
  core::Status DropCandidate(std::stop_token stop);
  // The record becomes the newest release; its number is set here. The candidate's record goes, and
  // all but the newest.
  core::Status Release(core::BundleRecord record, std::stop_token stop);

 private:
  bool Has(int64_t number) const;
  void Note(const core::BundleRecord& record);

  deploy::Records records_;
  std::shared_ptr<deploy::RecordIndex> index_;
  bool loaded_ = false;
  bool resolved_ = false;
  std::vector<deploy::RecordHeader> headers_;  // newest first, then the candidate's
  std::string damage_;
  SharedRecord stable_;
  SharedRecord candidate_;
};

}  // namespace headgate::reconciler
