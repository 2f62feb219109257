#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "core/bundle.h"
#include "core/clock.h"
#include "core/result.h"
#include "deploy/kube/client.h"

namespace headgate::deploy {

inline constexpr std::string_view kRecordType = "headgate.dev/release";  // type of the Secrets
inline constexpr size_t kRecordChunkBytes = 900'000;         // a Secret holds at most 1 MiB
inline constexpr size_t kRecordBytesMax = 64 * 1024 * 1024;  // of the JSON, before compression
inline constexpr size_t kRecordsKept = 10;

// What a record says about itself without its objects.
struct RecordHeader {
  int64_t number = 0;  // 0: the candidate on trial
  std::string revision;
  std::string bundle_hash;
  std::string gated_hash;
  core::Time at{};
  std::string by;

  friend bool operator==(const RecordHeader&, const RecordHeader&) = default;
};

// A record as bytes for Secrets: JSON, compressed with zstd. Pure.
core::Result<std::string> PackRecord(const core::BundleRecord& record);
core::Result<core::BundleRecord> UnpackRecord(std::string_view packed);

// The release records of one application: Secrets `headgate.NAME.vNUMBER` and
// `headgate.NAME.candidate` beside the Application. A larger record goes on in Secrets that carry
// the content's hash in their name; the named Secret is written last, so a crash leaves either the
// old record or the new one. Owned by the Application, so that they go with it.
class Records {
 public:
  // `owner` is the live Application: name, namespace, uid.
  Records(Client client, const core::Value& owner);

  // Number 0 writes (or replaces) the candidate's. `is_new`: there was none of this number, so
  // there are no parts of it to clear away.
  core::Status Write(const core::BundleRecord& record, std::stop_token stop = {},
                     bool is_new = false) const;
  // Releases, newest first; then the candidate's, where there is one. Reads metadata only.
  core::Result<std::vector<RecordHeader>> List(std::stop_token stop = {}) const;
  // kNotFound where it is not; kInvalid where a part is missing or its hash is wrong.
  core::Result<core::BundleRecord> Read(int64_t number, std::stop_token stop = {}) const;
  // The label that its Secrets carry, and their namespace.
  std::string label() const;
  const std::string& namespace_name() const { return namespace_name_; }
  // Deletes one record; Ok where it is not there.
  core::Status Delete(int64_t number, std::stop_token stop = {}) const;
  // Deletes all releases but the `keep` of the highest numbers. The candidate's stays.
  core::Status DeleteOld(size_t keep = kRecordsKept, std::stop_token stop = {}) const;

 private:
  std::string NameOf(int64_t number) const;
  core::Value Part(int64_t number, const std::string& hash, size_t part,
                   std::string_view bytes) const;
  core::Result<std::vector<core::Value>> Find(const std::string& more, std::stop_token stop) const;
  core::Status DeleteParts(int64_t number, std::string_view but_hash, std::stop_token stop) const;

  Client client_;
  std::string namespace_name_;
  std::string application_;
  core::Value owner_reference_;
};

// What List would give for each application of a namespace, by one listing of it. Each answer is
// given once; later ones are asked for one by one. Safe to call from several threads.
class RecordIndex {
 public:
  explicit RecordIndex(Client client) : client_(std::move(client)) {}

  core::Result<std::vector<RecordHeader>> Take(const Records& records, std::stop_token stop = {});

 private:
  using ByLabel = std::map<std::string, std::vector<RecordHeader>>;
  core::Result<ByLabel> ListAll(const std::string& namespace_name, std::stop_token stop) const;

  const Client client_;
  std::mutex mutex_;                      // held over the one listing that all wait for
  std::map<std::string, ByLabel> known_;  // by namespace; guarded by mutex_
  std::set<std::pair<std::string, std::string>> taken_;  // namespace and label; guarded by mutex_
};

}  // namespace headgate::deploy
