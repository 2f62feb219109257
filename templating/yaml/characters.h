#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace headgate::templating::yaml {

// What a byte may be in YAML; several at once.
enum Class : uint8_t {
  kBlank = 1,       // space, tab
  kBreak = 2,       // line feed, carriage return
  kEnd = 4,         // NUL: behind the text; it never occurs within
  kMaybeBreak = 8,  // first byte of U+0085, U+2028, U+2029, which break lines as well
  kPlainStop = 16,  // a plain scalar in a block may end here
  kFlowStop = 32,   // a plain scalar in a flow collection may end here
  kWord = 64,       // of anchors and tag handles: [0-9A-Za-z_-]
  kIndicator = 128  // no plain scalar begins with it
};

constexpr std::array<uint8_t, 256> MakeClasses() {
  std::array<uint8_t, 256> classes{};
  const auto add = [&classes](const char* bytes, int what) {
    for (; *bytes; ++bytes) {
      auto& entry = classes[static_cast<unsigned char>(*bytes)];
      entry = static_cast<uint8_t>(entry | what);
    }
  };
  add(" \t", kBlank | kIndicator);
  add("\r\n", kBreak | kPlainStop | kFlowStop | kIndicator);
  classes[0] = kEnd | kPlainStop | kFlowStop | kIndicator;
  add("\xC2\xE2", kMaybeBreak | kPlainStop | kFlowStop);
  add(":#", kPlainStop | kFlowStop);
  add(",?[]{}", kFlowStop);
  add("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-", kWord);
  add("-?:,[]{}#&*!|>'\"%@`", kIndicator);
  return classes;
}

inline constexpr std::array<uint8_t, 256> kClasses = MakeClasses();

inline bool Is(char c, int what) { return (kClasses[static_cast<unsigned char>(c)] & what) != 0; }

// Of the line break at `at`: 0 where there is none. Reads past `at` only behind a byte that can
// begin a break.
inline size_t BreakLength(const char* at) {
  if (!Is(*at, kBreak | kMaybeBreak)) return 0;
  if (*at == '\n') return 1;
  if (*at == '\r') return at[1] == '\n' ? 2 : 1;
  if (*at == '\xC2') return at[1] == '\x85' ? 2 : 0;
  return at[1] == '\x80' && (at[2] == '\xA8' || at[2] == '\xA9') ? 3 : 0;
}

// A blank, a line break or the end.
inline bool IsSpace(const char* at) {
  return Is(*at, kBlank | kBreak | kEnd) || BreakLength(at) != 0;
}

}  // namespace headgate::templating::yaml
