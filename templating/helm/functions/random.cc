#include "templating/helm/functions/random.h"

#include <sys/random.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "templating/helm/functions/base_encoding.h"
#include "templating/helm/functions/functions.h"
#include "templating/helm/unicode.h"

namespace headgate::templating::helm {

bool FillRandom(Call& call, std::span<std::byte> bytes) {
  call.context().varied = true;
  if (call.context().random) {
    call.context().random(bytes);
    return true;
  }
  while (!bytes.empty()) {
    const ssize_t got = getrandom(bytes.data(), bytes.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) {
      call.Fail("the system gives no random bytes");
      return false;
    }
    bytes = bytes.subspan(static_cast<size_t>(got));
  }
  return true;
}

uint64_t RandomBelow(Call& call, uint64_t bound) {
  const uint64_t uneven = (0 - bound) % bound;  // of the 2^64 numbers, so many are too many
  while (true) {
    uint64_t number = 0;
    if (!FillRandom(call, std::as_writable_bytes(std::span(&number, 1)))) return 0;
    if (number >= uneven) return number % bound;
  }
}

namespace {

constexpr std::string_view kNumeric = "0123456789";
constexpr std::string_view kAlpha = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::string_view kAlphaNumeric =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::string_view kAscii =
    " !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz"
    "{|}~";

Value RandomText(Call& call, std::string_view alphabet) {
  const int64_t count = call.Int(0);
  if (count <= 0) return Value::Text("");
  const auto size = static_cast<size_t>(count);
  if (!call.Fits(size)) return {};
  // One byte a character: those beyond the last whole alphabet are thrown away.
  const size_t usable = 256 / alphabet.size() * alphabet.size();
  char* const text = call.heap()->NewText(size);
  std::array<std::byte, 256> bytes;
  for (size_t made = 0; made < size;) {
    const auto wanted = std::span(bytes).first(std::min(bytes.size(), size - made));
    if (!FillRandom(call, wanted)) return {};
    for (const std::byte random : wanted) {
      const auto byte = static_cast<size_t>(random);
      if (byte < usable) text[made++] = alphabet[byte % alphabet.size()];
    }
  }
  return Value::Text({text, size});
}

Value RandAlphaNum(Call& call) { return RandomText(call, kAlphaNumeric); }
Value RandAlpha(Call& call) { return RandomText(call, kAlpha); }
Value RandNumeric(Call& call) { return RandomText(call, kNumeric); }
Value RandAscii(Call& call) { return RandomText(call, kAscii); }

Value RandBytes(Call& call) {
  const int64_t count = call.Int(0);
  if (count < 0) return call.Fail("runtime error: makeslice: len out of range");
  if (!call.Fits(static_cast<size_t>(count) / 3 * 4)) return {};
  std::string bytes(static_cast<size_t>(count), '\0');
  if (!FillRandom(call, std::as_writable_bytes(std::span(bytes)))) return {};
  return call.New(EncodeBase64(bytes));
}

// From the first, before the second.
Value RandInt(Call& call) {
  const auto low = static_cast<uint64_t>(call.Int(0));
  const uint64_t range = static_cast<uint64_t>(call.Int(1)) - low;
  if (static_cast<int64_t>(range) <= 0) return call.Fail("invalid argument to Intn");
  return Value::Int(static_cast<int64_t>(low + RandomBelow(call, range)));
}

Value Shuffle(Call& call) {
  std::u32string runes;
  for (std::string_view rest = call.Text(0); !rest.empty();) runes += TakeRune(&rest);
  for (size_t i = runes.size(); i > 1; --i) std::swap(runes[i - 1], runes[RandomBelow(call, i)]);
  std::string text;
  for (const char32_t rune : runes) AppendRune(&text, rune);
  return call.New(text);
}

Value UuidV4(Call& call) {
  std::array<std::byte, 16> bytes;
  if (!FillRandom(call, bytes)) return {};
  bytes[6] = (bytes[6] & std::byte{0x0f}) | std::byte{0x40};
  bytes[8] = (bytes[8] & std::byte{0x3f}) | std::byte{0x80};
  std::string text;
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += "0123456789abcdef"[static_cast<size_t>(bytes[i]) >> 4];
    text += "0123456789abcdef"[static_cast<size_t>(bytes[i]) & 15];
  }
  return call.New(text);
}

constexpr Type kInt = Type::kInt;
constexpr Function kFunctions[] = {
    {"randAlphaNum", {kInt}, RandAlphaNum}, {"randAlpha", {kInt}, RandAlpha},
    {"randNumeric", {kInt}, RandNumeric},   {"randAscii", {kInt}, RandAscii},
    {"randBytes", {kInt}, RandBytes},       {"randInt", {kInt, kInt}, RandInt},
    {"shuffle", {Type::kString}, Shuffle},  {"uuidv4", {}, UuidV4},
};

}  // namespace

void AddRandom(FunctionTable* table) { table->Add(kFunctions); }

}  // namespace headgate::templating::helm
