#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <variant>

#include "core/result.h"
#include "templating/kustomize/build.h"
#include "templating/yaml/node.h"

namespace headgate::templating::kustomize {

// What a var stands for; nothing for a mapping or a list, which is never put in.
using VarValue = std::variant<std::monostate, std::string, int64_t, double, bool>;
using VarValues = std::unordered_map<std::string_view, VarValue>;

// kInvalid for numbers that Go's Atoi and ParseFloat do not read.
core::Result<VarValue> ReadVar(const yaml::Node& node);

// Replaces every $(NAME) of a text; "$$" becomes "$". Where one var is all of the text, the node
// takes its type, too. Names that were replaced are added to `used`.
void ExpandVars(const VarValues& values, Build* build, std::unordered_set<std::string_view>* used,
                yaml::Node* node);

}  // namespace headgate::templating::kustomize
