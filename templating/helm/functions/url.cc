#include "templating/helm/functions/url.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <tuple>
#include <utility>

#include "templating/helm/functions/url_escape.h"
#include "templating/helm/strconv.h"

namespace headgate::templating::helm {
namespace {

// The text before a separator and behind it; all of it and nothing, where there is none.
std::pair<std::string_view, std::string_view> Cut(std::string_view text, char separator) {
  const size_t at = text.find(separator);
  if (at == std::string_view::npos) return {text, {}};
  return {text.substr(0, at), text.substr(at + 1)};
}

bool IsLetter(char c) { return ('a' <= c && c <= 'z') || ('A' <= c && c <= 'Z'); }
bool IsDigit(char c) { return '0' <= c && c <= '9'; }

bool IsPort(std::string_view text) {  // with its colon; none is one too
  if (text.empty()) return true;
  return text[0] == ':' && std::all_of(text.begin() + 1, text.end(), IsDigit);
}

bool IsUser(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return IsLetter(c) || IsDigit(c) ||
           std::string_view("-._:~!$&'()*+,;=%@").find(c) != std::string_view::npos;
  });
}

bool IsIpv6(std::string_view text) {  // with a zone behind "%"
  const auto [address, zone] = Cut(text, '%');
  if (address.size() < text.size() && zone.empty()) return false;
  std::array<unsigned char, 16> bytes;
  return address.find(':') != std::string_view::npos &&
         inet_pton(AF_INET6, std::string(address).c_str(), bytes.data()) == 1;
}

// Takes one URL apart; each step says whether it worked, and `error` why not.
class UrlReader {
 public:
  explicit UrlReader(std::string* error) : error_(error) {}
  bool Read(std::string_view text);

  Url url;

 private:
  bool Fail(std::string text) {
    *error_ = std::move(text);
    return false;
  }
  bool Scheme(std::string_view* text);
  bool Authority(std::string_view text);
  bool User(std::string_view text);
  bool Host(std::string_view text);
  bool BracketHost(std::string_view text);
  bool Unescape(std::string_view text, UrlPart part, std::string* to);

  std::string* error_;
};

bool UrlReader::Unescape(std::string_view text, UrlPart part, std::string* to) {
  std::optional<std::string> unescaped = UnescapeUrl(text, part, error_);
  if (unescaped) *to = std::move(*unescaped);
  return unescaped.has_value();
}

bool UrlReader::Scheme(std::string_view* text) {
  for (size_t i = 0; i < text->size(); ++i) {
    const char c = (*text)[i];
    if (IsLetter(c)) continue;
    if (c == ':') {
      if (i == 0) return Fail("missing protocol scheme");
      url.scheme = text->substr(0, i);
      for (char& letter : url.scheme) letter = static_cast<char>(std::tolower(letter));
      text->remove_prefix(i + 1);
      return true;
    }
    if (i == 0 || !(IsDigit(c) || c == '+' || c == '-' || c == '.')) return true;
  }
  return true;
}

bool UrlReader::User(std::string_view text) {
  if (!IsUser(text)) return Fail("net/url: invalid userinfo");
  url.user.emplace();
  const auto [name, password] = Cut(text, ':');
  if (!Unescape(name, UrlPart::kUser, &url.user->name)) return false;
  if (name.size() == text.size()) return true;
  return Unescape(password, UrlPart::kUser, &url.user->password.emplace());
}

// "[fe80::1%25eth0]:80"
bool UrlReader::BracketHost(std::string_view text) {
  const size_t end = text.rfind(']');
  if (end == std::string_view::npos) return Fail("missing ']' in host");
  const std::string_view port = text.substr(end + 1), inside = text.substr(1, end - 1);
  if (!IsPort(port)) return Fail("invalid port " + Quote(port) + " after host");
  const size_t zone = std::min(inside.find("%25"), inside.size());
  std::string address, zone_name;
  if (!Unescape(inside.substr(0, zone), UrlPart::kHost, &address) ||
      !Unescape(inside.substr(zone), UrlPart::kZone, &zone_name)) {
    return false;
  }
  const std::string host = address + zone_name;
  if (!IsIpv6(host)) {
    std::array<unsigned char, 4> bytes;
    if (inet_pton(AF_INET, host.c_str(), bytes.data()) == 1) return Fail("invalid IP-literal");
    return Fail("invalid host: ParseAddr(" + Quote(host) + "): unable to parse IP");
  }
  url.host = "[" + host + "]" + std::string(port);
  return true;
}

bool UrlReader::Host(std::string_view text) {
  const size_t bracket = text.rfind('[');
  if (bracket == 0) return BracketHost(text);
  if (bracket != std::string_view::npos) return Fail("invalid IP-literal");
  if (const size_t colon = text.rfind(':'); colon != std::string_view::npos) {
    const std::string_view port = text.substr(colon);
    if (!IsPort(port)) return Fail("invalid port " + Quote(port) + " after host");
  }
  return Unescape(text, UrlPart::kHost, &url.host);
}

bool UrlReader::Authority(std::string_view text) {
  const size_t at = text.rfind('@');
  if (at == std::string_view::npos) return Host(text);
  return Host(text.substr(at + 1)) && User(text.substr(0, at));
}

bool UrlReader::Read(std::string_view text) {
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; };
  if (std::any_of(text.begin(), text.end(), is_control)) {
    return Fail("net/url: invalid control character in URL");
  }
  if (text == "*") {
    url.path = "*";
    return true;
  }
  std::string_view rest = text;
  if (!Scheme(&rest)) return false;
  std::tie(rest, url.query) = Cut(rest, '?');
  if (!rest.starts_with('/')) {
    if (!url.scheme.empty()) {
      url.opaque = rest;
      return true;
    }
    if (Cut(rest, '/').first.find(':') != std::string_view::npos) {
      return Fail("first path segment in URL cannot contain colon");
    }
  }
  if (rest.starts_with("//") && (!url.scheme.empty() || !rest.starts_with("///"))) {
    rest.remove_prefix(2);
    const size_t slash = std::min(rest.find('/'), rest.size());
    if (!Authority(rest.substr(0, slash))) return false;
    rest.remove_prefix(slash);
  }
  return Unescape(rest, UrlPart::kPath, &url.path);
}

}  // namespace

std::optional<Url> ParseUrl(std::string_view text, std::string* error) {
  const auto [before, fragment] = Cut(text, '#');
  std::string fault;
  UrlReader reader(&fault);
  if (!reader.Read(before)) {
    *error = "parse " + Quote(before) + ": " + fault;
    return std::nullopt;
  }
  std::optional<std::string> unescaped = UnescapeUrl(fragment, UrlPart::kFragment, &fault);
  if (!unescaped) {
    *error = "parse " + Quote(text) + ": " + fault;
    return std::nullopt;
  }
  reader.url.fragment = std::move(*unescaped);
  return std::move(reader.url);
}

std::string Url::User::Text() const {
  std::string text = EscapeUrl(name, UrlPart::kUser);
  if (password) text += ":" + EscapeUrl(*password, UrlPart::kUser);
  return text;
}

std::string Url::Hostname() const {
  std::string_view name = host;
  const size_t colon = name.rfind(':');
  if (colon != std::string_view::npos && IsPort(name.substr(colon))) name = name.substr(0, colon);
  if (name.starts_with('[') && name.ends_with(']')) name = name.substr(1, name.size() - 2);
  return std::string(name);
}

std::string Url::Text() const {
  std::string text;
  if (!scheme.empty()) text = scheme + ":";
  if (!opaque.empty()) {
    text += opaque;
  } else {
    if (!host.empty() || user || (!scheme.empty() && !path.empty())) text += "//";
    if (user) text += user->Text() + "@";
    text += EscapeUrl(host, UrlPart::kHost);
    const std::string escaped = path == "*" ? path : EscapeUrl(path, UrlPart::kPath);
    if (!escaped.empty() && escaped[0] != '/' && !host.empty()) text += '/';
    // A first segment with a colon would be taken for a scheme.
    if (text.empty() && Cut(escaped, '/').first.find(':') != std::string_view::npos) text += "./";
    text += escaped;
  }
  if (!query.empty()) text += "?" + query;
  if (!fragment.empty()) text += "#" + EscapeUrl(fragment, UrlPart::kFragment);
  return text;
}

}  // namespace headgate::templating::helm
