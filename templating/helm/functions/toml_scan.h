#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace headgate::templating::helm {

// A place in a TOML text, and what stands there: keys and scalars. What is wrong is kept, with its
// line; then everything fails.
class TomlScanner {
 public:
  explicit TomlScanner(std::string_view text) : text_(text) {}

  bool at_end() const { return at_ >= text_.size(); }
  char Peek() const { return at_end() ? '\0' : text_[at_]; }
  bool At(std::string_view what) const { return text_.substr(at_).starts_with(what); }
  bool Take(std::string_view what);
  void SkipBlanks();  // spaces and tabs
  void SkipLines();   // line ends and comments, too
  bool EndLine();     // blanks, a comment, and the end of the line or text

  std::optional<std::string> KeyPart();
  std::optional<std::string> Text();  // in whatever quotes
  std::string_view Number();          // or a time, or a word: what looks like one, its blanks cut

  bool Fail(std::string text);  // false
  const std::string& fault() const { return fault_; }
  size_t fault_line() const { return fault_line_; }
  std::string Here() const;  // what stands here, for errors: "'x'", "end of file"

 private:
  bool CheckByte();
  bool Escape(std::string* made);
  std::optional<std::string> Quoted(char quote);
  std::optional<std::string> Lines(char quote);
  size_t Line() const;

  std::string_view text_;
  size_t at_ = 0;
  std::string fault_;
  size_t fault_line_ = 0;
};

}  // namespace headgate::templating::helm
