#pragma once

#include <array>
#include <cassert>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "templating/helm/value.h"

namespace headgate::templating::helm {

// How functions of templates are written and found.
//
// A function is a C++ function of a Call; it is declared by a line in a constant table:
//
//   Value Trunc(Call& call) {
//     const int64_t size = call.Int(0);            // converted and checked before we are called
//     const std::string_view text = call.Text(1);
//     ...
//     return Value::Text(text.substr(0, kept));    // views an argument: no copy
//   }
//   Value Upper(Call& call) { return call.New(ToUpper(call.Text(0))); }  // a made text is kept
//   Value Atoi(Call& call) {
//     if (...) return call.Fail("strconv.Atoi: parsing ...");  // "error calling atoi: strconv..."
//   }
//
//   constexpr Function kStrings[] = {
//       {"trunc", {Type::kInt, Type::kString}, Trunc},
//       {"upper", {Type::kString}, Upper},
//       {"list", Params().Rest(Type::kAny), List},                    // (...interface{})
//       {"set", {Type::kMap, Type::kString, Type::kAny}, Set},        // (map, string, interface{})
//       {"min", Params({Type::kAny}).Rest(Type::kAny), Min},          // (interface{},
//       ...interface{})
//   };
//   void AddStrings(FunctionTable* table) { table->Add(kStrings); }
//
// Parameter types are Go's, as reflection shows them for sprig's function of that name; they decide
// what is accepted and what the error says ("wrong type for value; expected string; got int"), so a
// number that sprig takes as interface{} is Type::kAny here and converted by the function itself.
// The evaluator sees to: the number of arguments, their types, literals (5 for a float64 parameter
// arrives as a float64), nil for maps and lists (a nil map: call.map(i) == nullptr).
//
// A method is a function whose first argument is the receiver, added for a type; its Params leave
// the receiver out:
//
//   table->AddMethod(Type::kTime, {"Format", {Type::kString}, TimeFormat});   // call[0] is the
//   time
//
// Results are values of the Go type that sprig's function returns (int64, []string, ...), because
// typeOf and printf show it. What a value views must live in the heap, in an argument, or for ever.

// Bounds of one render. Beyond any of them it ends with an error that names the bound. The defaults
// are ten times what the largest public charts need, or more.
struct Limits {
  uint64_t steps = 500'000'000;              // of the evaluator: about what an instruction is
  size_t output_bytes = 512 * 1024 * 1024;   // of one file, intermediate results included
  size_t heap_bytes = 1024 * 1024 * 1024;    // values that are alive
  size_t text_bytes = 64 * 1024 * 1024;      // of one text that a function makes
  uint32_t template_depth = 100'000;         // of template, include and tpl in each other; Go's
  uint32_t include_depth = 1000;             // of one name in itself; Helm's
  uint32_t nesting = 1000;                   // of actions and parentheses in a template's text
  size_t template_bytes = 16 * 1024 * 1024;  // of one template's text
  size_t parsed_bytes = 256 * 1024 * 1024;   // of all texts that `tpl` reads, distinct ones
};

// What a render is given by its caller, and what functions share during it. One per render.
struct Context {
  Heap* heap = nullptr;
  Limits limits = {};
  // The time that `now` gives; real time where it is not set.
  std::function<std::chrono::system_clock::time_point()> now = {};
  // Fills with random bytes; the system's where it is not set.
  std::function<void(std::span<std::byte>)> random = {};
  // Called every few thousand steps; true ends the render ("took too long").
  std::function<bool()> expired = {};
  // What users should know of: "getHostByName is not answered", say. Distinct.
  std::vector<std::string> notes = {};
  // Set where a function used the clock or randomness; the evaluator then keeps its name, once.
  bool varied = false;
  std::vector<std::string_view> varying = {};

  void KeepVarying(std::string_view function);
  void Note(std::string_view text);
};

// The parameters of a function: their Go types; the last one any number of times where it was added
// by Rest.
struct Params {
  static constexpr size_t kMax = 6;

  constexpr Params() = default;
  constexpr Params(std::initializer_list<Type> list) {  // NOLINT: a list is what it is
    for (const Type type : list) types[count++] = type;
  }
  constexpr Params Rest(Type type) const {
    Params result = *this;
    result.types[result.count++] = type;
    result.variadic = true;
    return result;
  }

  // Of an argument, counted from 0.
  constexpr Type At(size_t argument) const {
    return argument < count ? types[argument] : types[count - 1];
  }
  constexpr size_t fixed() const { return variadic ? count - 1u : count; }

  std::array<Type, kMax> types = {};
  uint8_t count = 0;
  bool variadic = false;
};

class Call;
using Native = Value (*)(Call& call);

// What the evaluator does itself, and no Native could.
enum class Special : uint8_t { kNone, kAnd, kOr, kInclude, kTpl, kCall };

struct Function {
  std::string_view name;
  Params params;
  Native native;
  Special special = Special::kNone;
};

// One call: arguments in, a value or a failure out.
class Call {
 public:
  Call(Context* context, std::span<const Value> arguments)
      : context_(*context), arguments_(arguments) {}

  size_t size() const { return arguments_.size(); }
  const Value& operator[](size_t i) const { return arguments_[i]; }
  std::span<const Value> arguments() const { return arguments_; }
  std::span<const Value> From(size_t i) const { return arguments_.subspan(i); }

  // Arguments whose parameter has that type.
  std::string_view Text(size_t i) const { return arguments_[i].text(); }
  int64_t Int(size_t i) const { return arguments_[i].integer(); }
  double Float(size_t i) const { return arguments_[i].number(); }
  bool Bool(size_t i) const { return arguments_[i].boolean(); }
  Map* map(size_t i) const { return arguments_[i].map(); }  // nullptr for a nil map
  std::span<Value> items(size_t i) const { return arguments_[i].items(); }

  Context& context() { return context_; }
  Heap* heap() { return context_.heap; }
  Value New(std::string_view text) { return Value::Text(text, heap()); }

  // To be asked before something is built whose size an argument decides: whether a text (or that
  // many bytes of values) is within the limits. Where not, it has failed: `return {};`.
  bool Fits(size_t bytes);

  // Ends the render: "error calling NAME: TEXT". The value is a nil, for `return call.Fail(...)`.
  Value Fail(std::string text);
  // As `fail` and `required` do: only the text is shown, with the place of the file's own action.
  Value FailForUser(std::string text);

  bool failed() const { return failed_; }
  bool for_user() const { return for_user_; }
  std::string& error() { return error_; }

 private:
  Context& context_;
  std::span<const Value> arguments_;
  std::string error_;
  bool failed_ = false;
  bool for_user_ = false;
};

// The functions and methods that templates know. Built once, read by many threads.
class FunctionTable {
 public:
  FunctionTable();  // Go's own, and Helm's include, tpl, required and fail

  // A later one of the same name replaces the earlier. The functions are viewed.
  void Add(std::span<const Function> functions);
  void AddMethod(Type type, const Function& method);

  const Function* Find(std::string_view name) const;
  const Function* FindMethod(const Value& receiver, std::string_view name) const;
  bool HasMethods(Type type) const { return has_methods_[static_cast<size_t>(type)]; }
  bool IsMethod(std::string_view name) const { return methods_.count(name) > 0; }  // of any type

 private:
  std::unordered_map<std::string_view, const Function*> functions_;
  std::unordered_map<std::string_view, std::vector<std::pair<Type, Function>>> methods_;
  std::array<bool, static_cast<size_t>(Type::kCount)> has_methods_ = {};
};

}  // namespace headgate::templating::helm
