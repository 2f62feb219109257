// The functions that search, replace and split with regular expressions, as Go's regexp does.

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "templating/helm/functions/functions.h"
#include "templating/helm/functions/regex.h"
#include "templating/helm/functions/values.h"
#include "templating/helm/strconv.h"
#include "templating/helm/unicode.h"

namespace headgate::templating::helm {
namespace {

// The text that is searched. To Go, bytes that are no UTF-8 are each the character U+FFFD; RE2
// would match nothing there. So it searches a text in which they have been replaced.
class Subject {
 public:
  explicit Subject(std::string_view text) : text_(text), searched_(text) {
    bool valid = true;
    for (std::string_view rest = text; !rest.empty() && valid;) {
      size_t bytes = 0;
      valid = TakeRune(&rest, &bytes) != kRuneError || bytes == 3;
    }
    if (!valid) Repair();
  }

  std::string_view searched() const { return searched_; }
  // A part of the given text, by its place in the searched one.
  std::string_view Part(size_t begin, size_t end) const {
    return text_.substr(Given(begin), Given(end) - Given(begin));
  }
  std::string_view Part(Regex::Span span) const { return Part(span.begin, span.end); }

 private:
  void Repair() {
    for (std::string_view rest = text_; !rest.empty();) {
      size_t bytes = 0;
      const char32_t rune = TakeRune(&rest, &bytes);
      if (rune == kRuneError && bytes == 1) replaced_.push_back(repaired_.size());
      AppendRune(&repaired_, rune);
    }
    searched_ = repaired_;
  }
  size_t Given(size_t searched) const {
    const auto before = std::lower_bound(replaced_.begin(), replaced_.end(), searched);
    return searched - 2 * static_cast<size_t>(before - replaced_.begin());
  }

  std::string_view text_, searched_;
  std::string repaired_;
  std::vector<size_t> replaced_;  // where, in repaired_
};

size_t RuneBytes(std::string_view text, size_t at) {
  if (at >= text.size()) return 0;
  std::string_view rest = text.substr(at);
  size_t bytes = 0;
  TakeRune(&rest, &bytes);
  return bytes;
}

// Calls `accept` with each match, at most `most` of them (all, where negative). An empty match
// right behind another is none.
template <class Accept>
void ForEachMatch(Call& call, const Regex& regex, std::string_view text, int64_t most,
                  Accept accept) {
  size_t at = 0, previous_end = std::string_view::npos;
  for (int64_t count = 0; (most < 0 || count < most) && at <= text.size();) {
    const Regex::Match match = regex.Find(text, at, 1);
    if (match.empty() || TakesTooLong(call)) return;
    const bool behind = match[0].end == at && match[0].begin == previous_end;
    if (match[0].end == at) {
      at += std::max<size_t>(1, RuneBytes(text, at));
    } else {
      at = match[0].end;
    }
    previous_end = match[0].end;
    if (behind) continue;
    accept(match[0]);
    ++count;
  }
}

// What a `$` of a replacement refers to. "$1x" is the group called 1x; "${1}x" is the first.
struct Reference {
  std::string_view name;
  std::string_view rest;  // of the template
};
std::optional<Reference> TakeReference(std::string_view text) {
  const bool braces = text.starts_with('{');
  if (braces) text.remove_prefix(1);
  size_t size = 0;
  for (std::string_view rest = text; !rest.empty();) {
    const char32_t rune = TakeRune(&rest);
    if (!IsLetter(rune) && !IsDigit(rune) && rune != '_') break;
    size = text.size() - rest.size();
  }
  if (size == 0 || (braces && (size == text.size() || text[size] != '}'))) return std::nullopt;
  return Reference{text.substr(0, size), text.substr(size + (braces ? 1 : 0))};
}

// A group's number, or a number that is no group's.
size_t GroupOf(const Regex& regex, const Regex::Match& match, std::string_view name) {
  constexpr uint64_t kNumberMax = 100'000'000;
  const bool digits =
      std::all_of(name.begin(), name.end(), [](char c) { return '0' <= c && c <= '9'; });
  if (digits && (name.size() == 1 || name[0] != '0')) {
    const Parsed<uint64_t> number = ParseUint(name, 10);
    if (number && number.number < kNumberMax * 10) return static_cast<size_t>(number.number);
  }
  for (size_t i = 0; i < match.size(); ++i) {
    if (regex.names()[i] == name && match[i].begin != std::string_view::npos) return i;
  }
  return match.size();
}

void Expand(const Regex& regex, const Regex::Match& match, const Subject& subject,
            std::string_view replacement, std::string* out) {
  while (!replacement.empty()) {
    const size_t dollar = replacement.find('$');
    out->append(replacement.substr(0, dollar));
    if (dollar == std::string_view::npos) return;
    replacement.remove_prefix(dollar + 1);
    if (replacement.starts_with('$')) {
      out->push_back('$');
      replacement.remove_prefix(1);
      continue;
    }
    const std::optional<Reference> reference = TakeReference(replacement);
    if (!reference) {
      out->push_back('$');
      continue;
    }
    replacement = reference->rest;
    const size_t group = GroupOf(regex, match, reference->name);
    if (group < match.size() && match[group].begin != std::string_view::npos) {
      out->append(subject.Part(match[group]));
    }
  }
}

Value Replaced(Call& call, const Regex& regex, bool literal) {
  const Subject subject(call.Text(1));
  const std::string_view text = subject.searched(), replacement = call.Text(2);
  const bool plain = literal || replacement.find('$') == std::string_view::npos;
  std::string made;
  size_t last = 0, found = 0;
  for (size_t at = 0; at <= text.size();) {
    const Regex::Match match = regex.Find(text, at, plain ? 1 : regex.groups());
    if (match.empty() || TakesTooLong(call)) break;
    ++found;
    made += subject.Part(last, match[0].begin);
    if (match[0].end > last || match[0].begin == 0) {
      if (plain) {
        made += replacement;
      } else {
        Expand(regex, match, subject, replacement, &made);
      }
    }
    if (made.size() > call.context().limits.text_bytes && !call.Fits(SIZE_MAX)) return {};
    last = match[0].end;
    at = std::max(match[0].end, at + std::max<size_t>(1, RuneBytes(text, at)));
  }
  if (found == 0) return call[1];
  made += subject.Part(last, text.size());
  return call.New(made);
}

using Run = Value (*)(Call& call, const Regex& regex);

// The must... functions show the error itself, the others that of MustCompile.
template <Run run, bool must>
Value WithRegex(Call& call) {
  std::string error;
  const std::shared_ptr<const Regex> regex = Regex::Compile(call.Text(0), &error);
  if (regex) return run(call, *regex);
  if (must) return call.Fail(error);
  const std::string_view pattern = call.Text(0);
  const std::string quoted =
      CanBackquote(pattern) ? "`" + std::string(pattern) + "`" : Quote(pattern);
  return call.Fail("regexp: Compile(" + quoted + "): " + error);
}

Value RunMatch(Call& call, const Regex& regex) {
  return Value::Bool(regex.Matches(Subject(call.Text(1)).searched()));
}

// An expression that is none matches nothing.
Value RegexMatch(Call& call) {
  std::string error;
  const std::shared_ptr<const Regex> regex = Regex::Compile(call.Text(0), &error);
  return regex ? RunMatch(call, *regex) : Value::Bool(false);
}

Value RunFind(Call& call, const Regex& regex) {
  const Subject subject(call.Text(1));
  const Regex::Match match = regex.Find(subject.searched(), 0, 1);
  return Value::Text(match.empty() ? "" : subject.Part(match[0]));
}

Value RunFindAll(Call& call, const Regex& regex) {
  const Subject subject(call.Text(1));
  std::vector<std::string_view> found;
  ForEachMatch(call, regex, subject.searched(), call.Int(2),
               [&](Regex::Span span) { found.push_back(subject.Part(span)); });
  return found.empty() ? Value::Nil(Type::kStrings) : NewTexts(call, found);
}

Value RunReplace(Call& call, const Regex& regex) { return Replaced(call, regex, false); }
Value RunReplaceLiteral(Call& call, const Regex& regex) { return Replaced(call, regex, true); }

Value RunSplit(Call& call, const Regex& regex) {
  const int64_t most = call.Int(2);
  if (most == 0) return Value::Nil(Type::kStrings);
  if (!call.Text(0).empty() && call.Text(1).empty()) return NewTexts(call, {""});
  const Subject subject(call.Text(1));
  std::vector<std::string_view> parts;
  size_t begin = 0, end = 0;
  ForEachMatch(call, regex, subject.searched(), most, [&](Regex::Span span) {
    if (most > 0 && static_cast<int64_t>(parts.size()) == most - 1) return;
    end = span.begin;
    if (span.end != 0) parts.push_back(subject.Part(begin, end));
    begin = span.end;
  });
  if (end != subject.searched().size()) {
    parts.push_back(subject.Part(begin, subject.searched().size()));
  }
  return NewTexts(call, parts);
}

Value QuoteMeta(Call& call) {
  std::string quoted;
  for (const char c : call.Text(0)) {
    if (std::string_view("\\.+*?()|[]{}^$").find(c) != std::string_view::npos) quoted += '\\';
    quoted += c;
  }
  return call.New(quoted);
}

constexpr Type kText = Type::kString;
constexpr Params kTwo = {kText, kText};
constexpr Params kCounted = {kText, kText, Type::kInt};
constexpr Params kThree = {kText, kText, kText};
constexpr Function kFunctions[] = {
    {"regexMatch", kTwo, RegexMatch},
    {"mustRegexMatch", kTwo, WithRegex<RunMatch, true>},
    {"regexFind", kTwo, WithRegex<RunFind, false>},
    {"mustRegexFind", kTwo, WithRegex<RunFind, true>},
    {"regexFindAll", kCounted, WithRegex<RunFindAll, false>},
    {"mustRegexFindAll", kCounted, WithRegex<RunFindAll, true>},
    {"regexReplaceAll", kThree, WithRegex<RunReplace, false>},
    {"mustRegexReplaceAll", kThree, WithRegex<RunReplace, true>},
    {"regexReplaceAllLiteral", kThree, WithRegex<RunReplaceLiteral, false>},
    {"mustRegexReplaceAllLiteral", kThree, WithRegex<RunReplaceLiteral, true>},
    {"regexSplit", kCounted, WithRegex<RunSplit, false>},
    {"mustRegexSplit", kCounted, WithRegex<RunSplit, true>},
    {"regexQuoteMeta", {kText}, QuoteMeta},
};

}  // namespace

void AddRegexes(FunctionTable* table) { table->Add(kFunctions); }

}  // namespace headgate::templating::helm
