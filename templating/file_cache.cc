#include "templating/file_cache.h"

#include <algorithm>
#include <functional>
#include <utility>

namespace headgate::templating {
namespace {

constexpr size_t kMarks = size_t{1} << 15;
constexpr size_t kTreeBytesPerByte = 7;  // about
constexpr size_t kSmallTreeBytesMax = size_t{16} << 10;
constexpr size_t kEntryBytes = 512;  // of what stands around a file

}  // namespace

std::string FileCache::KeyOf(std::string_view repository, std::string_view id) {
  std::string key(id);
  key += ' ';
  key += repository;
  return key;
}

// Whether a key was asked for before, as far as that is remembered; from now on it was.
bool FileCache::WasAskedFor(std::string_view key) {
  if (asked_.empty()) asked_.resize(kMarks);
  const size_t hash = std::hash<std::string_view>()(key);
  const auto mark = static_cast<uint32_t>(hash >> 32) | 1;  // 0 is nobody's
  return std::exchange(asked_[hash % kMarks], mark) == mark;
}

void FileCache::MakeRoom() {
  while (bytes_ > bytes_max_ && !entries_.empty()) {
    bytes_ -= entries_.back().bytes;
    by_key_.erase(entries_.back().file->key_);
    entries_.pop_back();
  }
}

std::shared_ptr<KeptFile> FileCache::Find(std::string_view repository, std::string_view id) {
  const std::string key = KeyOf(repository, id);
  const std::lock_guard lock(mutex_);
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return nullptr;
  ++found_;
  entries_.splice(entries_.begin(), entries_, found->second);
  return found->second->file;
}

std::shared_ptr<KeptFile> FileCache::Keep(std::string_view repository, std::string_view id,
                                          std::string_view bytes) {
  if (bytes.size() > bytes_max_ / 4) return nullptr;
  std::string key = KeyOf(repository, id);
  const std::lock_guard lock(mutex_);
  if (!WasAskedFor(key)) return nullptr;
  if (const auto found = by_key_.find(key); found != by_key_.end()) return found->second->file;
  const size_t size = bytes.size() + key.size() + kEntryBytes;
  entries_.push_front({std::make_shared<KeptFile>(std::move(key), bytes), size});
  by_key_.emplace(entries_.front().file->key_, entries_.begin());
  bytes_ += size;
  std::shared_ptr<KeptFile> file = entries_.front().file;
  MakeRoom();
  return file;
}

const std::vector<yaml::Node*>* FileCache::Trees(KeptFile* file, KeptFile::Parse parse) {
  const KeptFile::Made* made = nullptr;
  {
    const std::lock_guard lock(file->mutex_);
    for (const auto& each : file->made_) {
      if (each->parse == parse) return each->fine ? &each->trees : nullptr;
    }
    auto fresh = std::make_unique<KeptFile::Made>(
        parse, std::min(kSmallTreeBytesMax, kTreeBytesPerByte * file->text_.size() + 256));
    core::Result<std::vector<yaml::Node*>> trees = parse(file->text_, "", &fresh->arena);
    fresh->fine = static_cast<bool>(trees);
    if (trees) fresh->trees = std::move(*trees);
    made = file->made_.emplace_back(std::move(fresh)).get();
  }
  ++parsed_;
  const std::lock_guard lock(mutex_);
  if (const auto found = by_key_.find(file->key_);
      found != by_key_.end() && found->second->file.get() == file) {
    const size_t more = made->arena.bytes() + made->trees.capacity() * sizeof(yaml::Node*);
    found->second->bytes += more;
    bytes_ += more;
    MakeRoom();
  }
  return made->fine ? &made->trees : nullptr;
}

size_t FileCache::bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

}  // namespace headgate::templating
