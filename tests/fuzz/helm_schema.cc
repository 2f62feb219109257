// A schema is compiled or refused, and a value is checked against it, within the bounds. What is
// before the first line break that is followed by "---" is the schema, what is behind it the value.
#include <cstdint>
#include <string>

#include "templating/helm/chart/schema/check.h"
#include "templating/helm/chart/schema/compile.h"
#include "templating/helm/json_read.h"
#include "tests/fuzz/fuzzed.h"

namespace helm = headgate::templating::helm;
using headgate::fuzz::Fail;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr std::string_view kParts = "\n---";
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const size_t end = text.find(kParts);
  const helm::ChartLimits limits = headgate::fuzz::SmallLimits();
  const auto schema = helm::CompileSchema(text.substr(0, end), limits);
  if (!schema) {
    if (schema.error().text().empty()) Fail("an empty error", text);
    return 0;
  }
  helm::Heap heap;
  const std::string_view json =
      end == std::string_view::npos ? "{}" : text.substr(end + kParts.size());
  const auto value = helm::ReadJson(json, &heap);
  if (!value) return 0;
  const auto first = helm::CheckValue(*(*schema)->root, *value, limits);
  if (first.size() > 100) Fail("more faults than anybody reads", text);
  if (first != helm::CheckValue(*(*schema)->root, *value, limits)) Fail("judged otherwise", text);
  return 0;
}
