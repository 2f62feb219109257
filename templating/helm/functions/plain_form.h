#pragma once

#include <optional>
#include <string>

#include "templating/helm/function.h"

namespace headgate::templating::helm {

// What a printer is about: encoding/json, or go-yaml 3.
enum class Encoding { kJson, kYaml3 };

// A value as that printer takes it: nil, a bool, a number, a text, a list or a map. What is one
// already stays; bytes, times, durations, versions and structs become such, and their own items are
// as they were. Texts and maps that are made live in the heap. Nothing where it has no form there:
// `error` says why, in Go's words.
std::optional<Value> PlainForm(Heap* heap, const Value& value, Encoding encoding,
                               std::string* error);

// What is nested deeper than this is not printed: no text would hold it, or it holds itself.
inline constexpr int kPrintedDepthMax = 1000;

}  // namespace headgate::templating::helm
