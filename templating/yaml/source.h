#pragma once

#include <cstdint>
#include <string_view>

#include "core/result.h"
#include "templating/yaml/node.h"
#include "templating/yaml/parse.h"

namespace headgate::templating::yaml {

// A text made ready to be scanned: UTF-8 without a byte order mark, all of its characters allowed
// in YAML. Either it ends with a line feed, or NUL bytes follow it: who has not seen one of them
// may read on.
struct Source {
  std::string_view text;
  bool ascii = false;    // a byte is a character
  bool lf_only = false;  // lines end with a line feed and nothing else
  uint32_t first_line = 1;
};

// UTF-16 with a byte order mark is converted. kInvalid names the character that is not allowed.
core::Result<Source> MakeSource(std::string_view text, std::string_view file,
                                const ParseOptions& options, Arena* arena);

}  // namespace headgate::templating::yaml
