#include <fmt/format.h>

#include "templating/yaml/scanner.h"

namespace headgate::templating::yaml {
namespace {

constexpr std::string_view kUriBytes = ";/?:@&=+$,.!~*'()[]";

int HexOf(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c = static_cast<char>(c | 0x20);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// Of the character that begins with this byte; 0 where none does.
size_t Utf8Length(unsigned char first) {
  if (first < 0x80) return 1;
  if (first < 0xC0) return 0;
  if (first < 0xE0) return 2;
  if (first < 0xF0) return 3;
  return first < 0xF8 ? 4 : 0;
}

}  // namespace

bool Scanner::ScanName(std::string_view* name) {
  const Spot start = spot();
  const char* from = ++at_;
  while (at_ != end_ && Is(*at_, kWord)) ++at_;
  *name = {from, static_cast<size_t>(at_ - from)};
  const bool ended = at_ == end_ || IsSpace(at_) ||
                     std::string_view("?:,]}%@`").find(*at_) != std::string_view::npos;
  if (name->empty() || !ended) {
    return Complain(start, fmt::format("a name of letters, digits, \"-\" and \"_\" expected after "
                                       "\"{}\"; a text that begins so needs quotes",
                                       *start.at));
  }
  return true;
}

bool Scanner::ScanTag(std::string_view* handle, std::string_view* suffix) {
  const Spot start = spot();
  std::string first, rest;
  if (at_ + 1 != end_ && at_[1] == '<') {
    at_ += 2;
    if (!ScanUri(start, &rest)) return false;
    if (at_ == end_ || *at_ != '>') return Complain(start, "\">\" expected at the end of a tag");
    ++at_;
  } else {
    if (!ScanHandle(start, &first)) return false;
    if (first.size() > 1 && first.back() == '!') {
      if (!ScanUri(start, &rest)) return false;
    } else {
      // No handle but the tag itself, its "!" the handle.
      rest = first.substr(1);
      first.resize(1);
      const bool more = at_ != end_ && (Is(*at_, kWord) || *at_ == '%' ||
                                        kUriBytes.find(*at_) != std::string_view::npos);
      if (more && !ScanUri(start, &rest)) return false;
      if (rest.empty()) std::swap(first, rest);
    }
  }
  if (at_ != end_ && !IsSpace(at_)) return Complain(start, "a blank expected behind the tag");
  *handle = arena_->Copy(first);
  *suffix = arena_->Copy(rest);
  return true;
}

// "!", "!!", "!name!", or the beginning of a tag without handle: "!name".
bool Scanner::ScanHandle(const Spot& start, std::string* handle) {
  if (at_ == end_ || *at_ != '!') return Complain(start, "\"!\" expected where a tag begins");
  do {
    *handle += *at_++;
  } while (at_ != end_ && Is(*at_, kWord));
  if (at_ != end_ && *at_ == '!') *handle += *at_++;
  return true;
}

// Appends at least one character.
bool Scanner::ScanUri(const Spot& start, std::string* text) {
  const size_t before = text->size();
  while (at_ != end_) {
    if (*at_ != '%') {
      if (!Is(*at_, kWord) && kUriBytes.find(*at_) == std::string_view::npos) break;
      *text += *at_++;
      continue;
    }
    // One character, as many escaped bytes as it has.
    for (size_t left = 0, first = 1; first == 1 || left > 0; first = 0, --left) {
      const int high = end_ - at_ > 2 && *at_ == '%' ? HexOf(at_[1]) : -1;
      const int low = high < 0 ? -1 : HexOf(at_[2]);
      if (low < 0) return Complain(start, "two hexadecimal digits expected after \"%\" in a tag");
      const auto byte = static_cast<unsigned char>(high * 16 + low);
      if (first == 1) left = Utf8Length(byte);
      if (left == 0 || (first == 0 && (byte & 0xC0) != 0x80)) {
        return Complain(start, "UTF-8 expected in the escapes of a tag");
      }
      *text += static_cast<char>(byte);
      at_ += 3;
    }
  }
  if (text->size() == before) return Complain(start, "a name expected in a tag");
  return true;
}

bool Scanner::ScanVersion(const Spot& start) {
  const char* from = at_;
  const auto digits = [this] {
    const char* first = at_;
    while (at_ != end_ && *at_ >= '0' && *at_ <= '9') ++at_;
    return at_ - first;
  };
  const auto major = digits();
  const bool point = at_ != end_ && *at_ == '.';
  if (point) ++at_;
  const auto minor = digits();
  const std::string_view version(from, static_cast<size_t>(at_ - from));
  if (major == 0 || !point || minor == 0 ||
      (version != "1.1" && version != "01.1" && version != "1.01" && version != "01.01")) {
    return Complain(start,
                    fmt::format("%YAML 1.1 expected, \"{}\" found; leave the line out", version));
  }
  return true;
}

bool Scanner::EndDirective(const Spot& start) {
  SkipBlanks();
  if (at_ != end_ && *at_ == '#') PassLine();
  if (at_ == end_) return true;
  const size_t length = BreakLength(at_);
  if (length == 0) return Complain(start, "the end of the line expected behind a directive");
  PassBreak(length);
  return true;
}

bool Scanner::ScanDirective(std::string_view* handle, std::string_view* prefix) {
  const Spot start = spot();
  const char* from = ++at_;
  while (at_ != end_ && Is(*at_, kWord)) ++at_;
  const std::string_view name(from, static_cast<size_t>(at_ - from));
  if ((name != "YAML" && name != "TAG") || at_ == end_ || !Is(*at_, kBlank)) {
    return Complain(start, "%YAML or %TAG expected; a text that begins with \"%\" needs quotes");
  }
  SkipBlanks();
  if (name == "YAML") {
    *handle = {};
    return ScanVersion(start) && EndDirective(start);
  }
  std::string first, rest;
  if (!ScanHandle(start, &first)) return false;
  if (first != "!" && first.back() != '!') {
    return Complain(start, "a handle such as \"!name!\" expected after %TAG");
  }
  if (at_ == end_ || !Is(*at_, kBlank)) {
    return Complain(start, "a blank expected between a tag's handle and its prefix");
  }
  SkipBlanks();
  if (!ScanUri(start, &rest)) return false;
  if (at_ != end_ && !IsSpace(at_)) return Complain(start, "a blank expected behind the prefix");
  *handle = arena_->Copy(first);
  *prefix = arena_->Copy(rest);
  return EndDirective(start);
}

}  // namespace headgate::templating::yaml
