#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/result.h"
#include "templating/yaml/node.h"

// JSON patches (RFC 6902) as kustomize applies them: with evanphx/json-patch 4.13.0, whose ways are
// kept where they differ from the RFC:
//
// - replace puts in what is missing in a mapping, and copy of what is missing there copies null;
// - negative indices count from the end (for add: -1 is behind the last item);
// - what stands before the first '/' of a path does not matter;
// - test compares scalars as they were written in JSON, so 1.0 is not 1; null and nothing are the
//   same; and null within a list is never equal to anything.
namespace headgate::templating::kustomize {

struct JsonOperation {
  enum class Kind : uint8_t { kAdd, kRemove, kReplace, kMove, kCopy, kTest, kUnknown };
  Kind kind = Kind::kUnknown;
  std::string_view name;  // as it was written
  // Nothing where it is missing or no string.
  std::optional<std::string_view> path, from;
  const yaml::Node* value = nullptr;  // nullptr where it is missing
  uint32_t line = 0;                  // in the file; 0 where it is not known
};

// What a patch says, in the arena it was read into.
struct JsonPatch {
  std::vector<JsonOperation> operations;
  // How scalars were written in JSON that Go would write in another way.
  std::unordered_map<const yaml::Node*, std::string_view> raw;
};

// A text that begins with '[' is JSON, to the letter; others are YAML, typed as version 1.1 of it
// (yes and on are true). The texts must live as long as the arena. `first_line` is that of the text
// in its file. kInvalid: "FILE:LINE: a list of operations expected, ...". Operations that cannot be
// applied are no error yet.
core::Result<JsonPatch> ParseJsonPatch(std::string_view text, std::string_view file,
                                       yaml::Arena* arena, uint32_t first_line = 1);

// Applies all operations in turn. Costs what they touch, and a look at the whole body: as kustomize
// takes it through JSON and back, texts, styles and numbers become what a reader of JSON would make
// of them, and comments go. kInvalid: "operation 2 (replace /spec/x): ..."; the body is half
// patched then.
core::Status ApplyJsonPatch(const JsonPatch& patch, yaml::Arena* arena, yaml::Node* body);

}  // namespace headgate::templating::kustomize
