#include "templating/helm/template/templates.h"

#include <utility>
#include <vector>

#include "templating/helm/template/parser.h"

namespace headgate::templating::helm {
namespace {

// Helm shows the place and the last part of Go's error.
core::Error ParseError(std::string_view name, const core::Error& error) {
  constexpr std::string_view kColon = ": ";
  const std::string_view text = error.text();
  const size_t place = text.find(kColon);
  if (place == std::string_view::npos) {
    return core::Invalid("parse error in (" + std::string(name) + "): " + error.text());
  }
  const std::string_view rest = text.substr(place + kColon.size());
  const size_t last = text.rfind(kColon) + kColon.size();
  return core::Invalid("parse error at (" + std::string(rest.substr(0, rest.find(kColon))) +
                       "): " + std::string(text.substr(last)));
}

}  // namespace

Templates::Templates(const FunctionTable* functions, const Limits& limits)
    : functions_(*functions), limits_(limits) {}

Template* Templates::New(const Definition& definition, const Source* source) {
  Template* made = heap_.New<Template>();
  made->name = definition.name;
  made->source = source;
  made->list = definition.list;
  made->empty = IsEmpty(*definition.list);
  made->nested_declarations = definition.nested_declarations;
  return made;
}

core::Status Templates::Add(std::string_view name, std::string_view text) {
  const Source* source = heap_.New<Source>(Source{heap_.Copy(name), heap_.Copy(text)});
  core::Result<std::vector<Definition>> parsed =
      ParseTemplate(source->name, source->text, functions_, limits_, &heap_);
  if (!parsed) return ParseError(name, parsed.error());
  for (const Definition& definition : *parsed) {
    Template* made = New(definition, source);
    Template*& known = by_name_[made->name];
    if (!known || !made->empty) known = made;
  }
  return core::Ok();
}

Template* Templates::Find(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : found->second;
}

core::Result<const TplText*> Templates::ForTpl(std::string_view text) {
  if (const auto found = tpl_.find(text); found != tpl_.end()) return &found->second;
  tpl_bytes_ += text.size();
  if (tpl_bytes_ > limits_.parsed_bytes) {
    return core::Invalid("the texts given to tpl are larger than the limit of " +
                         std::to_string(limits_.parsed_bytes) + " bytes");
  }
  const Source* source = heap_.New<Source>(Source{kTplName, heap_.Copy(text)});
  core::Result<std::vector<Definition>> parsed =
      ParseTemplate(source->name, source->text, functions_, limits_, &heap_);
  if (!parsed) return parsed.error();
  TplText made;
  for (const Definition& definition : *parsed) {
    Template* defined = New(definition, source);
    if (definition.name == kTplName) {
      made.main = defined;
    } else {
      made.defined.emplace(defined->name, defined);
    }
  }
  return &tpl_.emplace(source->text, std::move(made)).first->second;
}

const Template& Templates::Ready(Template* made) {
  if (made->code.empty()) Compile(made, functions_, &heap_);
  return *made;
}

}  // namespace headgate::templating::helm
