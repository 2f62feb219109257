// toToml and fromToml: Helm's own. Errors are results.

#include <string>

#include "templating/helm/functions/functions.h"
#include "templating/helm/functions/toml_read.h"
#include "templating/helm/functions/toml_write.h"

namespace headgate::templating::helm {
namespace {

Value ToToml(Call& call) {
  if (call[0].is_nil()) return call.Fail("reflect: call of reflect.Value.Type on zero Value");
  std::string text, error;
  if (WriteToml(call[0], call.context().limits.text_bytes, &text, &error)) {
    return call.Fits(text.size()) ? call.New(text) : Value();
  }
  if (!error.empty()) return call.New(error);
  call.Fits(SIZE_MAX);
  return {};
}

Value FromToml(Call& call) {
  const core::Result<Value> read = ReadToml(call.Text(0), call.heap());
  if (read) return *read;
  Map* map = call.heap()->NewMap();
  map->Set("Error", call.New(read.error().text()), call.heap());
  return Value::Of(map);
}

constexpr Function kFunctions[] = {
    {"toToml", {Type::kAny}, ToToml},
    {"fromToml", {Type::kString}, FromToml},
};

}  // namespace

void AddToml(FunctionTable* table) { table->Add(kFunctions); }

}  // namespace headgate::templating::helm
