#pragma once

#include <string_view>
#include <vector>

#include "core/result.h"
#include "templating/helm/function.h"
#include "templating/helm/template/tree.h"

namespace headgate::templating::helm {

// A template that a text defines: one for each {{define}} and {{block}}, and one for what is
// outside of them, which has the text's own name.
struct Definition {
  std::string_view name;
  const Node* list;  // kList
  // A pipeline in parentheses declares a variable, somewhere in the text.
  bool nested_declarations = false;
};

// Parses a text by the rules of Go's text/template. Nodes go to `heap` and view `text` and `name`,
// which must live as long. Names are unique; an empty definition gives way to any other of its
// name. Nesting beyond the limit is an error. Errors are Go's:
// "template: NAME:LINE: unexpected {{end}}".
core::Result<std::vector<Definition>> ParseTemplate(std::string_view name, std::string_view text,
                                                    const FunctionTable& functions,
                                                    const Limits& limits, Heap* heap);

}  // namespace headgate::templating::helm
