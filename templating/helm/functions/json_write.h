#pragma once

#include <string>

#include "templating/helm/function.h"

namespace headgate::templating::helm {

struct JsonStyle {
  bool html = true;     // < > & are escaped
  bool indent = false;  // two spaces, a line for each item
};

// A value as Go's encoding/json prints it. False where it cannot be: `error` says why, and is empty
// where the text would be larger than `bytes_max`.
bool WriteJson(Heap* heap, const Value& value, const JsonStyle& style, size_t bytes_max,
               std::string* out, std::string* error);

}  // namespace headgate::templating::helm
