#pragma once

#include <complex>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "templating/helm/heap.h"

namespace headgate::templating::helm {

enum class NodeKind : uint8_t {
  // Actions
  kText,
  kAction,    // {{pipeline}}; items: the pipeline
  kIf,        // items: pipeline, list, and the list behind {{else}}, or nullptr
  kWith,      // the same
  kRange,     // the same
  kTemplate,  // {{template "text" pipeline}}; items: the pipeline, or nullptr
  kBreak,
  kContinue,
  kList,  // of actions
  kElse,  // these two end a list, and are in no tree
  kEnd,
  // Expressions
  kPipe,        // items: commands; `variables` are declared, or assigned
  kCommand,     // items: its words
  kChain,       // (pipeline).a.b; items: the term; `names`
  kField,       // .a.b; `names`
  kVariable,    // $x.a.b; `names`, the first being "$x"
  kIdentifier,  // a function; `text`
  kDot,
  kNil,
  kBool,
  kNumber,
  kString,  // `text` as written, `value` what it means
};

// A number's values in all the types that can hold it, as for Go's untyped constants.
struct Number {
  bool is_int = false, is_uint = false, is_float = false, is_complex = false;
  int64_t integer = 0;
  uint64_t natural = 0;
  double real = 0;
  std::complex<double> complex;
};

// A node of a parsed template. It lives, with all that it views, in the heap it was parsed into.
struct Node {
  NodeKind kind;
  bool flag = false;       // kBool: its value. kPipe: assigned, not declared
  uint32_t position = 0;   // in the text; for errors
  std::string_view text;   // as written; of kTemplate the name
  std::string_view value;  // of kString
  std::span<Node*> items;
  std::span<Node*> variables;
  std::span<std::string_view> names;
  const Number* number = nullptr;
};

// The node as Go shows it in errors: `.Values.a | default "x"`.
std::string Show(const Node& node);

// Reads a number, or a character in quotes. Nothing where it is none; `error` says why.
std::optional<Number> ReadNumber(std::string_view text, bool character, bool complex,
                                 std::string* error);

// Whether a list shows nothing but white space.
bool IsEmpty(const Node& list);

}  // namespace headgate::templating::helm
