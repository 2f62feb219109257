#include "templating/helm/functions/url_escape.h"

#include "templating/helm/strconv.h"

namespace headgate::templating::helm {
namespace {

bool IsOneOf(char c, std::string_view set) { return set.find(c) != std::string_view::npos; }

// RFC 3986, as Go reads it.
bool Escapes(char c, UrlPart part) {
  if (('a' <= c && c <= 'z') || ('A' <= c && c <= 'Z') || ('0' <= c && c <= '9')) return false;
  if (IsOneOf(c, "-_.~")) return false;
  switch (part) {
    case UrlPart::kHost:
    case UrlPart::kZone:
      return !IsOneOf(c, "!$&'()*+,;=:[]<>\"");
    case UrlPart::kPath:
      return !IsOneOf(c, "$&+,/:;=@");
    case UrlPart::kUser:
      return !IsOneOf(c, "$&+,;=");
    case UrlPart::kFragment:
      return !IsOneOf(c, "$&+,/:;=?@!()*");
  }
  return true;
}

int HexDigit(char c) {
  if ('0' <= c && c <= '9') return c - '0';
  if ('a' <= c && c <= 'f') return c - 'a' + 10;
  if ('A' <= c && c <= 'F') return c - 'A' + 10;
  return -1;
}

// In a host only what is not ASCII may be escaped, in a zone only what could stand there anyway;
// the percent sign may, in both.
bool MayBeEscaped(std::string_view escape, char c, UrlPart part) {
  if (escape == "%25") return true;
  if (part == UrlPart::kHost) return (c & 0x80) != 0;
  if (part == UrlPart::kZone) return c == ' ' || !Escapes(c, UrlPart::kHost);
  return true;
}

}  // namespace

std::string EscapeUrl(std::string_view text, UrlPart part) {
  std::string escaped;
  for (const char c : text) {
    if (!Escapes(c, part)) {
      escaped += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    escaped += '%';
    escaped += "0123456789ABCDEF"[byte >> 4];
    escaped += "0123456789ABCDEF"[byte & 15];
  }
  return escaped;
}

std::optional<std::string> UnescapeUrl(std::string_view text, UrlPart part, std::string* error) {
  const bool strict = part == UrlPart::kHost || part == UrlPart::kZone;
  std::string made;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      if (strict && (text[i] & 0x80) == 0 && Escapes(text[i], part)) {
        *error = "invalid character " + Quote(text.substr(i, 1)) + " in host name";
        return std::nullopt;
      }
      made += text[i];
      continue;
    }
    const std::string_view escape = text.substr(i, 3);
    const int high = escape.size() == 3 ? HexDigit(escape[1]) : -1;
    const int low = escape.size() == 3 ? HexDigit(escape[2]) : -1;
    const auto byte = static_cast<char>(high * 16 + low);
    if (high < 0 || low < 0 || !MayBeEscaped(escape, byte, part)) {
      *error = "invalid URL escape " + Quote(escape);
      return std::nullopt;
    }
    made += byte;
    i += 2;
  }
  return made;
}

}  // namespace headgate::templating::helm
