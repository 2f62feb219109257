// Any bytes end in documents or an error, whatever is asked for.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "templating/yaml/emit.h"
#include "templating/yaml/parse.h"

namespace yaml = headgate::templating::yaml;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const bool comments : {false, true}) {
    yaml::Arena arena;
    yaml::ParseOptions options;
    options.keep_comments = comments;
    options.merge_keys = options.unique_keys = !comments;
    options.limits.alias_bytes = size_t{256} * 1024;
    const auto documents = yaml::Parse(text, "f", &arena, options);
    if (!documents) {
      if (!documents.error().text().starts_with("f:")) __builtin_trap();
      continue;
    }
    std::string out;
    for (const yaml::Node* document : *documents) {
      if (comments && !yaml::EmitKept(*document, &out)) out.clear();
    }
  }
  return 0;
}
