#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace headgate::templating::helm {

// A URL as Go's net/url takes it apart and puts it together.
struct Url {
  struct User {
    std::string name;
    std::optional<std::string> password;
    std::string Text() const;  // escaped
  };

  std::string scheme, opaque, host, path, query, fragment;  // path and fragment are unescaped
  std::optional<User> user;

  std::string Hostname() const;  // without port and brackets
  std::string Text() const;
};

// Nothing where it is none: `error` has Go's words.
std::optional<Url> ParseUrl(std::string_view text, std::string* error);

}  // namespace headgate::templating::helm
