#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace headgate::templating::yaml {

// How a string can be written so that it reads back as the same.
struct TextStyles {
  bool multiline = false;  // has line breaks
  bool plain = true;       // without quotes, in a block
  bool flow_plain = true;  // without quotes, in a flow collection
  bool single_quoted = true;
  bool block = true;  // literal or folded
};

// Of a text that is UTF-8. go-yaml 3 puts texts with tabs into blocks, too.
TextStyles StylesOf(std::string_view text, bool tabs_in_blocks);

// Whether a text is written as it stands without a closer look: letters, digits and signs that mean
// nothing there; no blanks.
bool IsPlainWord(std::string_view text);

// Writes texts in a given style behind what is there; folds lines at a blank behind column 80.
class TextWriter {
 public:
  explicit TextWriter(std::string* out) : out_(out), line_start_(out->size()) {}

  std::string* out() { return out_; }
  void Put(std::string_view ascii) {
    out_->append(ascii);
    fresh_ = false;
  }
  // Begins a line, unless one was begun by a text's own line break.
  void NewLine(int indent);
  // At a line break nothing has followed yet.
  bool fresh() const { return fresh_; }
  size_t column() const;  // characters of this line

  // Further lines of the text begin at column `indent`; `fold` is false for keys.
  void Plain(std::string_view text, int indent, bool fold);
  void SingleQuoted(std::string_view text, int indent, bool fold);
  void DoubleQuoted(std::string_view text, int indent, bool fold);
  // The sign with its hints, up to the end of the line.
  void BlockHeader(char sign, std::string_view text);
  void LineBreak();
  void Literal(std::string_view text, int indent);  // behind its header
  void Folded(std::string_view text, int indent);

 private:
  bool Fits(std::string_view text) const;
  void PutBreak(std::string_view text, size_t* at);
  void PutEscape(char32_t rune);

  std::string* out_;
  size_t line_start_;
  bool fresh_ = true;
};

// A string in the style that go-yaml 2 chooses: quotes only where its type would be lost without,
// blocks for several lines; `key`: what stands before ":" on one line.
void PutString(std::string_view text, int indent, bool key, TextWriter* writer);

// Whether go-yaml 2 writes a key before ":" on one line; others are written as "? key".
bool IsSimpleKey(std::string_view key);

// A float as Go's %g: the shortest digits that read back, an exponent below 1e-4 and from 1e6.
std::string ShowFloat(double number);

}  // namespace headgate::templating::yaml
