#pragma once

#include <memory>
#include <stop_token>
#include <string>

#include "core/bundle.h"
#include "core/result.h"
#include "deploy/records.h"

namespace headgate::reconciler {

using SharedRecord = std::shared_ptr<const core::BundleRecord>;

// The release records of one application, read once and then remembered: what stable is, and the
// candidate on trial.
class Releases {
 public:
  explicit Releases(deploy::Records records) : records_(std::move(records)) {}

  // Reads the newest release that is whole, and the candidate; nothing is asked when that was done
  // before. A damaged newest release gives way to the one before it, a damaged candidate to none;
  // `damage` says so.
  core::Status Load(std::stop_token stop);
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
  deploy::Records records_;
  bool loaded_ = false;
  std::string damage_;
  SharedRecord stable_;
  SharedRecord candidate_;
};

}  // namespace headgate::reconciler
