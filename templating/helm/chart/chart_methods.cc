#include <string>
#include <vector>

#include "templating/helm/chart/chart_values.h"
#include "templating/helm/chart/coalesce.h"
#include "templating/helm/chart/glob.h"
#include "templating/helm/chart/paths.h"
#include "templating/helm/functions/base_encoding.h"
#include "templating/helm/functions/functions.h"
#include "templating/helm/functions/values.h"
#include "templating/helm/strconv.h"

namespace headgate::templating::helm {
namespace {

// A file's bytes; nothing where there is none of that name.
const Value* FileAt(Call& call) { return call.map(0) ? call.map(0)->Find(call.Text(1)) : nullptr; }

Value GetBytes(Call& call) {
  const Value* file = FileAt(call);
  return file ? *file : Value::Bytes("");
}

Value Get(Call& call) {
  const Value* file = FileAt(call);
  return Value::Text(file ? file->text() : "");
}

Value MatchingFiles(Call& call) {
  const std::optional<Glob> glob = Glob::Parse(call.Text(1));
  Map* matching = call.heap()->NewMap();
  if (Map* files = call.map(0)) {
    for (const Map::Entry& file : files->entries()) {
      // A malformed pattern matches everything, as in Helm.
      if (!glob || glob->Matches(file.key)) matching->Set(file.key, file.value, call.heap());
    }
  }
  return Value::Of(matching, Type::kFiles);
}

Value Lines(Call& call) {
  const Value* file = FileAt(call);
  if (!file || file->text().data() == nullptr) return NewTexts(call, {});
  std::string_view text = file->text();
  if (text.empty()) return call.Fail("runtime error: index out of range [-1]");
  if (text.ends_with('\n')) text.remove_suffix(1);
  std::vector<std::string_view> lines;
  for (;;) {
    const size_t end = text.find('\n');
    lines.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return NewTexts(call, lines);
    text.remove_prefix(end + 1);
  }
}

// The files under their names without directories, as YAML.
template <class Show>
Value AsYaml(Call& call, const Show& show) {
  if (!call.map(0)) return Value::Text("");
  Map* named = call.heap()->NewMap();
  for (const Map::Entry& file : call.map(0)->entries()) {
    const Value text = show(file.value.text());
    if (call.failed()) return {};
    named->Set(PathBase(file.key), text, call.heap());
  }
  return ToYaml(call, Value::Of(named, Type::kStringMap));
}

Value AsConfig(Call& call) {
  return AsYaml(call, [](std::string_view bytes) { return Value::Text(bytes); });
}

Value AsSecrets(Call& call) {
  return AsYaml(call, [&call](std::string_view bytes) {
    return call.Fits(bytes.size() * 2) ? call.New(EncodeBase64(bytes)) : Value();
  });
}

Value HasVersion(Call& call) {
  for (const Value& version : call.items(0)) {
    if (version.text() == call.Text(1)) return Value::Bool(true);
  }
  return Value::Bool(false);
}

Value FieldText(Call& call, size_t field) { return *call[0].fields()->fields[field].value; }
Value Normalized(Call& call) { return FieldText(call, 1); }
Value GitVersion(Call& call) { return FieldText(call, 0); }
Value Copy(Call& call) { return call[0]; }

Value AsMap(Call& call) {
  Map* values = call.map(0);
  return Value::Of(values && !values->empty() ? values : call.heap()->NewMap());
}

Value Table(Call& call) {
  Map* table = TableAt(call.map(0), call.Text(1));
  if (!table) return call.Fail(Quote(call.Text(1)) + " is not a table");
  return Value::Of(table, Type::kValues);
}

Value PathValue(Call& call) {
  if (call.Text(1).empty()) return call.Fail("YAML path cannot be empty");
  const std::optional<Value> value = ValueAt(call.map(0), call.Text(1));
  if (!value) return call.Fail(Quote(call.Text(1)) + " is not a value");
  return *value;
}

Value ValuesYaml(Call& call) {
  const Value yaml = ToYaml(call, Value::Of(call.map(0)));
  return call.failed() ? Value() : call.New(std::string(yaml.text()) + "\n");
}

}  // namespace

void AddChartMethods(FunctionTable* table) {
  table->AddMethod(Type::kFiles, {"GetBytes", {Type::kString}, GetBytes});
  table->AddMethod(Type::kFiles, {"Get", {Type::kString}, Get});
  table->AddMethod(Type::kFiles, {"Glob", {Type::kString}, MatchingFiles});
  table->AddMethod(Type::kFiles, {"Lines", {Type::kString}, Lines});
  table->AddMethod(Type::kFiles, {"AsConfig", {}, AsConfig});
  table->AddMethod(Type::kFiles, {"AsSecrets", {}, AsSecrets});
  table->AddMethod(Type::kVersionSet, {"Has", {Type::kString}, HasVersion});
  table->AddMethod(Type::kCapabilities, {"Copy", {}, Copy});
  table->AddMethod(Type::kKubeVersion, {"String", {}, Normalized});
  table->AddMethod(Type::kKubeVersion, {"GitVersion", {}, GitVersion});
  table->AddMethod(Type::kValues, {"AsMap", {}, AsMap});
  table->AddMethod(Type::kValues, {"Table", {Type::kString}, Table});
  table->AddMethod(Type::kValues, {"PathValue", {Type::kString}, PathValue});
  table->AddMethod(Type::kValues, {"YAML", {}, ValuesYaml});
}

}  // namespace headgate::templating::helm
