#include "templating/helm/chart/schema/url.h"

#include <algorithm>
#include <cctype>
#include <vector>

namespace headgate::templating::helm {
namespace {

// The parts of a URL with their delimiters: "https:", "//host", "/path", "?query".
struct Parts {
  std::string_view scheme, authority, path, query;
};

Parts Split(std::string_view url) {
  Parts parts;
  const size_t colon = url.find_first_of(":/?");
  if (colon != std::string_view::npos && url[colon] == ':' && colon > 0 &&
      std::isalpha(static_cast<unsigned char>(url.front())) != 0) {
    parts.scheme = url.substr(0, colon + 1);
    url.remove_prefix(colon + 1);
  }
  const size_t query = std::min(url.find('?'), url.size());
  parts.query = url.substr(query);
  url = url.substr(0, query);
  if (url.starts_with("//")) {
    const size_t end = std::min(url.find('/', 2), url.size());
    parts.authority = url.substr(0, end);
    url.remove_prefix(end);
  }
  parts.path = url;
  return parts;
}

// Without "." and "..".
std::string WithoutDots(std::string_view path) {
  const bool rooted = path.starts_with('/');
  std::vector<std::string_view> kept;
  bool directory = false;
  for (std::string_view rest = path; !rest.empty();) {
    const size_t slash = std::min(rest.find('/'), rest.size());
    const std::string_view part = rest.substr(0, slash);
    const bool last = slash == rest.size();
    rest.remove_prefix(last ? slash : slash + 1);
    directory = part == "." || part == ".." || (!last && rest.empty());
    if (part == ".." && !kept.empty()) kept.pop_back();
    if (part != "." && part != ".." && !(part.empty() && kept.empty())) kept.push_back(part);
  }
  std::string clean = rooted ? "/" : "";
  for (size_t i = 0; i < kept.size(); ++i) {
    if (i > 0) clean += '/';
    clean += kept[i];
  }
  if (directory && !clean.ends_with('/')) clean += '/';
  return clean;
}

std::optional<std::string> Unescape(std::string_view text) {
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      plain += text[i];
      continue;
    }
    const auto digit = [&text](size_t at) {
      const char c = at < text.size() ? text[at] : '\0';
      return c >= '0' && c <= '9'   ? c - '0'
             : c >= 'a' && c <= 'f' ? c - 'a' + 10
             : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                    : -1;
    };
    if (digit(i + 1) < 0 || digit(i + 2) < 0) return std::nullopt;
    plain += static_cast<char>(digit(i + 1) * 16 + digit(i + 2));
    i += 2;
  }
  return plain;
}

}  // namespace

std::optional<SchemaUrl> ResolveSchemaUrl(std::string_view base, std::string_view reference) {
  const size_t hash = std::min(reference.find('#'), reference.size());
  std::optional<std::string> fragment =
      Unescape(hash < reference.size() ? reference.substr(hash + 1) : "");
  if (!fragment) return std::nullopt;
  SchemaUrl url;
  url.fragment = std::move(*fragment);
  const Parts from = Split(base.substr(0, base.find('#')));
  const Parts to = Split(reference.substr(0, hash));
  const auto join = [&url](std::string_view scheme, std::string_view authority,
                           std::string_view path, std::string_view query) {
    for (const std::string_view part : {scheme, authority, path, query}) url.document += part;
  };
  if (!to.scheme.empty()) {
    const bool opaque = to.authority.empty() && !to.path.starts_with('/');
    join(to.scheme, to.authority, opaque ? std::string(to.path) : WithoutDots(to.path), to.query);
  } else if (!to.authority.empty()) {
    join(from.scheme, to.authority, WithoutDots(to.path), to.query);
  } else if (to.path.empty()) {
    join(from.scheme, from.authority, from.path, to.query.empty() ? from.query : to.query);
  } else if (to.path.starts_with('/')) {
    join(from.scheme, from.authority, WithoutDots(to.path), to.query);
  } else {
    const std::string merged =
        std::string(from.path.substr(0, from.path.rfind('/') + 1)) + std::string(to.path);
    join(from.scheme, from.authority, WithoutDots(merged), to.query);
  }
  return url;
}

}  // namespace headgate::templating::helm
