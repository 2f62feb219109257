#pragma once

#include <string>

#include "templating/helm/function.h"
#include "templating/helm/template/tree.h"

namespace headgate::templating::helm {

// The value of a literal (kBool, kNumber, kString, kNil) where a parameter of that type is wanted:
// 5 is a float64 for a float64. False with Go's words in `error` where it does not fit.
bool LiteralFor(const Node& literal, Type type, Heap* heap, Value* value, std::string* error);

// The same where nothing is known of the type: an int, a float64, a complex128.
bool LiteralOf(const Node& literal, Heap* heap, Value* value, std::string* error);

// An argument that is no literal: converts it where Go would, a nil to an empty map say.
bool ConvertTo(Type type, Value* value, std::string* error);

}  // namespace headgate::templating::helm
