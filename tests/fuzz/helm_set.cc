// Any line of --set, --set-string, --set-file, --set-json and --set-literal is merged or an error,
// within the bounds, into values that are empty or not.
#include <cstdint>
#include <string>

#include "templating/helm/chart/set_flags.h"
#include "templating/helm/json_read.h"
#include "tests/fuzz/fuzzed.h"

namespace helm = headgate::templating::helm;
using headgate::fuzz::Fail;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const auto kind = static_cast<helm::SetKind>(data[0] % 5);
  const std::string_view line(reinterpret_cast<const char*>(data + 1), size - 1);
  helm::ChartLimits limits = headgate::fuzz::SmallLimits();
  limits.set_index = 4096;
  const helm::FileReader read = [](const std::string& name) -> headgate::core::Result<std::string> {
    if (name.size() % 2 != 0) return headgate::core::NotFound(name + ": no such file");
    return "what " + name + " holds";
  };
  for (const std::string_view before :
       {R"({})", R"({"a": {"b": [1, {"c": 2}]}, "d": null, "": 1})"}) {
    helm::Heap heap;
    const auto values = helm::ReadJson(before, &heap);
    if (!values) Fail(values.error().text());
    // Twice: the second time over what the first one made.
    for (int time = 0; time < 2; ++time) {
      const auto merged = helm::ApplySet(kind, line, values->map(), &heap, limits, read);
      if (!merged && merged.error().text().empty()) Fail("an empty error", line);
    }
    if (!values->is_map()) Fail("values that are no map", line);
  }
  return 0;
}
