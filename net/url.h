#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.h"

namespace headgate::net {

// The parts of a URL, read by the same parser that connects. User and password are decoded, all
// else is as written.
struct Url {
  std::string scheme;  // lower case
  std::string user, password;
  std::string host;   // lower case; an IPv6 address in brackets
  std::string port;   // the scheme's own where none is written; "" where neither is known
  std::string path;   // begins with '/'
  std::string query;  // without '?'
};

// An absolute URL of any scheme. kInvalid never repeats the text, since that may hold a password.
core::Result<Url> ParseUrl(std::string_view text);

// Back to text: without user and password. ShowSafe leaves out the query too: for errors and logs.
std::string ToText(const Url& url);
std::string ShowSafe(const Url& url);
std::string ShowSafe(std::string_view url_text);  // "a URL that cannot be read" where it is none

// `location` (absolute or relative) as seen from `base`.
core::Result<Url> Resolve(const Url& base, std::string_view location);

// Same scheme, host and port: where credentials for one may go to the other.
bool SameOrigin(const Url& a, const Url& b);

// For one value of a query or one segment of a path: all but letters, digits and "-._~" as %XX.
std::string PercentEncode(std::string_view text);
// The other way; kInvalid: a % without two digits behind it.
core::Result<std::string> PercentDecode(std::string_view text);
// "a=1&b=x%20y".
std::string ToQuery(const std::vector<std::pair<std::string, std::string>>& values);

}  // namespace headgate::net
