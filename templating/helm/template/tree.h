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

// A node of a parsed template: 48 bytes, for there are many. It lives, with all that it views, in
// the heap it was parsed into.
struct Node {
  NodeKind kind;
  bool flag = false;      // kBool: its value. kPipe: assigned, not declared
  uint32_t position = 0;  // in the text; for errors

  // As written; of kTemplate the name.
  std::string_view text() const { return {text_, text_size_}; }
  void set_text(std::string_view text) {
    text_ = text.data();
    text_size_ = static_cast<uint32_t>(text.size());
  }
  std::span<Node*> items() const { return {items_, items_size_}; }
  void set_items(std::span<Node*> items) {
    items_ = items.data();
    items_size_ = static_cast<uint32_t>(items.size());
  }

  // One of these, by the kind.
  std::string_view value() const { return {value_, size_}; }          // kString
  std::span<Node*> variables() const { return {variables_, size_}; }  // kPipe
  std::span<std::string_view> names() const {
    return {names_, size_};
  }                                                  // kChain, kField, kVariable
  const Number& number() const { return *number_; }  // kNumber
  void set_value(std::string_view value) {
    value_ = value.data();
    size_ = static_cast<uint32_t>(value.size());
  }
  void set_variables(std::span<Node*> variables) {
    variables_ = variables.data();
    size_ = static_cast<uint32_t>(variables.size());
  }
  void set_names(std::span<std::string_view> names) {
    names_ = names.data();
    size_ = static_cast<uint32_t>(names.size());
  }
  void set_number(const Number* number) { number_ = number; }

 private:
  const char* text_ = nullptr;
  Node** items_ = nullptr;
  union {
    const char* value_ = nullptr;
    Node** variables_;
    std::string_view* names_;
    const Number* number_;
  };
  uint32_t text_size_ = 0;
  uint32_t items_size_ = 0;
  uint32_t size_ = 0;
};
static_assert(sizeof(Node) == 48);

// The node as Go shows it in errors: `.Values.a | default "x"`.
std::string Show(const Node& node);

// Reads a number, or a character in quotes. Nothing where it is none; `error` says why.
std::optional<Number> ReadNumber(std::string_view text, bool character, bool complex,
                                 std::string* error);

// Whether a list shows nothing but white space.
bool IsEmpty(const Node& list);

}  // namespace headgate::templating::helm
