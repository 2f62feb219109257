#pragma once

#include <cassert>
#include <complex>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "templating/helm/heap.h"
#include "templating/helm/map.h"
#include "templating/helm/type.h"

namespace headgate::templating::helm {

class Value;

// A Go struct with fields that templates can read.
struct Field {
  std::string_view name;
  bool exported;
  const Value* value;
};
struct Struct {
  std::span<const Field> fields;
};

// A Go object that templates know by its methods only (time.Time, *semver.Version). Its class
// derives from this, its methods are functions in the table (FunctionTable::AddMethod).
class Object {
 public:
  virtual ~Object() = default;
  virtual std::string Text() const = 0;  // its String()
  virtual bool Equals(const Object& other) const { return this == &other; }
  virtual const Struct* Fields() const { return nullptr; }  // for %#v and the like; unexported
};

// Any value of a template: sixteen bytes, copied freely. Texts, lists, maps and objects are viewed:
// they live in a Heap, or longer. As in Go, copies of a map are the same map; copies of a list
// share their items.
class Value {
 public:
  Value() = default;  // nil
  static Value NilAny() { return Value(Type::kNilAny); }
  static Value Nil(Type type);  // a nil map, list or pointer of that type

  static Value Bool(bool b);
  static Value Int(int64_t n) { return Number(Type::kInt, n); }      // Go's int
  static Value Int64(int64_t n) { return Number(Type::kInt64, n); }  // Go's int64
  static Value Number(Type type, int64_t n);  // of any type whose kind is an integer
  static Value Float(double d);
  static Value Complex(std::complex<double> number, Heap* heap);
  static Value Text(std::string_view text);  // viewed
  static Value Text(std::string_view text, Heap* heap) { return Text(heap->Copy(text)); }
  static Value Bytes(std::string_view bytes);  // []uint8, viewed
  static Value List(std::span<Value> items, Type type = Type::kList);
  static Value Of(Map* map, Type type = Type::kMap);
  static Value Of(const Struct* fields, Type type, bool addressable = false);
  static Value Of(const Object* object, Type type);

  Type type() const { return type_; }
  Kind kind() const { return KindOf(type_); }
  bool is_nil() const { return type_ <= Type::kNilAny; }  // of no type; a nil map is none
  bool is_bool() const { return type_ == Type::kBool; }
  bool is_string() const { return type_ == Type::kString; }
  bool is_integer() const;  // of whatever size and name
  bool is_float() const { return type_ == Type::kFloat64; }
  bool is_list() const { return kind() == Kind::kSlice; }  // of whatever element
  bool is_map() const { return kind() == Kind::kMap; }

  // What it holds; to be asked for only where the type or kind says so.
  bool boolean() const { return assert(is_bool()), integer_ != 0; }
  int64_t integer() const { return integer_; }  // unsigned ones too, with their bits
  double number() const { return number_; }
  std::complex<double> complex() const { return *complex_; }
  std::string_view text() const { return {text_, size_}; }    // of a string, or of bytes
  std::span<Value> items() const { return {items_, size_}; }  // of a list that is not kBytes
  Map* map() const { return map_; }                           // nullptr for a nil map
  const Struct* fields() const;                               // nullptr for a nil pointer
  const Object* object() const { return object_; }            // nullptr for a nil pointer
  template <class T>
  const T& As() const {
    return static_cast<const T&>(*object_);
  }
  // The same under another type that has the same payload: a common.Values as a map.
  Value As(Type type) const {
    Value value = *this;
    value.type_ = type;
    value.addressable_ = false;
    return value;
  }

  Value Pointed() const;           // what a pointer that is not nil points to
  bool is_null_reference() const;  // a nil map, slice, pointer
  // Of a list, a map, a string (bytes); 0 for others.
  size_t size() const;
  // An item of a list of any type, as the evaluator sees it: kNilAny for a nil among anys.
  Value At(size_t index) const;

  // A struct that was reached through a pointer: methods of the pointer count, until it is handed
  // to a function.
  bool addressable() const { return addressable_; }
  void Forget() { addressable_ = boxed_ = false; }
  // An item of a container of anything, to which Go gives the type interface {} in errors, until it
  // is the result of a command.
  bool boxed() const { return boxed_; }
  void Box(bool boxed) { boxed_ = boxed; }
  Value Reached(bool through_pointer) const {
    Value value = *this;
    value.addressable_ = through_pointer;
    return value;
  }

 private:
  explicit Value(Type type) : type_(type) {}

  Type type_ = Type::kNil;
  bool addressable_ = false;
  bool boxed_ = false;
  uint32_t size_ = 0;
  union {
    int64_t integer_ = 0;
    double number_;
    const std::complex<double>* complex_;
    const char* text_;
    Value* items_;
    Map* map_;
    const Struct* struct_;
    const Object* object_;
  };
};
static_assert(sizeof(Value) == 16);

struct Map::Entry {
  std::string_view key;
  Value value;
};

inline std::string_view TypeName(const Value& value) { return Name(value.type()); }
inline std::string_view KindName(const Value& value) { return Name(value.kind()); }

// Truth of `if`: false, 0, "", nil and what is empty are false; structs are true.
bool IsTrue(const Value& value);

// reflect.DeepEqual: types and all. Maps in circles are compared once. What is nested deeper than
// kDepthMax is said to be equal.
inline constexpr int kDepthMax = 2000;
bool DeepEqual(const Value& a, const Value& b);

// What its String method gives, for the types that have one.
std::optional<std::string> StringMethod(const Value& value);

// The zero of a type: "" for strings, kNilAny for kAny, nil maps and lists.
Value Zero(Type type);

// time.Duration's text: "1h2m3.5s".
std::string ShowDuration(int64_t nanoseconds);

}  // namespace headgate::templating::helm
