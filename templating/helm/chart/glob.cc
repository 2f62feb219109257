#include "templating/helm/chart/glob.h"

#include "templating/helm/unicode.h"

namespace headgate::templating::helm {
namespace {

constexpr size_t kNestingMax = 100;  // of {} in {}

}  // namespace

class Glob::Parser {
 public:
  explicit Parser(std::string_view pattern) : rest_(pattern) {}

  std::optional<Sequence> Parse() { return ParseSequence(0); }

 private:
  // A character; 0 at the end. What is no UTF-8 is a fault, as is U+FFFD itself.
  char32_t Peek() const {
    if (rest_.empty()) return 0;
    std::string_view rest = rest_;
    return TakeRune(&rest);
  }
  char32_t Take() {
    const char32_t rune = Peek();
    failed_ = failed_ || rune == kRuneError;
    if (rune == 0) rest_ = {};
    if (!rest_.empty()) TakeRune(&rest_);
    return rune;
  }

  std::optional<Sequence> ParseSequence(size_t depth);
  std::optional<Node> ParseChoice(size_t depth);
  std::optional<Node> ParseSet();
  std::string ParseText(std::u32string_view stops);

  std::string_view rest_;
  bool failed_ = false;
};

std::string Glob::Parser::ParseText(std::u32string_view stops) {
  std::string text;
  for (bool escaped = false;;) {
    const char32_t rune = Peek();
    if (rune == 0 || (!escaped && stops.find(rune) != std::u32string_view::npos)) return text;
    Take();
    if (!escaped && rune == U'\\') {
      escaped = true;
      continue;
    }
    escaped = false;
    AppendRune(&text, rune);
    if (failed_) return text;
  }
}

std::optional<Glob::Sequence> Glob::Parser::ParseSequence(size_t depth) {
  Sequence sequence;
  for (;;) {
    const char32_t rune = Peek();
    if (failed_) return std::nullopt;
    if (rune == 0 || (depth > 0 && (rune == U',' || rune == U'}'))) return sequence;
    std::optional<Node> node;
    if (rune == U'*') {
      Take();
      const bool super = Peek() == U'*';
      if (super) Take();
      node = Node{super ? Node::Kind::kSuper : Node::Kind::kAny};
    } else if (rune == U'?') {
      Take();
      node = Node{Node::Kind::kSingle};
    } else if (rune == U'[') {
      node = ParseSet();
    } else if (rune == U'{') {
      node = ParseChoice(depth + 1);
    } else {
      node = Node{Node::Kind::kText, ParseText(depth > 0 ? U"?*[{}," : U"?*[{")};
    }
    if (!node || failed_) return std::nullopt;
    sequence.push_back(std::move(*node));
  }
}

std::optional<Glob::Node> Glob::Parser::ParseChoice(size_t depth) {
  if (depth > kNestingMax) return std::nullopt;
  Node choice{Node::Kind::kChoice};
  do {
    Take();  // "{" or ","
    std::optional<Sequence> one = ParseSequence(depth);
    if (!one) return std::nullopt;
    choice.choices.push_back(std::move(*one));
  } while (Peek() == U',');
  Take();  // "}"; at the end it may be missing
  return choice;
}

std::optional<Glob::Node> Glob::Parser::ParseSet() {
  Take();
  Node set{Node::Kind::kSet};
  if (Peek() == U'!') {
    Take();
    set.negated = true;
  }
  std::string_view before = rest_;
  const char32_t first = Take();
  if (first == 0 || failed_) return std::nullopt;
  if (Peek() == U'-') {
    Take();
    set.kind = Node::Kind::kRange;
    set.low = first;
    set.high = Take();
    if (set.high < set.low || set.high == 0) return std::nullopt;
  } else {
    rest_ = before;
    set.text = ParseText(U"]");
    if (set.text.empty()) return std::nullopt;
  }
  if (Take() != U']') return std::nullopt;
  return set;
}

std::optional<Glob> Glob::Parse(std::string_view pattern) {
  std::optional<Sequence> sequence = Parser(pattern).Parse();
  if (!sequence) return std::nullopt;
  Glob glob;
  glob.sequence_ = std::move(*sequence);
  return glob;
}

std::vector<bool> Glob::Advance(const Sequence& sequence, std::string_view text,
                                std::vector<bool> starts) {
  for (const Node& node : sequence) starts = Advance(node, text, starts);
  return starts;
}

std::vector<bool> Glob::Advance(const Node& node, std::string_view text,
                                const std::vector<bool>& starts) {
  std::vector<bool> ends(starts.size());
  if (node.kind == Node::Kind::kChoice) {
    for (const Sequence& choice : node.choices) {
      const std::vector<bool> some = Advance(choice, text, starts);
      for (size_t i = 0; i < ends.size(); ++i) ends[i] = ends[i] || some[i];
    }
    return ends;
  }
  bool running = false;  // a star has begun before
  for (size_t at = 0; at < starts.size(); ++at) {
    if (node.kind == Node::Kind::kAny || node.kind == Node::Kind::kSuper) {
      if (node.kind == Node::Kind::kAny && at > 0 && text[at - 1] == '/') running = false;
      running = running || starts[at];
      ends[at] = running;
      continue;
    }
    if (!starts[at]) continue;
    if (node.kind == Node::Kind::kText) {
      if (text.substr(at).starts_with(node.text)) ends[at + node.text.size()] = true;
      continue;
    }
    if (at == text.size()) break;
    std::string_view rest = text.substr(at);
    const char32_t rune = TakeRune(&rest);
    bool fits = rune != U'/';  // of kSingle
    if (node.kind == Node::Kind::kRange) {
      fits = (node.low <= rune && rune <= node.high) != node.negated;
    } else if (node.kind == Node::Kind::kSet) {
      bool in = false;
      for (std::string_view set = node.text; !set.empty();) in = TakeRune(&set) == rune || in;
      fits = in != node.negated;
    }
    if (fits) ends[text.size() - rest.size()] = true;
  }
  return ends;
}

bool Glob::Matches(std::string_view text) const {
  std::vector<bool> starts(text.size() + 1);
  starts[0] = true;
  return Advance(sequence_, text, std::move(starts)).back();
}

}  // namespace headgate::templating::helm
