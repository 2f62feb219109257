#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/result.h"
#include "templating/helm/chart/inflate.h"

namespace headgate::templating::helm {

// A member of a tar archive.
struct TarMember {
  std::string name;
  uint64_t bytes = 0;
  bool is_directory = false;
};

// Reads the members of a tar archive (ustar, PAX, GNU) one after the other.
class TarReader {
 public:
  explicit TarReader(Inflater* input) : input_(*input) {}

  // The next file or directory; nothing at the end. What the last one held and was not read is
  // skipped. kInvalid for links, devices, sparse files and broken headers.
  core::Result<std::optional<TarMember>> Next();
  // The bytes of the member that Next gave.
  core::Result<std::string> ReadData();

 private:
  core::Result<std::string> ReadBlock();  // "" at the end
  core::Result<std::string> ReadExtra(uint64_t bytes);
  core::Status ReadPax(const std::string& records);

  Inflater& input_;
  uint64_t left_ = 0;     // of the present member's data
  uint64_t padding_ = 0;  // behind it
  // What extension headers say about the next member.
  std::optional<std::string> name_;
  std::optional<uint64_t> bytes_;
};

}  // namespace headgate::templating::helm
