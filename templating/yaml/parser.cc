#include "templating/yaml/parser.h"

#include <fmt/format.h>

namespace headgate::templating::yaml {

Parser::Parser(const Source& source, const ParseOptions& options, Arena* arena)
    : scanner_(source, arena), options_(options), arena_(arena) {}

bool Parser::Run() {
  while (!options_.first_only || documents_.empty()) {
    // A line break ends what is no key; tabs indent nothing.
    const bool below = scanner_.SkipToToken(in_flow() || !key_allowed_, in_flow());
    if (below && !in_flow()) key_allowed_ = true;
    if (scanner_.at_end()) return EndStream();
    if (!Step()) return false;
  }
  return true;
}

// `flag`: of ":", whether it has a key that began without "?".
void Parser::NoteTaken(TokenKind kind, const Spot& start, bool flag) {
  const bool value = kind == TokenKind::kValue;
  taken_.push_back({kind, start, scanner_.spot(), !value && flag, value && flag});
}

bool Parser::Step() {
  const Spot spot = scanner_.spot();
  if (spot.at == spot.line_start) {
    if (*spot.at == '%') return Directive();
    if (scanner_.AtDocumentMarker()) return Marker();
  }
  if (!open_ && !StartDocument()) return false;
  if (!in_flow() && indent_ > spot.indent() && !Unroll(spot.indent())) return false;
  if (options_.first_only && frames_.size() == 1 && top().wait == Wait::kSeparator) {
    return EndDocument();
  }
  if (static_cast<size_t>(spot.at - document_start_) > options_.limits.document_bytes) {
    return scanner_.Complain(spot, fmt::format("a document of at most {} MiB expected",
                                               options_.limits.document_bytes >> 20));
  }
  return in_flow() ? FlowToken() : BlockToken();
}

// Without "---".
bool Parser::StartDocument() {
  const Spot spot = scanner_.spot();
  if (directives_) {
    return scanner_.Complain(spot, "\"---\" expected behind the directives (%YAML, %TAG)");
  }
  if (!first_) {
    return scanner_.Complain(spot, "\"---\" expected before a further document");
  }
  first_ = false;
  open_ = true;
  document_start_ = spot.at;
  frames_.emplace_back().indicator = spot;
  return true;
}

bool Parser::Marker() {
  const Spot spot = scanner_.spot();
  const bool starts = *spot.at == '-';
  if (in_flow()) return Unexpected(spot, starts ? "\"---\"" : "\"...\"");
  if (options_.keep_comments) {
    const TokenKind kind = starts ? TokenKind::kDocumentStart : TokenKind::kDocumentEnd;
    taken_.push_back({kind, spot, {spot.at + 3, spot.line_start, spot.line}});
  }
  if (open_) {
    if (!EndDocument()) return false;
  } else if (!starts && (first_ || directives_)) {
    return scanner_.Complain(spot, "a document expected, its end \"...\" found");
  }
  first_ = false;
  key_allowed_ = false;
  scanner_.Skip(3);
  if (!starts) return true;
  directives_ = version_ = false;
  open_ = true;
  document_start_ = spot.at;
  frames_.emplace_back().indicator = spot;
  return true;
}

bool Parser::Directive() {
  const Spot spot = scanner_.spot();
  if (in_flow()) return Unexpected(spot, "\"%\"");
  if (open_ && !EndDocument()) return false;
  std::string_view handle, prefix;
  if (!scanner_.ScanDirective(&handle, &prefix)) return false;
  Took(TokenKind::kDirective, spot);
  if (handle.empty()) {
    if (version_) return scanner_.Complain(spot, "%YAML is given twice");
    version_ = true;
  }
  for (const auto& [known, _] : handles_) {
    if (known == handle) {
      return scanner_.Complain(spot, fmt::format("%TAG {} is given twice", handle));
    }
  }
  if (!handle.empty()) handles_.emplace_back(handle, prefix);
  directives_ = true;
  first_ = false;
  key_allowed_ = false;
  return true;
}

bool Parser::EndDocument() {
  if (!DropKey() || !Unroll(-1)) return false;
  if (top().wait == Wait::kNode) {
    if (!PlaceEmpty()) return false;
  } else if (inner_.any() || outer_.any()) {
    return Unexpected(scanner_.spot(), "its end");
  }
  documents_.push_back(items_.back());
  items_.clear();
  frames_.clear();
  anchors_.clear();
  handles_.clear();
  open_ = false;
  return true;
}

bool Parser::EndStream() {
  const Spot spot = scanner_.spot();
  if (in_flow()) return Unexpected(spot, "the end of the text");
  if (directives_) {
    return scanner_.Complain(spot, "\"---\" expected behind the directives (%YAML, %TAG)");
  }
  return !open_ || EndDocument();
}

}  // namespace headgate::templating::yaml
