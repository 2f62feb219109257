#include "templating/yaml/source.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>

#include "templating/yaml/utf8.h"

namespace headgate::templating::yaml {
namespace {

constexpr size_t kBlockBytes = 16;
typedef uint8_t Block __attribute__((vector_size(kBlockBytes)));

// What a text has that needs a closer look.
struct Census {
  bool carriage_return = false;
  bool control = false;
  bool high = false;  // a byte of a character beyond ASCII
};

bool IsControl(uint8_t c) { return (c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7F; }

bool Any(Block block) {
  uint64_t halves[2];
  std::memcpy(halves, &block, sizeof halves);
  return (halves[0] | halves[1]) != 0;
}

Census Count(std::string_view text) {
  Block returns{}, controls{}, highs{};
  size_t at = 0;
  for (; at + kBlockBytes <= text.size(); at += kBlockBytes) {
    Block block;
    std::memcpy(&block, text.data() + at, kBlockBytes);
    const Block returned = (Block)(block == '\r');
    returns |= returned;
    controls |= (Block)(block < 0x20) & (Block)(block != '\t') & (Block)(block != '\n') & ~returned;
    controls |= (Block)(block == 0x7F);
    highs |= block & 0x80;
  }
  Census census{Any(returns), Any(controls), Any(highs)};
  for (; at < text.size(); ++at) {
    const auto c = static_cast<uint8_t>(text[at]);
    census.carriage_return |= c == '\r';
    census.control |= IsControl(c);
    census.high |= c >= 0x80;
  }
  return census;
}

// A place where a text cannot be read, and why.
struct Flaw {
  size_t offset;
  std::string what;
};

core::Error At(std::string_view text, const Flaw& flaw, std::string_view file, uint32_t line) {
  uint32_t column = 1;
  for (char c : text.substr(0, flaw.offset)) {
    if (c == '\n') {
      ++line;
      column = 1;
    } else if ((c & 0xC0) != 0x80) {
      ++column;
    }
  }
  return core::Invalid(fmt::format("{}:{}:{}: {}", file, line, column, flaw.what));
}

// Whether a character beyond ASCII may stand in YAML.
bool IsAllowed(char32_t c) { return c == 0x85 || (c >= 0xA0 && c != 0xFFFE && c != 0xFFFF); }
bool IsBreak(char32_t c) { return c == 0x85 || c == 0x2028 || c == 0x2029; }

// Every character, one by one; `breaks`: whether lines end with more than line feeds.
std::optional<Flaw> Check(std::string_view text, bool* breaks) {
  constexpr std::string_view kControl =
      "text expected, the control character U+{:04X} found; write it as an escape in double quotes";
  std::string_view rest = text;
  while (!rest.empty()) {
    const size_t offset = text.size() - rest.size();
    const auto first = static_cast<uint8_t>(rest[0]);
    if (first < 0x80) {
      if (IsControl(first)) return Flaw{offset, fmt::format(kControl, first)};
      rest.remove_prefix(1);
      continue;
    }
    const std::optional<char32_t> rune = TakeRune(&rest);
    if (!rune) {
      return Flaw{offset, fmt::format("UTF-8 expected, the byte 0x{:02X} found", first)};
    }
    if (!IsAllowed(*rune)) {
      return Flaw{offset, fmt::format(kControl, static_cast<uint32_t>(*rune))};
    }
    *breaks |= IsBreak(*rune);
  }
  return std::nullopt;
}

// `text` without its byte order mark.
core::Result<std::string> FromUtf16(std::string_view text, bool little, std::string_view file,
                                    uint32_t first_line) {
  std::string out;
  out.reserve(text.size());
  const auto unit = [&](size_t at) {
    const auto a = static_cast<uint8_t>(text[at]), b = static_cast<uint8_t>(text[at + 1]);
    return static_cast<char32_t>(little ? a | (b << 8) : b | (a << 8));
  };
  for (size_t at = 0; at < text.size(); at += 2) {
    const bool whole = at + 2 <= text.size();
    char32_t c = whole ? unit(at) : 0xDC00;
    if (c >= 0xD800 && c < 0xDC00 && at + 4 <= text.size()) {
      const char32_t low = unit(at + 2);
      const bool pair = low >= 0xDC00 && low < 0xE000;
      c = pair ? 0x10000 + ((c & 0x3FF) << 10) + (low & 0x3FF) : c;
      at += pair ? 2 : 0;
    }
    if (c >= 0xD800 && c < 0xE000) {
      return At(out, {out.size(), "UTF-16 expected, half a character found"}, file, first_line);
    }
    AppendRune(c, &out);
  }
  return out;
}

}  // namespace

core::Result<Source> MakeSource(std::string_view text, std::string_view file,
                                const ParseOptions& options, Arena* arena) {
  const Limits& limits = options.limits;
  const uint32_t first_line = options.first_line;
  if (text.size() > limits.total_bytes) {
    return core::Invalid(fmt::format("{}: at most {} MiB of YAML expected, {} MiB found", file,
                                     limits.total_bytes >> 20, text.size() >> 20));
  }
  const bool little = text.starts_with("\xFF\xFE"), big = text.starts_with("\xFE\xFF");
  if (little || big) {
    core::Result<std::string> converted = FromUtf16(text.substr(2), little, file, first_line);
    if (!converted) return converted.error();
    text = arena->Keep(*std::move(converted));
  } else if (text.starts_with("\xEF\xBB\xBF")) {
    text.remove_prefix(3);
  }
  const Census census = Count(text);
  bool breaks = census.carriage_return;
  if (census.control || census.high) {
    if (const std::optional<Flaw> flaw = Check(text, &breaks)) {
      return At(text, *flaw, file, first_line);
    }
  }
  if (!text.ends_with('\n')) {
    const size_t size = text.size();
    text = arena->Join({text, std::string_view("\0\0\0\0", 4)}).substr(0, size);
  }
  return Source{text, !census.high, !breaks, first_line};
}

}  // namespace headgate::templating::yaml
