#include "net/url.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <memory>

namespace headgate::net {
namespace {

struct FreeUrl {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
using CurlUrl = std::unique_ptr<CURLU, FreeUrl>;

core::Error Unreadable(CURLUcode code) {
  return core::Invalid(
      fmt::format("not a URL such as https://host/path: {}", curl_url_strerror(code)));
}

std::string Part(CURLU* url, CURLUPart part, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, flags) != CURLUE_OK || text == nullptr) return "";
  std::string copy(text);
  curl_free(text);
  return copy;
}

std::string Lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return text;
}

Url Parts(CURLU* url) {
  Url parts = {.scheme = Lower(Part(url, CURLUPART_SCHEME)),
               .user = Part(url, CURLUPART_USER, CURLU_URLDECODE),
               .password = Part(url, CURLUPART_PASSWORD, CURLU_URLDECODE),
               .host = Lower(Part(url, CURLUPART_HOST)),
               .port = Part(url, CURLUPART_PORT, CURLU_DEFAULT_PORT),
               .path = Part(url, CURLUPART_PATH),
               .query = Part(url, CURLUPART_QUERY)};
  if (parts.port == "0") parts.port.clear();  // curl's way to say that files have none
  return parts;
}

// The parser of curl takes some of what browsers take; a URL of ours has no such letters.
bool HasStrangeLetter(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) <= ' ' || c == '\x7f' || c == '\\';
  });
}

}  // namespace

core::Result<Url> ParseUrl(std::string_view text) {
  if (HasStrangeLetter(text)) {
    return core::Invalid("a URL cannot hold spaces, control letters or backslashes");
  }
  CurlUrl url(curl_url());
  const CURLUcode code =
      curl_url_set(url.get(), CURLUPART_URL, std::string(text).c_str(), CURLU_NON_SUPPORT_SCHEME);
  if (code != CURLUE_OK) return Unreadable(code);
  return Parts(url.get());
}

std::string ToText(const Url& url) {
  return url.query.empty() ? ShowSafe(url) : fmt::format("{}?{}", ShowSafe(url), url.query);
}

std::string ShowSafe(const Url& url) {
  const bool usual = url.port.empty() || (url.scheme == "https" && url.port == "443") ||
                     (url.scheme == "http" && url.port == "80");
  return fmt::format("{}://{}{}{}", url.scheme, url.host, usual ? "" : ":" + url.port, url.path);
}

std::string ShowSafe(std::string_view url_text) {
  const core::Result<Url> url = ParseUrl(url_text);
  return url ? ShowSafe(*url) : "a URL that cannot be read";
}

core::Result<Url> Resolve(const Url& base, std::string_view location) {
  if (HasStrangeLetter(location)) {
    return core::Invalid("a URL cannot hold spaces, control letters or backslashes");
  }
  CurlUrl url(curl_url());
  CURLUcode code = curl_url_set(url.get(), CURLUPART_URL, ToText(base).c_str(), 0);
  if (code == CURLUE_OK) {
    code = curl_url_set(url.get(), CURLUPART_URL, std::string(location).c_str(), 0);
  }
  if (code != CURLUE_OK) return Unreadable(code);
  return Parts(url.get());
}

bool SameOrigin(const Url& a, const Url& b) {
  return a.scheme == b.scheme && a.host == b.host && a.port == b.port;
}

std::string PercentEncode(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      encoded += c;
    } else {
      encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return encoded;
}

core::Result<std::string> PercentDecode(std::string_view encoded) {
  std::string text;
  for (size_t i = 0; i < encoded.size(); ++i) {
    if (encoded[i] != '%') {
      text += encoded[i];
      continue;
    }
    const std::string digits(encoded.substr(i + 1, 2));
    if (digits.size() < 2 || digits.find_first_not_of("0123456789abcdefABCDEF") != digits.npos) {
      return core::Invalid("a % in the URL is not followed by two hexadecimal digits");
    }
    text += static_cast<char>(std::stoi(digits, nullptr, 16));
    i += 2;
  }
  return text;
}

std::string ToQuery(const std::vector<std::pair<std::string, std::string>>& values) {
  std::string query;
  for (const auto& [name, value] : values) {
    if (!query.empty()) query += '&';
    query += PercentEncode(name) + '=' + PercentEncode(value);
  }
  return query;
}

}  // namespace headgate::net
