#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace re2 {
class RE2;
}

namespace headgate::templating::helm {

// A compiled regular expression with Go's syntax, matches and errors.
class Regex {
 public:
  // Where it is none, `error` says why in Go's words. The last few are kept (a thread's own), so
  // that a template may ask again and again.
  static std::shared_ptr<const Regex> Compile(std::string_view pattern, std::string* error);

  ~Regex();

  // Parts of a text: the whole match, then the groups; npos where a group took no part.
  struct Span {
    size_t begin = std::string_view::npos, end = std::string_view::npos;
  };
  using Match = std::vector<Span>;

  bool Matches(std::string_view text) const;
  // The first match at `from` or later; empty where there is none. `groups`: how many of them are
  // wanted, with the whole one.
  Match Find(std::string_view text, size_t from, size_t groups) const;

  size_t groups() const { return names_.size(); }
  const std::vector<std::string>& names() const { return names_; }

 private:
  Regex() = default;

  std::unique_ptr<re2::RE2> regex_;
  std::vector<std::string> names_;
};

}  // namespace headgate::templating::helm
