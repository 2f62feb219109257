#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace headgate::templating::helm {

// A pattern of .Files.Glob, as gobwas/glob reads it with '/' as separator: * and ? match no '/',
// ** matches anything; [a-z], [abc], [!a] match any one character but those excluded; {a,b*} is one
// of several; \ takes the next character as it is.
class Glob {
 public:
  // Nothing where the pattern is malformed.
  static std::optional<Glob> Parse(std::string_view pattern);

  // Costs at most the product of the sizes of pattern and text.
  bool Matches(std::string_view text) const;

 private:
  struct Node {
    enum class Kind { kText, kAny, kSuper, kSingle, kSet, kRange, kChoice };
    Kind kind;
    std::string text = {};                        // of kText, and the characters of kSet
    bool negated = false;                         // of kSet and kRange
    char32_t low = 0, high = 0;                   // of kRange
    std::vector<std::vector<Node>> choices = {};  // of kChoice
  };
  using Sequence = std::vector<Node>;
  class Parser;

  // The positions where a match may end that began at one of `starts`; both are flags, one for each
  // position of the text.
  static std::vector<bool> Advance(const Sequence& sequence, std::string_view text,
                                   std::vector<bool> starts);
  static std::vector<bool> Advance(const Node& node, std::string_view text,
                                   const std::vector<bool>& starts);

  Sequence sequence_;
};

}  // namespace headgate::templating::helm
