#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "templating/yaml/characters.h"
#include "templating/yaml/node.h"
#include "templating/yaml/source.h"

namespace headgate::templating::yaml {

// A position in the source.
struct Spot {
  const char* at = nullptr;
  const char* line_start = nullptr;
  uint32_t line = 0;  // from 1

  int indent() const { return static_cast<int>(at - line_start); }  // in bytes, from 0
};

// What went wrong first.
struct Complaint {
  uint32_t line = 0, column = 0;
  std::string text;
};

// A scalar's text, quotes and folding undone.
struct Scalar {
  std::string_view text;
  Style style = Style::kPlain;
  bool past_break = false;  // the scanner stands behind the line of the last character
};

// Reads scalars, names and blanks off a source, from front to back. Functions return false after a
// complaint; nothing is to be read then.
class Scanner {
 public:
  Scanner(const Source& source, Arena* arena);

  bool at_end() const { return at_ == end_; }
  const char* at() const { return at_; }
  Spot spot() const { return {at_, line_start_, line_}; }
  // From 1, in characters. Fast for spots that come in order.
  uint32_t ColumnOf(const Spot& spot) {
    if (ascii_) return static_cast<uint32_t>(spot.at - spot.line_start) + 1;
    return CountedColumnOf(spot);
  }

  // Passes blanks, comments and line breaks up to the next token; tabs count as blanks only where
  // `tabs`, and behind a line break where `tabs_below`. Returns whether a line break was passed.
  bool SkipToToken(bool tabs, bool tabs_below) {
    if (at_ != end_ && !Is(*at_, kBlank | kBreak | kMaybeBreak) && *at_ != '#') {
      return at_ == line_start_;
    }
    return PassToToken(tabs, tabs_below);
  }
  void SkipBlanks();  // of this line, tabs too
  void Skip(size_t bytes) { at_ += bytes; }
  // Whether `marker`, "---" or "...", stands here, at the start of a line.
  bool AtMarker(std::string_view marker) const {
    return at_ == line_start_ && at_ != end_ && *at_ == marker[0] && IsMarkerHere(marker);
  }
  bool AtDocumentMarker() const { return AtMarker("---") || AtMarker("..."); }

  // `indent`: of the innermost block in which the scalar stands; -1 outside of any.
  bool ScanPlain(int indent, bool flow, Scalar* scalar);
  bool ScanQuoted(Scalar* scalar);             // at the quote
  bool ScanBlock(int indent, Scalar* scalar);  // at "|" or ">"
  bool ScanName(std::string_view* name);       // at "&" or "*"
  // At "!". The handle is still to be looked up: ("", "!"), ("!", "a"), ("!!", "str").
  bool ScanTag(std::string_view* handle, std::string_view* suffix);
  // At "%". `handle` is empty for %YAML, which has to be 1.1.
  bool ScanDirective(std::string_view* handle, std::string_view* prefix);

  bool Complain(const Spot& spot, std::string text);  // returns false
  bool ComplainAt(uint32_t line, uint32_t column, std::string text);
  const std::optional<Complaint>& complaint() const { return complaint_; }

 private:
  struct BlockHeader;

  uint32_t CountedColumnOf(const Spot& spot);
  bool IsMarkerHere(std::string_view marker) const;
  bool PassToToken(bool tabs, bool tabs_below);
  void PassBreak(size_t length) {
    at_ += length;
    line_start_ = at_;
    ++line_;
  }
  void PassLine();
  void PassCommentsBelow();
  // Appends the line break here, normalized, to `text` and passes it.
  void TakeBreak(std::string* text);

  const char* EndOfPlain(const char* from, bool flow) const;
  bool EndsBelow(int indent);
  bool PassPlainBreaks(int indent, std::string* breaks);
  bool ContinuePlain(int indent, bool flow, std::string_view first, Scalar* scalar);
  bool ScanQuotedSlowly(const Spot& start, size_t plain_bytes, Scalar* scalar);
  bool ScanEscape(const Spot& start, std::string* text);
  void FoldQuoted(bool escaped_break, std::string* text);
  bool ScanBlockHeader(BlockHeader* header);
  bool PassBlockBreaks(const Spot& start, int parent_indent, int* indent, std::string* breaks);
  bool ScanUri(const Spot& start, std::string* text);
  bool ScanHandle(const Spot& start, std::string* handle);
  bool ScanVersion(const Spot& start);
  bool EndDirective(const Spot& start);

  const char* at_;
  const char* const end_;
  const char* line_start_;
  uint32_t line_;
  const bool ascii_;
  const bool lf_only_;
  Arena* const arena_;
  const char* counted_at_;  // up to here, `counted_` characters of its line are known
  uint32_t counted_ = 0;
  std::string scratch_;
  std::optional<Complaint> complaint_;
};

}  // namespace headgate::templating::yaml
