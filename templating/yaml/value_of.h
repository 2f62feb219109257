#pragma once

#include <string>
#include <string_view>

#include "core/result.h"
#include "templating/yaml/node.h"

namespace headgate::templating::yaml {

// What is left of a scalar once it went through JSON, as a resource does before it is printed.
enum class Plain : uint8_t { kNull, kBool, kNumber, kString };
struct PlainValue {
  Plain kind = Plain::kNull;
  std::string_view text;  // of a number as Go's JSON prints it
};

// `in_flow`: inside of a flow collection, where what is empty becomes a string on that way. The
// text views the node's or `scratch`. kInvalid where the node's text does not fit its tag, and
// where JSON has no such number (.inf, .nan) or moment.
core::Result<PlainValue> ValueOf(const Node& node, bool in_flow, std::string* scratch);

// A key's text. At the top of a resource every scalar but null is one, below only strings are.
// kInvalid otherwise.
core::Result<PlainValue> KeyOf(const Node& key, bool top, std::string* scratch);

// A string's text once it was printed in its style and read again: go-yaml 3 prints folded text so
// that it does not always read back as the same, and cannot read a text block that begins with a
// tab (kInvalid).
core::Result<std::string_view> ReadAgain(const Node& node, std::string_view text,
                                         std::string* scratch);

// "line 3: " before an error about a node that has a position.
core::Error AtNode(const Node& node, std::string_view what);

// A float as Go's JSON prints it.
std::string JsonFloat(double number);

}  // namespace headgate::templating::yaml
