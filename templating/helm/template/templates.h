#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include "core/result.h"
#include "templating/helm/function.h"
#include "templating/helm/template/code.h"
#include "templating/helm/template/parser.h"

namespace headgate::templating::helm {

// What a text defines that `tpl` was given: its main part, and its own {{define}}s.
struct TplText {
  Template* main = nullptr;
  std::unordered_map<std::string_view, Template*> defined;
};

// The name that Helm gives to the main part of what `tpl` evaluates.
inline constexpr std::string_view kTplName = "gotpl";

// The templates of a render by name, and the texts that `tpl` was given, each parsed once. Owns
// what it parses. Not for several threads at once: templates are compiled when they are used.
class Templates {
 public:
  Templates(const FunctionTable* functions, const Limits& limits);

  // Parses a file. As in Helm, a later definition of a name replaces an earlier one, unless it is
  // empty. kInvalid with Helm's words: "parse error at (FILE:LINE): unexpected {{end}}".
  core::Status Add(std::string_view name, std::string_view text);

  Template* Find(std::string_view name) const;  // nullptr where it is not defined

  // What `tpl` evaluates. Parsed once for each distinct text; kInvalid with Go's words.
  core::Result<const TplText*> ForTpl(std::string_view text);

  // Its code, made when it is first asked for.
  const Template& Ready(Template* made);

  const FunctionTable& functions() const { return functions_; }

 private:
  Template* New(const Definition& definition, const Source* source);

  const FunctionTable& functions_;
  const Limits limits_;
  Heap heap_;
  std::unordered_map<std::string_view, Template*> by_name_;
  std::unordered_map<std::string_view, TplText> tpl_;
  size_t tpl_bytes_ = 0;
};

}  // namespace headgate::templating::helm
