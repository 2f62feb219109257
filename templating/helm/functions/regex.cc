#include "templating/helm/functions/regex.h"

#include <re2/re2.h>

#include <algorithm>
#include <unordered_map>

#include "templating/helm/functions/regex_syntax.h"

namespace headgate::templating::helm {
namespace {

// Of one compiled expression, with what its search remembers.
constexpr int64_t kBytesMax = 16 * 1024 * 1024;
constexpr size_t kKept = 16;

std::string_view Words(RE2::ErrorCode code) {
  switch (code) {
    case RE2::ErrorBadEscape:
      return "invalid escape sequence";
    case RE2::ErrorBadCharClass:
      return "invalid character class";
    case RE2::ErrorBadCharRange:
      return "invalid character class range";
    case RE2::ErrorMissingBracket:
      return "missing closing ]";
    case RE2::ErrorMissingParen:
      return "missing closing )";
    case RE2::ErrorUnexpectedParen:
      return "unexpected )";
    case RE2::ErrorTrailingBackslash:
      return "trailing backslash at end of expression";
    case RE2::ErrorRepeatArgument:
      return "missing argument to repetition operator";
    case RE2::ErrorRepeatSize:
      return "invalid repeat count";
    case RE2::ErrorRepeatOp:
      return "invalid nested repetition operator";
    case RE2::ErrorBadPerlOp:
      return "invalid or unsupported Perl syntax";
    case RE2::ErrorBadUTF8:
      return "invalid UTF-8";
    case RE2::ErrorBadNamedCapture:
      return "invalid named capture";
    case RE2::ErrorPatternTooLarge:
      return "expression too large";
    default:
      return "regexp/syntax: internal error";
  }
}

re2::StringPiece Piece(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace

Regex::~Regex() = default;

std::shared_ptr<const Regex> Regex::Compile(std::string_view pattern, std::string* error) {
  thread_local std::unordered_map<std::string, std::shared_ptr<const Regex>> kept;
  const std::string key(pattern);
  if (const auto found = kept.find(key); found != kept.end()) return found->second;

  RegexSyntax syntax = TranslateRegex(pattern);
  if (!syntax.error.empty()) {
    *error = "error parsing regexp: " + syntax.error;
    return nullptr;
  }
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kBytesMax);
  std::shared_ptr<Regex> regex(new Regex);
  regex->regex_ = std::make_unique<RE2>(Piece(syntax.pattern), options);
  regex->names_ = std::move(syntax.names);
  if (!regex->regex_->ok()) {
    *error = "error parsing regexp: " + std::string(Words(regex->regex_->error_code()));
    if (regex->regex_->error_code() != RE2::ErrorPatternTooLarge) {
      const std::string& at = regex->regex_->error_arg();
      *error += ": `" + (at == syntax.pattern ? std::string(pattern) : at) + "`";
    }
    return nullptr;
  }
  if (kept.size() >= kKept) kept.clear();
  kept.emplace(key, regex);
  return regex;
}

bool Regex::Matches(std::string_view text) const { return RE2::PartialMatch(Piece(text), *regex_); }

Regex::Match Regex::Find(std::string_view text, size_t from, size_t groups) const {
  std::vector<re2::StringPiece> pieces(groups);
  if (from > text.size() || !regex_->Match(Piece(text), from, text.size(), RE2::UNANCHORED,
                                           pieces.data(), static_cast<int>(groups))) {
    return {};
  }
  Match match(groups);
  for (size_t i = 0; i < groups; ++i) {
    if (!pieces[i].data()) continue;
    match[i].begin = static_cast<size_t>(pieces[i].data() - text.data());
    match[i].end = match[i].begin + pieces[i].size();
  }
  return match;
}

}  // namespace headgate::templating::helm
