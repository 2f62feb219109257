#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "templating/helm/function.h"

namespace headgate::templating::helm {

// What sprig's functions do with arguments of any type.

// spf13/cast: numbers, Booleans, strings of numbers (0x1f, 017, 1_000 for integers; "2.0" is 2);
// 0 for all else, named numbers included. Floats that no integer holds become the smallest one.
int64_t ToInt64(const Value& value);
double ToFloat(const Value& value);

// sprig's `empty`: nil, false, 0, "", and what has no items.
bool IsEmpty(const Value& value);

// A value as text: strings, bytes, String methods, and %v for the rest. The text lives in the
// value or in the heap. Too long a text fails the call, and is "".
std::string_view ShowText(Call& call, const Value& value);
// As %v alone: bytes are a list of numbers.
std::string_view ShowPlain(Call& call, const Value& value);

// An item of a list of whatever type, as functions see it: a nil is kNil.
Value Item(const Value& list, size_t index);

// Lists made of parts; the parts must live in the heap, in an argument, or for ever.
Value NewTexts(Call& call, const std::vector<std::string_view>& texts);  // []string
Value NewItems(Call& call, const std::vector<Value>& items);             // []interface {}

// What Go says when code uses a nil, or cuts beyond the end.
inline constexpr char kNilDereference[] =
    "runtime error: invalid memory address or nil pointer dereference";
// Whether text[from:to] is within a text of that length; fails the call where not.
bool CheckSlice(Call& call, int64_t from, int64_t to, size_t length);

// For loops that arguments make long: whether the render's time is over; then the call has failed.
bool TakesTooLong(Call& call);

}  // namespace headgate::templating::helm
