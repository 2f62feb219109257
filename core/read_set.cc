#include "core/read_set.h"

#include <utility>

namespace headgate::core {

void ReadSet::AddPath(std::string path) { paths_.insert(std::move(path)); }
void ReadSet::AddListing(std::string directory) { listings_.insert(std::move(directory)); }

std::optional<std::string> ReadSet::FirstTouched(const Changes& changes) const {
  for (const Change& change : changes) {
    if (paths_.contains(change.path)) return change.path;
    if (change.bytes_only || listings_.empty()) continue;
    const size_t slash = change.path.rfind('/');
    const std::string_view parent =
        std::string_view(change.path).substr(0, slash == std::string::npos ? 0 : slash);
    if (listings_.contains(parent)) return change.path;
  }
  return std::nullopt;
}

void RecordingTree::Note(std::string_view path) const {
  {
    const std::lock_guard lock(mutex_);
    if (!noted_.emplace(path).second) return;
  }
  std::vector<std::string> through = tree_.Through(path);
  const std::lock_guard lock(mutex_);
  for (std::string& each : through) read_.AddPath(std::move(each));
}

FileTree::Type RecordingTree::TypeOf(std::string_view path) const {
  Note(path);
  return tree_.TypeOf(path);
}

Result<std::string> RecordingTree::Read(std::string_view path) const {
  Note(path);
  return tree_.Read(path);
}

std::string RecordingTree::ContentId(std::string_view path) const {
  Note(path);
  return tree_.ContentId(path);
}

Result<std::vector<FileTree::Entry>> RecordingTree::List(std::string_view path) const {
  std::vector<std::string> through = tree_.Through(path);
  {
    const std::lock_guard lock(mutex_);
    read_.AddListing(through.back());
    for (std::string& each : through) read_.AddPath(std::move(each));
  }
  Result<std::vector<Entry>> entries = tree_.List(path);
  if (!entries) return entries;
  // A link's type is that of what it leads to, which may stand elsewhere.
  for (const Entry& entry : *entries) {
    if (entry.type == Type::kNone || entry.name.empty()) continue;
    const std::string child = path.empty() ? entry.name : std::string(path) + "/" + entry.name;
    if (std::vector<std::string> led = tree_.Through(child); led.size() > 1) Note(child);
  }
  return entries;
}

std::vector<std::string> RecordingTree::Through(std::string_view path) const {
  return tree_.Through(path);
}

ReadSet RecordingTree::read() const {
  const std::lock_guard lock(mutex_);
  return read_;
}

}  // namespace headgate::core
