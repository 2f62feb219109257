#include "helm_render.h"

#include <algorithm>
#include <array>

#include "templating/helm/json_read.h"
#include "templating/helm/template/evaluator.h"
#include "templating/helm/template/printf.h"

namespace headgate::templating::helm {
namespace {

Value List(Call& call) {
  const std::span<Value> items = call.heap()->NewList(call.size());
  std::copy(call.arguments().begin(), call.arguments().end(), items.begin());
  return Value::List(items);
}

Value Dict(Call& call) {
  Map* map = call.heap()->NewMap();
  for (size_t i = 0; i < call.size(); i += 2) {
    std::string key;
    AppendValue(&key, call[i], 1000);
    map->Set(call.heap()->Copy(key), i + 1 < call.size() ? call[i + 1] : Value::Text(""),
             call.heap());
  }
  return Value::Of(map);
}

Value Set(Call& call) {
  if (!call.map(0)) return call.Fail("assignment to entry in nil map");
  call.map(0)->Set(call.Text(1), call[2], call.heap());
  return call[0];
}

Value Default(Call& call) { return call.size() < 2 || !IsTrue(call[1]) ? call[0] : call[1]; }

Value TypeOf(Call& call) { return Value::Text(TypeName(call[0])); }

Value Until(Call& call) {
  const std::span<Value> items =
      call.heap()->NewList(static_cast<size_t>(std::clamp<int64_t>(call.Int(0), 0, 100000)));
  for (size_t i = 0; i < items.size(); ++i) items[i] = Value::Int(static_cast<int64_t>(i));
  return Value::List(items, Type::kInts);
}

Value Sub(Call& call) { return Value::Int(call.Int(0) - call.Int(1)); }

Value Half(Call& call) { return Value::Float(call.Float(0) / 2); }

class Moment : public Object {
 public:
  std::string Text() const override { return "a moment"; }
};
Value Now(Call& call) { return Value::Of(call.heap()->New<Moment>(), Type::kTime); }
Value Year(Call&) { return Value::Int(2026); }
Value Format(Call& call) { return call.New("in " + std::string(call[1].text())); }
Value AddDate(Call& call) { return Value::Int(call[1].integer() + call[2].integer()); }

Value Has(Call& call) {
  for (const Value& item : call[0].items()) {
    if (item.text() == call[1].text()) return Value::Bool(true);
  }
  return Value::Bool(false);
}

Value GitVersion(Call& call) { return *call[0].fields()->fields[0].value; }

constexpr helm::Function kFunctions[] = {
    {"list", Params().Rest(Type::kAny), List},
    {"dict", Params().Rest(Type::kAny), Dict},
    {"set", {Type::kMap, Type::kString, Type::kAny}, Set},
    {"default", Params({Type::kAny}).Rest(Type::kAny), Default},
    {"typeOf", {Type::kAny}, TypeOf},
    {"until", {Type::kInt}, Until},
    {"sub", {Type::kInt, Type::kInt}, Sub},
    {"half", {Type::kFloat64}, Half},
    {"now", {}, Now},
};

FunctionTable MakeTable() {
  FunctionTable table;
  table.Add(kFunctions);
  table.AddMethod(Type::kTime, {"Year", {}, Year});
  table.AddMethod(Type::kTime, {"Format", {Type::kString}, Format});
  table.AddMethod(Type::kTime, {"AddDate", {Type::kInt, Type::kInt}, AddDate});
  table.AddMethod(Type::kVersionSet, {"Has", {Type::kString}, Has});
  table.AddMethod(Type::kKubeVersion, {"GitVersion", {}, GitVersion});
  return table;
}

Value Capabilities(Heap* heap) {
  const auto text = [heap](const char* what) { return heap->New<Value>(Value::Text(what)); };
  auto* kube = heap->New<std::array<helm::Field, 4>>(std::array<helm::Field, 4>{{
      {"Version", true, text("v1.30.0-x")},
      {"normalizedVersion", false, text("v1.30.0")},
      {"Major", true, text("1")},
      {"Minor", true, text("30")},
  }});
  const auto* version = heap->New<Struct>(Struct{*kube});
  const std::span<Value> apis = heap->NewList(1);
  apis[0] = Value::Text("apps/v1");
  auto* fields = heap->New<std::array<helm::Field, 2>>(std::array<helm::Field, 2>{{
      {"KubeVersion", true, heap->New<Value>(Value::Of(version, Type::kKubeVersion))},
      {"APIVersions", true, heap->New<Value>(Value::List(apis, Type::kVersionSet))},
  }});
  return Value::Of(heap->New<Struct>(Struct{*fields}), Type::kCapabilities);
}

}  // namespace

Rendered RenderText(std::string_view text, std::string_view values_json, const Limits& limits) {
  static const FunctionTable kTable = MakeTable();
  Heap heap;
  Context context;
  context.heap = &heap;
  context.limits = limits;
  Templates templates(&kTable, limits);
  if (const core::Status added = templates.Add("chart/templates/a.yaml", text); !added) {
    return {"", added.error().text()};
  }
  const auto named = [&heap](std::string_view name) {
    Map* map = heap.NewMap();
    map->Set("Name", Value::Text(name), &heap);
    return Value::Of(map);
  };
  Map* dot = heap.NewMap();
  const core::Result<Value> values = ReadJson(values_json, &heap);
  if (!values) return {"", values.error().text()};
  dot->Set("Values", Value::Of(values->map(), Type::kValues), &heap);
  dot->Set("Release", named("rel"), &heap);
  dot->Set("Chart", named("chart"), &heap);
  dot->Set("Capabilities", Capabilities(&heap), &heap);
  Evaluator evaluator(&templates, &context);
  core::Result<std::string> rendered =
      evaluator.Render("chart/templates/a.yaml", Value::Of(dot, Type::kValues));
  if (!rendered) return {"", rendered.error().text()};
  return {*rendered, ""};
}

}  // namespace headgate::templating::helm
