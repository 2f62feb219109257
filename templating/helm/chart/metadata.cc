#include "templating/helm/chart/metadata.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <string>

#include "templating/helm/chart/struct_reader.h"
#include "templating/helm/yaml_read.h"

namespace headgate::templating::helm {
namespace {

void TakeMaintainer(const Value& value, StructReader* decoder, Maintainer** maintainer) {
  if (value.is_nil()) {
    *maintainer = nullptr;
    return;
  }
  if (!*maintainer) *maintainer = decoder->heap()->New<Maintainer>();
  const auto text = [decoder](std::string_view name, std::string_view* to) -> StructReader::Field {
    return {name, [=](const Value& v) { decoder->Text(v, "maintainers", to); }};
  };
  Maintainer& to = **maintainer;
  decoder->Struct(value, "maintainers",
                  {text("name", &to.name), text("email", &to.email), text("url", &to.url)});
}

void TakeDependency(const Value& value, StructReader* decoder, Dependency** dependency) {
  if (value.is_nil()) {
    *dependency = nullptr;
    return;
  }
  static constexpr std::string_view kWhere = "dependencies";
  if (!*dependency) *dependency = decoder->heap()->New<Dependency>();
  const auto text = [decoder](std::string_view name, std::string_view* to) -> StructReader::Field {
    return {name, [=](const Value& v) { decoder->Text(v, kWhere, to); }};
  };
  Dependency& to = **dependency;
  decoder->Struct(
      value, kWhere,
      {text("name", &to.name),
       text("version", &to.version),
       text("repository", &to.repository),
       text("condition", &to.condition),
       text("alias", &to.alias),
       {"tags", [&](const Value& v) { decoder->Texts(v, "dependencies: tags", &to.tags); }},
       {"enabled", [&](const Value& v) { decoder->Bool(v, "dependencies: enabled", &to.enabled); }},
       {"import-values", [&](const Value& v) {
          decoder->List(v, "dependencies: import-values", &to.import_values,
                        [](const Value& item, Value* copy) { *copy = item; });
        }}});
}

void TakeDependencies(const Value& value, StructReader* decoder, ChartMetadata* metadata) {
  if (value.is_nil()) return metadata->dependencies.reset();
  if (!metadata->dependencies && value.is_list()) metadata->dependencies.emplace();
  std::vector<Dependency*> none;
  decoder->List(value, "dependencies", metadata->dependencies ? &*metadata->dependencies : &none,
                [decoder](const Value& item, Dependency** dependency) {
                  TakeDependency(item, decoder, dependency);
                });
}

// As RFC 3339 has it, which Go's time demands of JSON.
bool IsTime(std::string_view text) {
  constexpr std::string_view kForm = "dddd-dd-ddTdd:dd:dd";
  if (text.size() < kForm.size() + 1) return false;
  for (size_t i = 0; i < kForm.size(); ++i) {
    if (kForm[i] == 'd' ? std::isdigit(static_cast<unsigned char>(text[i])) == 0
                        : text[i] != kForm[i]) {
      return false;
    }
  }
  const auto number = [&text](size_t at) { return (text[at] - '0') * 10 + (text[at + 1] - '0'); };
  const int month = number(5), day = number(8);
  if (month < 1 || month > 12 || day < 1 || number(11) > 23 || number(14) > 59 || number(17) > 59) {
    return false;
  }
  const int year = number(0) * 100 + number(2);
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (day > kDays[month - 1] + (leap && month == 2)) return false;
  std::string_view rest = text.substr(kForm.size());
  if (rest.starts_with('.') || rest.starts_with(',')) {
    const size_t end = std::min(rest.find_first_not_of("0123456789", 1), rest.size());
    if (end == 1 || rest.front() == ',') return false;
    rest = rest.substr(end);
  }
  if (rest == "Z") return true;
  const auto digit = [&rest](size_t i) {
    return std::isdigit(static_cast<unsigned char>(rest[i])) != 0;
  };
  return rest.size() == 6 && (rest[0] == '+' || rest[0] == '-') && rest[3] == ':' && digit(1) &&
         digit(2) && digit(4) && digit(5) && rest.substr(1, 2) <= "23" && rest.substr(4) <= "59";
}

}  // namespace

core::Status ReadMetadata(std::string_view text, std::string_view file, Heap* heap,
                          ChartMetadata* metadata) {
  core::Result<Value> value = ReadYaml(text, file, heap, {.keep_numbers = true});
  if (!value) return value.error();
  StructReader decoder(file, heap);
  ChartMetadata& to = *metadata;
  const auto field = [&decoder](std::string_view name,
                                std::string_view* at) -> StructReader::Field {
    return {name, [&decoder, name, at](const Value& v) { decoder.Text(v, name, at); }};
  };
  decoder.Struct(
      *value, file,
      {field("name", &to.name),
       field("home", &to.home),
       {"sources", [&](const Value& v) { decoder.Texts(v, "sources", &to.sources); }},
       field("version", &to.version),
       field("description", &to.description),
       {"keywords", [&](const Value& v) { decoder.Texts(v, "keywords", &to.keywords); }},
       {"maintainers",
        [&](const Value& v) {
          decoder.List(v, "maintainers", &to.maintainers,
                       [&](const Value& item, Maintainer** maintainer) {
                         TakeMaintainer(item, &decoder, maintainer);
                       });
        }},
       field("icon", &to.icon),
       field("apiVersion", &to.api_version),
       field("condition", &to.condition),
       field("tags", &to.tags),
       field("appVersion", &to.app_version),
       {"deprecated", [&](const Value& v) { decoder.Bool(v, "deprecated", &to.deprecated); }},
       {"annotations", [&](const Value& v) { decoder.TextMap(v, "annotations", &to.annotations); }},
       field("kubeVersion", &to.kube_version),
       {"dependencies", [&](const Value& v) { TakeDependencies(v, &decoder, &to); }},
       field("type", &to.type)});
  return decoder.status();
}

core::Status CheckLock(std::string_view text, std::string_view file) {
  Heap heap;
  core::Result<Value> value = ReadYaml(text, file, &heap, {.keep_numbers = true});
  if (!value) return value.error();
  StructReader decoder(file, &heap);
  std::string_view digest;
  ChartMetadata ignored;
  bool timed = true;
  decoder.Struct(
      *value, file,
      {{"generated",
        [&](const Value& v) { timed = v.is_nil() || (v.is_string() && IsTime(v.text())); }},
       {"digest", [&](const Value& v) { decoder.Text(v, "digest", &digest); }},
       {"dependencies", [&](const Value& v) { TakeDependencies(v, &decoder, &ignored); }}});
  if (!timed) return core::Invalid(fmt::format("{}: generated: a time of RFC 3339 expected", file));
  return decoder.status();
}

}  // namespace headgate::templating::helm
