#include "templating/kustomize/json6902_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string>

#include "templating/yaml/utf8.h"

namespace headgate::templating::kustomize {
namespace {

using yaml::Node;
using yaml::Tag;

constexpr int kDepthMax = 1000;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

class Reader {
 public:
  Reader(std::string_view text, std::string_view file, uint32_t first_line, yaml::Arena* arena,
         decltype(JsonPatch::raw)* raw)
      : text_(text), file_(file), line_(first_line), arena_(arena), raw_(raw) {}

  core::Result<Node*> Document() {
    core::Result<Node*> value = Value(0);
    if (!value) return value;
    SkipSpace();
    if (at_ < text_.size()) return Expected("the end of the text");
    return value;
  }

 private:
  void SkipSpace() {
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '\n') {
        ++line_;
        line_start_ = at_ + 1;
      } else if (c != ' ' && c != '\t' && c != '\r') {
        return;
      }
    }
  }

  core::Error Expected(std::string_view what) const {
    std::string found = "the end of the text";
    if (at_ < text_.size()) {
      const unsigned char c = static_cast<unsigned char>(text_[at_]);
      found =
          c > 0x20 && c < 0x7F ? fmt::format("'{}'", text_[at_]) : fmt::format("byte {:#04x}", c);
    }
    return core::Invalid(fmt::format("{}:{}:{}: {} expected, found {}", file_, line_,
                                     at_ - line_start_ + 1, what, found));
  }

  bool Take(char c) {
    SkipSpace();
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  Node* Place(Node* node, uint32_t line, size_t start) const {
    node->line = line;
    node->column = static_cast<uint32_t>(start - std::min(start, line_start_) + 1);
    return node;
  }

  core::Result<Node*> Value(int depth) {
    SkipSpace();
    if (at_ == text_.size()) return Expected("a value");
    const uint32_t line = line_;
    const size_t start = at_;
    const char c = text_[at_];
    if (c == '{' || c == '[') {
      if (depth == kDepthMax) {
        return Expected(fmt::format("a text that is at most {} deep", kDepthMax));
      }
      core::Result<Node*> made = c == '{' ? Object(depth) : List(depth);
      if (made) Place(*made, line, start);
      return made;
    }
    core::Result<Node*> scalar = c == '"' ? String() : Other();
    if (scalar) Place(*scalar, line, start);
    return scalar;
  }

  core::Result<Node*> Object(int depth) {
    ++at_;
    Node* object = arena_->NewMapping();
    std::unordered_map<std::string_view, size_t> entries;
    if (Take('}')) return object;
    do {
      SkipSpace();
      if (at_ == text_.size() || text_[at_] != '"') return Expected("a key in quotes");
      core::Result<Node*> key = String();
      if (!key) return key;
      if (!Take(':')) return Expected("':'");
      core::Result<Node*> value = Value(depth + 1);
      if (!value) return value;
      const auto [found, is_new] = entries.try_emplace((*key)->text(), object->entries());
      if (is_new) {
        object->AppendEntry(arena_, *key, *value);
      } else {
        object->items[2 * found->second + 1] = *value;
      }
    } while (Take(','));
    if (!Take('}')) return Expected("',' or '}'");
    return object;
  }

  core::Result<Node*> List(int depth) {
    ++at_;
    Node* list = arena_->NewSequence();
    if (Take(']')) return list;
    do {
      core::Result<Node*> item = Value(depth + 1);
      if (!item) return item;
      list->Append(arena_, *item);
    } while (Take(','));
    if (!Take(']')) return Expected("',' or ']'");
    return list;
  }

  // From quote to quote. Most texts are views of the source.
  core::Result<Node*> String() {
    const size_t start = at_++;
    const size_t end = text_.find_first_of("\"\\", at_);
    const std::string_view plain = text_.substr(at_, end - at_);
    const bool simple = end != std::string_view::npos && text_[end] == '"' && IsUtf8(plain) &&
                        std::none_of(plain.begin(), plain.end(), IsControl);
    if (simple) {
      at_ = end + 1;
      return Made(plain, start, plain.find_first_of("<>&\xE2") != std::string_view::npos);
    }
    std::string text;
    while (at_ < text_.size() && text_[at_] != '"') {
      if (IsControl(text_[at_])) return Expected("an escape instead of a control character");
      if (text_[at_] == '\\') {
        if (!Escape(&text)) return Expected("an escape of JSON");
        continue;
      }
      std::string_view rest = text_.substr(at_);
      const size_t before = rest.size();
      AppendRune(TakeRune(&rest).value_or(0xFFFD), &text);
      at_ += before - rest.size();
    }
    if (at_ == text_.size()) return Expected("'\"'");
    ++at_;
    return Made(arena_->Copy(text), start, true);
  }

  static bool IsControl(char c) { return static_cast<unsigned char>(c) < 0x20; }

  Node* Made(std::string_view text, size_t start, bool unusual) {
    Node* node = arena_->NewScalar(text, Tag::kString, yaml::Style::kDoubleQuoted);
    if (unusual) raw_->emplace(node, text_.substr(start, at_ - start));
    return node;
  }

  bool Escape(std::string* text) {
    constexpr std::string_view kNames = "\"\\/bfnrt", kChars = "\"\\/\b\f\n\r\t";
    if (++at_ == text_.size()) return false;
    const size_t known = kNames.find(text_[at_]);
    if (known != std::string_view::npos) {
      *text += kChars[known];
      ++at_;
      return true;
    }
    if (text_[at_] != 'u') return false;
    ++at_;
    char32_t rune = 0;
    if (!TakeHex(&rune)) return false;
    if (rune >= 0xD800 && rune < 0xE000) rune = Surrogate(rune);
    AppendRune(rune, text);
    return true;
  }

  // The other half may follow; one alone is no character.
  char32_t Surrogate(char32_t first) {
    const size_t back = at_;
    char32_t second = 0;
    if (first < 0xDC00 && text_.substr(at_).starts_with("\\u")) {
      at_ += 2;
      if (TakeHex(&second) && second >= 0xDC00 && second < 0xE000) {
        return 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
      }
    }
    at_ = back;
    return 0xFFFD;
  }

  bool TakeHex(char32_t* rune) {
    const std::string_view digits = text_.substr(std::min(at_, text_.size()), 4);
    uint32_t number = 0;
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), number, 16);
    if (digits.size() < 4 || error != std::errc() || end != digits.data() + 4) return false;
    at_ += 4;
    *rune = number;
    return true;
  }

  core::Result<Node*> Other() {
    for (std::string_view word : {"null", "true", "false"}) {
      if (!text_.substr(at_).starts_with(word)) continue;
      at_ += word.size();
      return word == "null" ? arena_->NewNull() : arena_->NewBool(word == "true");
    }
    return Number();
  }

  core::Result<Node*> Number() {
    const size_t start = at_;
    const auto digits = [&] {
      const size_t before = at_;
      while (at_ < text_.size() && IsDigit(text_[at_])) ++at_;
      return at_ > before;
    };
    const auto at = [&](std::string_view any) {
      return at_ < text_.size() && any.find(text_[at_]) != std::string_view::npos;
    };
    if (at("-")) ++at_;
    const bool zero = at("0");
    if (zero ? (++at_, false) : !digits()) return Expected("a value");
    bool whole = true;
    if (at(".")) {
      ++at_;
      whole = false;
      if (!digits()) return Expected("a digit");
    }
    if (at("eE")) {
      ++at_;
      whole = false;
      if (at("+-")) ++at_;
      if (!digits()) return Expected("a digit");
    }
    constexpr size_t kExactDigits = 15;  // that every double has
    const std::string_view text = text_.substr(start, at_ - start);
    Node* node = arena_->NewScalar(text, whole ? Tag::kInt : Tag::kFloat);
    if (!whole || text == "-0" || text.size() > kExactDigits) raw_->emplace(node, text);
    return node;
  }

  std::string_view text_, file_;
  size_t at_ = 0, line_start_ = 0;
  uint32_t line_;
  yaml::Arena* arena_;
  decltype(JsonPatch::raw)* raw_;
};

}  // namespace

core::Result<Node*> ParseJsonText(std::string_view text, std::string_view file, uint32_t first_line,
                                  yaml::Arena* arena, decltype(JsonPatch::raw)* raw) {
  return Reader(text, file, first_line, arena, raw).Document();
}

}  // namespace headgate::templating::kustomize
