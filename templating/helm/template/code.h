#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "templating/helm/function.h"
#include "templating/helm/template/tree.h"

namespace headgate::templating::helm {

// What a template is compiled to: instructions for a machine with a stack of values. `dot` is a
// register; variables are slots at the bottom of a template's stretch of the stack, slot 0 being $.
enum class Op : uint8_t {
  kText,       // writes `text` (its length is `operand`)
  kPrint,      // takes a value and writes it
  kPop,        // takes a value
  kConstant,   // puts `value`
  kDot,        // puts dot
  kSlot,       // puts slot `operand`
  kDotPath,    // puts dot.a.b: `count` names
  kSlotPath,   // puts $x.a.b: slot `operand`
  kPath,       // the value on top becomes its .a.b
  kUnwrap,     // a nil of type interface {} on top becomes a nil
  kStore,      // puts the value on top, which stays, into slot `operand`
  kClear,      // unsets the slots from `operand`, `count` of them
  kIfUnset,    // jumps where slot `count` is unset
  kMethodOf,   // fails where the value on top has no method named `names`; a nil jumps, and stays
  kCheck,      // the value on top must be of Type `count`, or becomes it
  kRotate,     // the value below the `count` on top comes on top
  kNip,        // takes the value below the top
  kCall,       // calls `function` with the `count` values on top; its result takes their place
  kMethod,     // calls a method, named `names`, of the value below the `count` - 1 on top
  kCallValue,  // Go's `call`: fails
  kInclude,
  kTpl,
  kTemplate,     // {{template}} of the node's name; dot is on top
  kJump,         // to `operand`
  kIfFalse,      // takes a value; jumps where it is false
  kIfFalseKeep,  // jumps where the value on top is false; else takes it
  kIfTrueKeep,
  kWith,      // takes a value; where it is true, dot goes to slot `count`, and it is dot; or jumps
  kSetDot,    // dot is slot `operand`
  kRange,     // takes a value and begins to iterate; jumps where there is nothing
  kNext,      // dot is the next item; jumps where there is none
  kIndex,     // puts the index or key of the item
  kItem,      // puts the item
  kEndRange,  // dot is what it was before kRange
  kSettle,    // forgets which argument of `and` or `or` decided
  kFail,      // `text` says why
  kReturn,
};

struct Instruction {
  static constexpr uint8_t kUnwraps = 1;  // what is put, as kUnwrap does
  static constexpr uint8_t kMethods = 2;  // of a path: some name is also a method's
  static constexpr uint8_t kTwo = 8;      // of a range: has two variables

  // For errors: the evaluator is at the argument that decided the last `and` or `or`; at `node` if
  // that was its last.
  static constexpr uint8_t kChosen = 16;

  Op op;
  uint8_t flags = 0;
  uint16_t count = 0;
  uint32_t operand = 0;
  union {
    const char* text = nullptr;
    const Value* value;
    const Function* function;
    const std::string_view* names;
  };
  const Node* node = nullptr;  // where the evaluator is, for errors
};

// A text that was parsed, and its name in errors: the file's.
struct Source {
  std::string_view name;
  std::string_view text;
};

// A template of a set: parsed, and compiled when it is first used.
struct Template {
  std::string_view name;
  const Source* source;
  const Node* list;
  bool empty = false;  // shows nothing but white space
  bool nested_declarations = false;
  std::span<const Instruction> code;  // none yet: not compiled
  uint32_t slots = 0;
  uint32_t depth = 0;  // of the stack above the slots
};

// Fills in the template's code.
void Compile(Template* made, const FunctionTable& functions, Heap* heap);

}  // namespace headgate::templating::helm
