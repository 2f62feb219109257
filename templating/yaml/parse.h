#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "templating/yaml/node.h"

namespace headgate::templating::yaml {

// Bounds of one parse; beyond any of them is kInvalid, and the error names the bound.
struct Limits {
  size_t document_bytes = 32 * 1024 * 1024;
  size_t total_bytes = 256 * 1024 * 1024;
  size_t alias_bytes = 10 * 1024 * 1024;  // that aliases and merge keys may expand to
  size_t depth = 1000;
};

struct ParseOptions {
  // As go-yaml 3 attaches them, and anchors and aliases by their names; "<<" stays an entry then.
  bool keep_comments = false;
  bool merge_keys = true;          // "<<" is merged into the mapping; else it stays an entry
  bool keep_quoted_merge = false;  // "<<" in quotes is a key like others; kustomize loses it
  bool unique_keys = true;         // a key given twice is an error
  bool first_only = false;  // what follows the first document is not looked at, be it one or not
  uint32_t first_line = 1;  // of the file, where `text` is a piece of it: for lines and errors
  Limits limits = {};
};

// All documents of a text, as go-yaml 3 reads them; an empty document is a null node. Nodes view
// `text`, which must live as long as the arena (Arena::Keep). Aliases are expanded to copies.
// kInvalid: "FILE:LINE:COLUMN: what was expected, what was found".
core::Result<std::vector<Node*>> Parse(std::string_view text, std::string_view file, Arena* arena,
                                       const ParseOptions& options = {});

// The tag of a plain scalar, as go-yaml 3 resolves it.
Tag ResolvePlain(std::string_view text);

// The tag that a reader of the printed node sees: its own, but where that is Tag::kNone a plain
// scalar's text decides, and other styles are strings.
inline Tag PrintedTag(const Node& node) {
  if (node.tag != Tag::kNone) return node.tag;
  return node.style == Style::kPlain ? ResolvePlain(node.text()) : Tag::kString;
}

}  // namespace headgate::templating::yaml
