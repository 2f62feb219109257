// What is printed as a resource reads back as the same tree, and prints as the same bytes again.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

#include "templating/yaml/emit.h"
#include "templating/yaml/parse.h"

namespace yaml = headgate::templating::yaml;

namespace {

[[noreturn]] void Fail(std::string_view what, std::string_view first, std::string_view second) {
  std::fprintf(stderr, "%.*s\n%.*s---\n%.*s\n", static_cast<int>(what.size()), what.data(),
               static_cast<int>(first.size()), first.data(), static_cast<int>(second.size()),
               second.data());
  __builtin_trap();
}

std::string Json(const yaml::Node& node) {
  std::string json;
  if (!yaml::EmitJson(node, &json)) return "?";
  // A negative zero is printed without its sign, as there.
  for (size_t at = 0; (at = json.find("-0", at)) != std::string::npos; ++at) {
    const bool whole = at + 2 == json.size() ||
                       std::string_view(",]}").find(json[at + 2]) != std::string_view::npos;
    if (whole) json.erase(at, 1);
  }
  return json;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  yaml::Arena arena;
  yaml::ParseOptions options;
  options.limits.alias_bytes = size_t{256} * 1024;
  const auto documents = yaml::Parse(text, "f", &arena, options);
  if (!documents) return 0;
  options.merge_keys = false;
  for (const yaml::Node* document : *documents) {
    std::string printed, again;
    if (!yaml::EmitResource(*document, &printed)) continue;
    const auto read = yaml::Parse(printed, "printed", &arena, options);
    if (!read) Fail(read.error().text(), printed, "");
    if (read->size() != 1) Fail("one document expected", printed, "");
    if (!yaml::EmitResource(*read->front(), &again)) Fail("not printed again", printed, "");
    if (again != printed) Fail("printed otherwise", printed, again);
    // U+0085 is folded on the way out.
    const std::string before = Json(*document), after = Json(*read->front());
    if (before != after && before.find("\xC2\x85") == std::string::npos && !document->is_null()) {
      Fail("another tree", before, after);
    }
  }
  return 0;
}
