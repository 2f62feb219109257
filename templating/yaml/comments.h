#pragma once

#include <string_view>
#include <vector>

#include "templating/yaml/node.h"
#include "templating/yaml/scanner.h"

namespace headgate::templating::yaml {

enum class TokenKind : uint8_t {
  kStreamStart,
  kStreamEnd,
  kDirective,
  kDocumentStart,
  kDocumentEnd,
  kBlockSequence,  // begins; before the "-"
  kBlockMapping,   // begins; before its first key
  kBlockEnd,
  kFlowSequence,
  kFlowSequenceEnd,
  kFlowMapping,
  kFlowMappingEnd,
  kItem,       // "-"
  kSeparator,  // ","
  kKey,        // "?", or before a key whose ":" was seen
  kValue,      // ":"
  kAlias,
  kProperty,  // a tag or an anchor
  kScalar
};

// What the parser took off the source, where comments are kept.
struct Taken {
  TokenKind kind = TokenKind::kScalar;
  Spot start;
  Spot stop;                // where the scanner stood behind it
  bool may_be_key = false;  // a key may have begun with it
  bool had_key = false;     // of ":": it has such a key
};

// Gives the nodes of `documents` the comments of the source, as go-yaml 3 attaches them: it reads
// up to two tokens ahead, and what it has seen by then decides whether a comment belongs to what
// stands above or below. Merge keys must not have been merged.
void AttachComments(const Source& source, const std::vector<Taken>& taken, Arena* arena,
                    const std::vector<Node*>& documents);

}  // namespace headgate::templating::yaml
