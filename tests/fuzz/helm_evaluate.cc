// Any template ends within the bounds, in a text or in an error that says where; and the same again
// where neither clock nor randomness differ.
#include <cstdint>
#include <cstring>
#include <string>

#include "templating/helm/chart/chart_values.h"
#include "templating/helm/chart/engine.h"
#include "templating/helm/json_read.h"
#include "templating/helm/template/evaluator.h"
#include "templating/helm/template/templates.h"
#include "tests/fuzz/fuzzed.h"

namespace helm = headgate::templating::helm;
using headgate::fuzz::Fail;

namespace {

constexpr std::string_view kValues =
    R"({"a": 1, "b": "text", "c": [1, "two", null, 3.5, {"d": "e"}],
  "m": {"x": {"y": {"z": true}}, "n": null}, "f": 1.5e300, "i": -9223372036854775808, "e": "",
  "t": "{{ .Values.b }}", "time": "2026-02-29T12:00:00Z", "v": "1.2.3-rc.1+b", "l": ["b", "a"],
  "yaml": "a: &x [1]\nb: *x\n", "json": "{\"k\": [1e400]}", "toml": "a = 1979-05-27T07:32:00Z\n"})";
constexpr std::string_view kHelpers =
    "{{define \"h\"}}h{{.}}{{end}}{{define \"again\"}}{{include \"again\" .}}{{end}}";

helm::Value Slow(helm::Call& call) { return call.Fail("left out: too slow for this"); }

// What takes tens of milliseconds by design would be all that is tried.
const helm::FunctionTable& Functions() {
  static const helm::FunctionTable* const kTable = [] {
    static constexpr helm::Function kSlow[] = {
        {"bcrypt", helm::Params().Rest(helm::Type::kAny), Slow},
        {"buildCustomCert", helm::Params().Rest(helm::Type::kAny), Slow},
        {"derivePassword", helm::Params().Rest(helm::Type::kAny), Slow},
        {"genCA", helm::Params().Rest(helm::Type::kAny), Slow},
        {"genCAWithKey", helm::Params().Rest(helm::Type::kAny), Slow},
        {"genPrivateKey", helm::Params().Rest(helm::Type::kAny), Slow},
        {"genSelfSignedCert", helm::Params().Rest(helm::Type::kAny), Slow},
        {"genSelfSignedCertWithKey", helm::Params().Rest(helm::Type::kAny), Slow},
        {"genSignedCert", helm::Params().Rest(helm::Type::kAny), Slow},
        {"genSignedCertWithKey", helm::Params().Rest(helm::Type::kAny), Slow},
        {"htpasswd", helm::Params().Rest(helm::Type::kAny), Slow},
    };
    auto* table = new helm::FunctionTable(helm::ChartFunctions());
    table->Add(kSlow);
    return table;
  }();
  return *kTable;
}

helm::Value MakeDot(helm::Heap* heap) {
  helm::Map* dot = heap->NewMap();
  const auto values = helm::ReadJson(kValues, heap);
  if (!values) Fail(values.error().text());
  dot->Set("Values", helm::Value::Of(values->map(), helm::Type::kValues), heap);
  helm::Map* release = helm::MakeRelease("r", "n", false, heap);
  dot->Set("Release", helm::Value::Of(release), heap);
  return helm::Value::Of(dot, helm::Type::kValues);
}

std::string Render(std::string_view text) {
  constexpr std::string_view kName = "c/templates/a.yaml";
  const helm::Limits limits = headgate::fuzz::SmallLimits().render;
  helm::Heap heap;
  helm::Context context;
  context.heap = &heap;
  context.limits = limits;
  context.now = [] {
    return std::chrono::system_clock::time_point(std::chrono::seconds(1'790'000'000));
  };
  context.random = [](std::span<std::byte> bytes) {
    std::memset(bytes.data(), 0x5A, bytes.size());
  };
  helm::Templates templates(&Functions(), limits);
  if (!templates.Add("c/templates/_h.tpl", kHelpers)) Fail("the helpers do not parse");
  if (!templates.Add(kName, text)) return "";
  helm::Evaluator evaluator(&templates, &context);
  const auto rendered = evaluator.Render(kName, MakeDot(&heap));
  if (evaluator.steps() > limits.steps + 10'000) Fail("more steps than the limit", text);
  if (!rendered) {
    if (rendered.error().text().empty()) Fail("an empty error", text);
    return "error: " + rendered.error().text();
  }
  return *rendered;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const std::string first = Render(text); first != Render(text)) {
    Fail("rendered otherwise the second time", first, Render(text));
  }
  return 0;
}
