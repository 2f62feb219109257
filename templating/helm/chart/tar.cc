#include "templating/helm/chart/tar.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "templating/helm/strconv.h"

namespace headgate::templating::helm {
namespace {

constexpr size_t kBlockBytes = 512;
constexpr uint64_t kExtraBytesMax = 1024 * 1024;   // of an extension header; Go's
constexpr uint64_t kBytesMax = UINT64_C(1) << 50;  // of a member, that anybody would believe

// A field up to its first NUL.
std::string_view TextAt(std::string_view block, size_t at, size_t bytes) {
  const std::string_view field = block.substr(at, bytes);
  return field.substr(0, field.find('\0'));
}

// A number in octal digits, or of 256s (GNU); nothing where it is none.
std::optional<uint64_t> NumberAt(std::string_view block, size_t at, size_t bytes) {
  std::string_view field = block.substr(at, bytes);
  if (static_cast<unsigned char>(field[0]) == 0x80) {
    uint64_t number = 0;
    for (const char c : field.substr(1)) {
      if (number > kBytesMax) return std::nullopt;
      number = number << 8 | static_cast<unsigned char>(c);
    }
    return number;
  }
  constexpr std::string_view kFill(" \0", 2);
  const size_t first = field.find_first_not_of(kFill);
  if (first == std::string_view::npos) return 0;
  field = field.substr(first);
  field = field.substr(0, field.find('\0'));
  field = field.substr(0, field.find_last_not_of(kFill) + 1);
  const Parsed<uint64_t> parsed = ParseUint(field, 8);
  if (!parsed) return std::nullopt;
  return parsed.number;
}

bool ChecksumFits(std::string_view block) {
  constexpr size_t kAt = 148, kBytes = 8;
  const std::optional<uint64_t> wanted = NumberAt(block, kAt, kBytes);
  if (!wanted) return false;
  uint64_t unsigned_sum = 0;
  int64_t signed_sum = 0;
  for (size_t i = 0; i < block.size(); ++i) {
    const char c = i >= kAt && i < kAt + kBytes ? ' ' : block[i];
    unsigned_sum += static_cast<unsigned char>(c);
    signed_sum += static_cast<signed char>(c);
  }
  return *wanted == unsigned_sum ||
         (signed_sum >= 0 && *wanted == static_cast<uint64_t>(signed_sum));
}

std::string NameIn(std::string_view block) {
  const std::string name(TextAt(block, 0, 100));
  constexpr std::string_view kUstar("ustar\0", 6);
  if (block.substr(257, 6) != kUstar) return name;
  const std::string_view prefix = TextAt(block, 345, 155);
  return prefix.empty() ? name : fmt::format("{}/{}", prefix, name);
}

bool IsZero(std::string_view block) {
  return std::all_of(block.begin(), block.end(), [](char c) { return c == '\0'; });
}

// Why a member of a type is refused; nothing for files and directories.
std::optional<std::string_view> RefusalOf(char type) {
  switch (type) {
    case '0':
    case '\0':
    case '7':
    case '5':
      return std::nullopt;
    case '1':
    case '2':
      return "links in archives are not followed";
    case '3':
    case '4':
    case '6':
      return "devices in archives are refused";
    case 'S':
      return "sparse files in archives are refused";
    default:
      return "a file or directory expected";
  }
}

}  // namespace

core::Result<std::string> TarReader::ReadBlock() {
  std::string block;
  const core::Status read = input_.Read(kBlockBytes, &block);
  if (!read) return read.error();
  if (!block.empty() && block.size() < kBlockBytes) {
    return core::Invalid("the archive ends too early");
  }
  return block;
}

core::Result<std::string> TarReader::ReadData() {
  std::string data;
  const core::Status read = input_.Read(left_, &data);
  if (!read) return read.error();
  if (data.size() < left_) return core::Invalid("the archive ends too early");
  left_ = 0;
  return data;
}

core::Result<std::string> TarReader::ReadExtra(uint64_t bytes) {
  if (bytes > kExtraBytesMax) {
    return core::Invalid(fmt::format("a header of more than {} bytes", kExtraBytesMax));
  }
  left_ = bytes;
  return ReadData();
}

// Records of the form "LENGTH KEY=VALUE\n".
core::Status TarReader::ReadPax(const std::string& records) {
  std::string_view rest = records;
  while (!rest.empty()) {
    const size_t space = rest.find(' ');
    const Parsed<uint64_t> length = ParseUint(rest.substr(0, space), 10);
    if (space == std::string_view::npos || !length || length.number > rest.size() ||
        length.number < space + 2 || rest[length.number - 1] != '\n') {
      return core::Invalid("a PAX header is broken");
    }
    const std::string_view record = rest.substr(space + 1, length.number - space - 2);
    rest.remove_prefix(length.number);
    const size_t equals = record.find('=');
    if (equals == std::string_view::npos) return core::Invalid("a PAX header is broken");
    const std::string_view key = record.substr(0, equals), value = record.substr(equals + 1);
    if (key.starts_with("GNU.sparse."))
      return core::Invalid("sparse files in archives are refused");
    if (key == "path") name_ = value;
    if (key == "size") {
      const Parsed<uint64_t> bytes = ParseUint(value, 10);
      if (!bytes) return core::Invalid("a PAX header is broken");
      bytes_ = bytes.number;
    }
  }
  return core::Ok();
}

core::Result<std::optional<TarMember>> TarReader::Next() {
  name_.reset();
  bytes_.reset();
  for (;;) {
    const core::Status skipped = input_.Skip(left_ + padding_);
    if (!skipped) return skipped.error();
    left_ = padding_ = 0;
    const core::Result<std::string> block = ReadBlock();
    if (!block) return block.error();
    if (block->empty() || IsZero(*block)) return std::optional<TarMember>();
    const std::optional<uint64_t> bytes = NumberAt(*block, 124, 12);
    if (!ChecksumFits(*block) || !bytes) return core::Invalid("a header of the archive is broken");

    const char type = (*block)[156];
    TarMember member{name_.value_or(NameIn(*block)), bytes_.value_or(*bytes), type == '5'};
    if (type == 'x' || type == 'L' || type == 'K' || type == 'g') {
      padding_ = (kBlockBytes - *bytes % kBlockBytes) % kBlockBytes;
      core::Result<std::string> extra = ReadExtra(*bytes);
      if (!extra) return extra.error();
      if (type == 'L') name_ = extra->substr(0, extra->find('\0'));
      const core::Status read = type == 'x' ? ReadPax(*extra) : core::Ok();
      if (!read) return read.error();
      continue;
    }
    if (const std::optional<std::string_view> refusal = RefusalOf(type)) {
      return core::Invalid(fmt::format("{}: {}", member.name, *refusal));
    }
    if (member.bytes > kBytesMax) return core::Invalid("a header of the archive is broken");
    member.is_directory = member.is_directory || member.name.ends_with('/');
    left_ = type == '5' ? 0 : member.bytes;
    padding_ = (kBlockBytes - left_ % kBlockBytes) % kBlockBytes;
    return std::optional<TarMember>(std::move(member));
  }
}

}  // namespace headgate::templating::helm
