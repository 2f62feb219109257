#include <fmt/format.h>

#include <array>
#include <cctype>
#include <charconv>
#include <optional>

#include "deploy/health/expression.h"

namespace headgate::deploy {
namespace {

using Kind = Expression::Kind;

constexpr int kDepthMax = 40;

bool IsWordByte(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '/' || c == '-';
}

struct Function {
  std::string_view name;
  Kind kind;
  size_t least, most;
};
constexpr Function kFunctions[] = {
    {"any", Kind::kAny, 2, 2},       {"all", Kind::kAll, 2, 2},
    {"count", Kind::kCount, 1, 2},   {"sum", Kind::kSum, 2, 2},
    {"reason", Kind::kReason, 1, 1}, {"message", Kind::kMessage, 1, 1},
    {"time", Kind::kTime, 1, 1},     {"lower", Kind::kLower, 1, 1},
    {"before", Kind::kBefore, 2, 2}, {"after", Kind::kAfter, 2, 2},
    {"stale", Kind::kStale, 1, 1},
};

Expression Node(Kind kind, std::vector<Expression> parts) {
  Expression made;
  made.kind = kind;
  made.parts = std::move(parts);
  return made;
}

Expression Literal(core::Value value) {
  Expression made;
  made.literal = std::move(value);
  return made;
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  core::Result<Expression> All() {
    Expression read = Or();
    Skip();
    if (fault_.empty() && at_ < text_.size()) Fail("end, \"and\" or \"or\"");
    if (!fault_.empty()) return core::Invalid(fault_);
    return read;
  }

 private:
  void Skip() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }
  void Fail(std::string_view wanted) {
    if (!fault_.empty()) return;
    fault_ = fmt::format("\"{}\": {} expected at \"{}\"", text_, wanted, text_.substr(at_));
    at_ = text_.size();
  }
  bool Take(std::string_view sign) {
    Skip();
    if (!text_.substr(at_).starts_with(sign)) return false;
    at_ += sign.size();
    return true;
  }
  void Want(std::string_view sign) {
    if (!Take(sign)) Fail(fmt::format("\"{}\"", sign));
  }
  std::string_view PeekWord() {
    Skip();
    size_t end = at_;
    while (end < text_.size() && IsWordByte(text_[end])) ++end;
    return text_.substr(at_, end - at_);
  }
  bool TakeWord(std::string_view word) {
    if (PeekWord() != word) return false;
    at_ += word.size();
    return true;
  }

  Expression Chain(Kind kind, std::string_view word, Expression (Parser::*next)()) {
    std::vector<Expression> parts;
    parts.push_back((this->*next)());
    while (TakeWord(word)) parts.push_back((this->*next)());
    if (parts.size() == 1) return std::move(parts.front());
    return Node(kind, std::move(parts));
  }
  Expression Or() {
    if (++depth_ > kDepthMax) Fail("less depth");
    Expression read = fault_.empty() ? Chain(Kind::kOr, "or", &Parser::And) : Expression();
    --depth_;
    return read;
  }
  Expression And() { return Chain(Kind::kAnd, "and", &Parser::Not); }
  Expression Not() {
    bool negative = false;
    while (TakeWord("not")) negative = !negative;
    Expression read = Compare();
    return negative ? Node(Kind::kNot, {std::move(read)}) : read;
  }

  Expression Compare() {
    Expression left = Sum();
    if (TakeWord("is")) return Is(std::move(left));
    if (TakeWord("in")) return In(std::move(left));
    if (TakeWord("like")) return Node(Kind::kLike, {std::move(left), Sum()});
    if (Take("!=")) return Node(Kind::kUnequal, {std::move(left), Sum()});
    if (Take("<=")) return Node(Kind::kLessEqual, {std::move(left), Sum()});
    if (Take(">=")) return Swapped(Kind::kLessEqual, std::move(left));
    if (Take("=")) return Node(Kind::kEqual, {std::move(left), Sum()});
    if (Take("<")) return Node(Kind::kLess, {std::move(left), Sum()});
    if (Take(">")) return Swapped(Kind::kLess, std::move(left));
    return left;
  }
  Expression Swapped(Kind kind, Expression left) {
    Expression right = Sum();
    return Node(kind, {std::move(right), std::move(left)});
  }
  Expression Is(Expression name) {
    if (name.kind != Kind::kLiteral) Fail("the name of a condition before \"is\"");
    const bool negative = TakeWord("not");
    if (!negative && TakeWord("there")) return Node(Kind::kIsThere, {std::move(name)});
    return Node(negative ? Kind::kIsNot : Kind::kIs, {std::move(name), Value()});
  }
  Expression In(Expression left) {
    std::vector<Expression> parts;
    parts.push_back(std::move(left));
    Want("[");
    do {
      parts.push_back(Sum());
    } while (Take(","));
    Want("]");
    return Node(Kind::kIn, std::move(parts));
  }

  Expression Sum() {
    Expression left = Other();
    for (;;) {
      if (Take("+ ")) {
        left = Node(Kind::kAdd, {std::move(left), Other()});
      } else if (Take("- ")) {
        left = Node(Kind::kSubtract, {std::move(left), Other()});
      } else {
        return left;
      }
    }
  }
  Expression Other() {
    Expression left = Value();
    while (Take("??")) left = Node(Kind::kOtherwise, {std::move(left), Value()});
    return left;
  }

  Expression Value() {
    Skip();
    if (at_ >= text_.size()) {
      Fail("a value");
      return {};
    }
    if (Take("(")) {
      Expression read = Or();
      Want(")");
      return read;
    }
    if (text_[at_] == '.' || text_[at_] == '$') return Path();
    if (text_[at_] == '\'') return Literal(Quoted());
    const std::string_view word = PeekWord();
    if (word.empty()) {
      Fail("a value");
      return {};
    }
    at_ += word.size();
    if (at_ < text_.size() && text_[at_] == '(') return Call(word);
    return OfWord(word);
  }
  Expression OfWord(std::string_view word) {
    if (word == "true" || word == "false") return Literal(word == "true");
    if (word == "missing") return Literal(core::Value());
    int64_t number = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
    if (error == std::errc() && end == word.data() + word.size()) return Literal(number);
    return Literal(word);
  }
  std::string Quoted() {
    const size_t end = text_.find('\'', at_ + 1);
    if (end == std::string_view::npos) {
      Fail("a closing '");
      return {};
    }
    std::string read(text_.substr(at_ + 1, end - at_ - 1));
    at_ = end + 1;
    return read;
  }

  Expression Path() {
    Expression made;
    made.kind = Kind::kPath;
    if (text_[at_] == '$') {
      made.from_object = true;
      ++at_;
    }
    while (at_ < text_.size() && fault_.empty()) {
      if (text_[at_] == '[' && !made.path.empty()) {
        made.path.push_back(Index());
      } else if (text_[at_] == '.') {
        ++at_;
        Expression::Step step;
        if (at_ < text_.size() && text_[at_] == '\'') {
          step.key = Quoted();
        } else {
          step.key = text_.substr(at_, PathWord());
          at_ += step.key.size();
        }
        if (step.key.empty()) return made;  // "." is the item itself
        made.path.push_back(std::move(step));
      } else {
        break;
      }
    }
    return made;
  }
  size_t PathWord() const {
    size_t end = at_;
    while (end < text_.size() && IsWordByte(text_[end])) ++end;
    return end - at_;
  }
  Expression::Step Index() {
    Expression::Step step;
    const char* begin = text_.data() + at_ + 1;
    const auto [end, error] = std::from_chars(begin, text_.data() + text_.size(), step.index);
    if (error != std::errc()) Fail("a number in [ ]");
    if (fault_.empty()) at_ = static_cast<size_t>(end - text_.data());
    Want("]");
    return step;
  }

  Expression Call(std::string_view name) {
    const Function* found = nullptr;
    for (const Function& each : kFunctions) {
      if (each.name == name) found = &each;
    }
    Want("(");
    if (!found) {
      Fail(fmt::format("a function instead of \"{}\"", name));
      return {};
    }
    std::vector<Expression> parts;
    do {
      parts.push_back(Or());
    } while (Take(","));
    Want(")");
    if (parts.size() < found->least || parts.size() > found->most) {
      Fail(fmt::format("{} arguments of {}", found->least, name));
    }
    return Node(found->kind, std::move(parts));
  }

  std::string_view text_;
  size_t at_ = 0;
  int depth_ = 0;
  std::string fault_;
};

}  // namespace

core::Result<Expression> ParseExpression(std::string_view text) { return Parser(text).All(); }

}  // namespace headgate::deploy
