#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "templating/kustomize/selector.h"

namespace headgate::templating::kustomize {
namespace {

using Found = core::Result<std::string_view>;

constexpr size_t kNameBytesMax = 63, kPrefixBytesMax = 253;  // as Kubernetes allows

bool IsAlphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// Letters, digits, '-', '_' and '.', with the first and the last a letter or a digit.
bool IsName(std::string_view text) {
  return !text.empty() && text.size() <= kNameBytesMax && IsAlphanumeric(text.front()) &&
         IsAlphanumeric(text.back()) && std::all_of(text.begin(), text.end(), [](char c) {
           return IsAlphanumeric(c) || c == '-' || c == '_' || c == '.';
         });
}

bool IsDnsLabel(std::string_view text) {
  const auto fits = [](char c) { return IsAlphanumeric(c) && (c < 'A' || c > 'Z'); };
  return !text.empty() && fits(text.front()) && fits(text.back()) &&
         std::all_of(text.begin(), text.end(), [&](char c) { return fits(c) || c == '-'; });
}

bool IsDnsSubdomain(std::string_view text) {
  if (text.size() > kPrefixBytesMax) return false;
  for (size_t dot; (dot = text.find('.')) != std::string_view::npos;) {
    if (!IsDnsLabel(text.substr(0, dot))) return false;
    text.remove_prefix(dot + 1);
  }
  return IsDnsLabel(text);
}

bool IsKey(std::string_view text) {
  const size_t slash = text.find('/');
  if (slash == std::string_view::npos) return IsName(text);
  return IsDnsSubdomain(text.substr(0, slash)) && IsName(text.substr(slash + 1));
}

std::optional<int64_t> ParseWhole(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

enum class Token : uint8_t { kEnd, kWord, kOperator, kOpen, kClose, kComma, kNot, kBad };

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
bool IsSpecial(char c) { return std::string_view("=!(),><").find(c) != std::string_view::npos; }

}  // namespace

// Source of the grammar: Kubernetes' labels.Parse.
class LabelSelector::Parser {
 public:
  explicit Parser(std::string_view text) : rest_(text) { Advance(); }

  core::Result<LabelSelector> Parse() {
    LabelSelector selector;
    while (token_ != Token::kEnd) {
      if (token_ != Token::kWord && token_ != Token::kNot) return Unexpected("a label or \"!\"");
      core::Result<Requirement> requirement = ParseRequirement();
      if (!requirement) return requirement.error();
      selector.requirements_.push_back(*std::move(requirement));
      if (token_ == Token::kEnd) break;
      if (token_ != Token::kComma) return Unexpected("\",\" or the end");
      Advance();
      if (token_ != Token::kWord && token_ != Token::kNot) return Unexpected("a label after \",\"");
    }
    return selector;
  }

 private:
  core::Error Unexpected(std::string_view wanted) const {
    return core::Invalid(
        fmt::format("{} expected, found {}", wanted,
                    token_ == Token::kEnd ? "the end" : fmt::format("\"{}\"", text_)));
  }

  void Advance() {
    while (!rest_.empty() && IsBlank(rest_.front())) rest_.remove_prefix(1);
    size_t length = 1;
    if (rest_.empty()) {
      token_ = Token::kEnd;
      length = 0;
    } else if (IsSpecial(rest_.front())) {
      token_ = Special(&length);
    } else {
      while (length < rest_.size() && !IsBlank(rest_[length]) && !IsSpecial(rest_[length]))
        ++length;
      token_ = Token::kWord;
    }
    text_ = rest_.substr(0, length);
    rest_.remove_prefix(length);
  }

  Token Special(size_t* length) const {
    switch (rest_.front()) {
      case '(':
        return Token::kOpen;
      case ')':
        return Token::kClose;
      case ',':
        return Token::kComma;
      default:
        if (rest_.starts_with("==") || rest_.starts_with("!=")) *length = 2;
        return rest_.front() == '!' && *length == 1 ? Token::kNot : Token::kOperator;
    }
  }

  core::Result<Requirement> ParseRequirement() {
    Requirement requirement;
    const bool negated = token_ == Token::kNot;
    if (negated) Advance();
    if (token_ != Token::kWord) return Unexpected("a label");
    if (!IsKey(text_)) return Unexpected("a label's key");
    requirement.key = text_;
    Advance();
    if (negated) {
      requirement.op = Operator::kDoesNotExist;
      return requirement;
    }
    if (token_ == Token::kEnd || token_ == Token::kComma) return requirement;
    core::Status parsed = ParseComparison(&requirement);
    if (!parsed) return parsed.error();
    return requirement;
  }

  core::Status ParseComparison(Requirement* requirement) {
    const std::string_view word = text_;
    const bool is_set = token_ == Token::kWord && (word == "in" || word == "notin");
    if (!is_set && token_ != Token::kOperator) return Unexpected("=, ==, !=, in or notin");
    Advance();
    requirement->op = word == "notin" || word == "!=" ? Operator::kNotIn
                      : word == ">"                   ? Operator::kGreater
                      : word == "<"                   ? Operator::kLess
                                                      : Operator::kIn;
    core::Status parsed = is_set ? ParseSet(requirement) : ParseValue(requirement);
    if (!parsed) return parsed;
    const bool is_order = word == ">" || word == "<";
    for (std::string_view value : requirement->values) {
      if (is_order && !ParseWhole(value)) {
        return core::Invalid(
            fmt::format("a number expected after \"{}\", found \"{}\"", word, value));
      }
      if (!value.empty() && !IsName(value)) {
        return core::Invalid(fmt::format("a label's value expected, found \"{}\"", value));
      }
    }
    return core::Ok();
  }

  core::Status ParseValue(Requirement* requirement) {
    if (token_ == Token::kEnd || token_ == Token::kComma) {
      requirement->values = {""};
      return core::Ok();
    }
    if (token_ != Token::kWord) return Unexpected("a label's value");
    requirement->values = {text_};
    Advance();
    return core::Ok();
  }

  // "(a, b)"; what is left out before, between or behind commas is "".
  core::Status ParseSet(Requirement* requirement) {
    if (token_ != Token::kOpen) return Unexpected("\"(\"");
    Advance();
    for (bool more = true; more;) {
      std::string_view value;
      if (token_ == Token::kWord) {
        value = text_;
        Advance();
      }
      requirement->values.push_back(value);
      more = token_ == Token::kComma;
      if (more) Advance();
    }
    if (token_ != Token::kClose) return Unexpected("\",\" or \")\"");
    Advance();
    return core::Ok();
  }

  std::string_view rest_, text_;
  Token token_ = Token::kEnd;
};

core::Result<LabelSelector> LabelSelector::Parse(std::string_view text) {
  core::Result<LabelSelector> selector = Parser(text.substr(0, text.find('\0'))).Parse();
  if (!selector) return selector.error().In(fmt::format("selector \"{}\"", text));
  return selector;
}

bool LabelSelector::Requirement::Fits(const yaml::Node* value) const {
  const std::string_view text = value ? value->text() : std::string_view();
  const auto is_in = [&] { return std::find(values.begin(), values.end(), text) != values.end(); };
  switch (op) {
    case Operator::kIn:
      return value && is_in();
    case Operator::kNotIn:
      return !value || !is_in();
    case Operator::kExists:
      return value;
    case Operator::kDoesNotExist:
      return !value;
    case Operator::kGreater:
    case Operator::kLess:
      break;
  }
  const std::optional<int64_t> number = ParseWhole(text), bound = ParseWhole(values.front());
  if (!value || !number || !bound) return false;
  return op == Operator::kGreater ? *number > *bound : *number < *bound;
}

bool LabelSelector::Fits(const yaml::Node* labels) const {
  return std::all_of(requirements_.begin(), requirements_.end(), [&](const Requirement& each) {
    return each.Fits(labels ? labels->Find(each.key) : nullptr);
  });
}

}  // namespace headgate::templating::kustomize
