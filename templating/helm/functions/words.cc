#include "templating/helm/functions/words.h"

#include <cstddef>
#include <cstdint>

#include "templating/helm/unicode.h"

namespace headgate::templating::helm {
namespace {

bool IsConnector(char32_t rune) { return rune == '-' || rune == '_' || IsSpace(rune); }

// A letter that may have a case: those of Chinese are none.
bool IsAlphabetic(char32_t rune) {
  const bool chinese = (rune >= 0x4e00 && rune <= 0x9fcc) || (rune >= 0x3400 && rune <= 0x4d85) ||
                       (rune >= 0x20000 && rune <= 0x2b81d);
  return !chinese && IsLetter(rune);
}

bool ContinuesLower(char32_t rune) { return IsAlphabetic(rune) && !IsUpper(rune); }

bool IsOther(char32_t rune) {
  return !IsConnector(rune) && !IsAlphabetic(rune) && !IsNumber(rune) && !IsPunct(rune);
}

enum class WordKind : uint8_t { kNone, kNumber, kUpper, kAlphabet, kConnector, kPunct, kOther };

struct Word {
  WordKind kind = WordKind::kNone;
  std::string_view text;
};

// Takes words off a text.
class Words {
 public:
  explicit Words(std::string_view text) : rest_(text) {}

  bool empty() const { return rest_.empty(); }
  Word Next();

 private:
  // The next character behind `size_`, and its bytes. What is no UTF-8 before it belongs to it;
  // where nothing else is left, it is the `before` again.
  char32_t Peek(char32_t before, size_t* bytes) const;
  template <class Is>
  char32_t Extend(char32_t rune, Is is);
  void ExtendUpper(char32_t rune);

  std::string_view rest_;
  size_t size_ = 0;  // of the word so far
  size_t last_ = 0;  // of its last character
};

char32_t Words::Peek(char32_t before, size_t* bytes) const {
  std::string_view rest = rest_.substr(size_);
  const size_t all = rest.size();
  while (!rest.empty()) {
    const char32_t rune = TakeRune(&rest);
    *bytes = all - rest.size();
    if (rune != kRuneError) return rune;
  }
  return before;
}

// Goes on while characters are what they should be; gives the first that is not, or the last.
template <class Is>
char32_t Words::Extend(char32_t rune, Is is) {
  while (size_ < rest_.size()) {
    size_t bytes = 0;
    rune = Peek(rune, &bytes);
    if (!is(rune)) break;
    size_ += bytes;
    last_ = bytes;
  }
  return rune;
}

// "Http", or "HTTP": of "HTTPServer", the S belongs to the next.
void Words::ExtendUpper(char32_t rune) {
  if (size_ == rest_.size()) return;
  size_t bytes = 0;
  const char32_t second = Peek(rune, &bytes);
  if (!IsUpper(second)) {
    Extend(rune, ContinuesLower);
    return;
  }
  const char32_t end = Extend(rune, IsUpper);
  if (size_ < rest_.size() && IsAlphabetic(end)) size_ -= last_;
}

Word Words::Next() {
  Word word;
  if (rest_.empty()) return word;
  size_ = 0;
  const char32_t rune = Peek(kRuneError, &size_);
  if (rune == kRuneError) {
    word.kind = WordKind::kNone;
  } else if (IsConnector(rune)) {
    word.kind = WordKind::kConnector;
    Extend(rune, IsConnector);
  } else if (IsPunct(rune)) {
    word.kind = WordKind::kPunct;
    Extend(rune, IsPunct);
  } else if (IsUpper(rune)) {
    word.kind = WordKind::kUpper;
    ExtendUpper(rune);
  } else if (IsAlphabetic(rune)) {
    word.kind = WordKind::kAlphabet;
    Extend(rune, ContinuesLower);
  } else if (IsNumber(rune)) {
    word.kind = WordKind::kNumber;
    Extend(rune, IsNumber);
  } else {
    word.kind = WordKind::kOther;
    Extend(rune, IsOther);
  }
  word.text = rest_.substr(0, size_);
  rest_.remove_prefix(size_);
  return word;
}

// Joins words with a connector between them, in lower case.
class Joiner {
 public:
  Joiner(std::string_view text, char connector) : words_(text), connector_(connector) {}
  std::string Join();

 private:
  void Next() { word_ = words_.Next(); }
  void Append(const Word& word);
  void AppendRun();
  void Connect();
  void AfterNumber();
  void AfterLetters();

  Words words_;
  Word word_;
  char connector_;
  std::string made_;
};

void Joiner::Append(const Word& word) {
  if (word.kind != WordKind::kUpper && word.kind != WordKind::kConnector) {
    made_ += word.text;
    return;
  }
  for (std::string_view rest = word.text; !rest.empty();) {
    const char32_t rune = TakeRune(&rest);
    if (IsConnector(rune)) {
      made_ += connector_;
    } else {
      AppendRune(&made_, IsUpper(rune) ? ToLower(rune) : rune);
    }
  }
}

// Numbers and what is in lower case stay together: "20x", "2m3s".
void Joiner::AppendRun() {
  while (word_.kind == WordKind::kAlphabet || word_.kind == WordKind::kNumber) {
    Append(word_);
    Next();
  }
}

void Joiner::Connect() {
  if (word_.kind != WordKind::kConnector && word_.kind != WordKind::kPunct) made_ += connector_;
}

void Joiner::AfterNumber() {
  AppendRun();
  if (word_.kind != WordKind::kNone) Connect();
}

// A number belongs to the letters before it ("bld4_floor"), unless lower case follows
// ("http_2xx").
void Joiner::AfterLetters() {
  if (word_.kind != WordKind::kNumber) return Connect();
  if (words_.empty()) return;
  const Word number = word_;
  Next();
  if (word_.kind != WordKind::kAlphabet) {
    Append(number);
    return Connect();
  }
  made_ += connector_;
  Append(number);
  AfterNumber();
}

std::string Joiner::Join() {
  Next();
  while (!words_.empty()) {
    const Word last = word_;
    if (last.kind != WordKind::kConnector) Append(last);
    Next();
    switch (last.kind) {
      case WordKind::kNumber:
        AfterNumber();
        break;
      case WordKind::kConnector:
        Append(last);
        break;
      case WordKind::kPunct:
        break;
      default:
        AfterLetters();
    }
  }
  Append(word_);
  return std::move(made_);
}

}  // namespace

std::string JoinedWords(std::string_view text, char connector) {
  return Joiner(text, connector).Join();
}

std::string PascalCase(std::string_view text) {
  std::string made;
  if (text.empty()) return made;
  // Connectors that lead stay.
  char32_t rune = 0;
  bool found = false, upper = false;
  while (!text.empty() && !found) {
    rune = TakeRune(&text);
    found = !IsConnector(rune);
    if (!found) AppendRune(&made, rune);
  }
  if (found) {
    upper = IsUpper(rune);
    rune = ToUpper(rune);
  }
  if (text.empty()) {
    AppendRune(&made, rune);  // once more where it is a connector, as there
    return made;
  }
  while (!text.empty()) {
    const char32_t before = rune;
    rune = TakeRune(&text);
    if (IsConnector(before) && !IsConnector(rune)) {
      upper = IsUpper(rune);
      rune = ToUpper(rune);
      continue;
    }
    if (!IsConnector(before) || !IsConnector(rune)) {
      // The rest of a word that is all in upper case gets lower.
      if (upper && IsUpper(rune)) {
        rune = ToLower(rune);
      } else {
        upper = false;
      }
    }
    AppendRune(&made, before);
  }
  AppendRune(&made, rune);
  return made;
}

}  // namespace headgate::templating::helm
