#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace headgate::core {

// Where a value stands in its source: from 1; 0 where there is no source (live objects, made
// values).
struct Mark {
  uint32_t line = 0;
  uint32_t column = 0;
};

class Value;
using List = std::vector<Value>;

// A mapping that keeps the order in which keys came. Keys are unique. Look-up is linear:
// Kubernetes' mappings are small.
class Map {
 public:
  using Entry = std::pair<std::string, Value>;

  Map();
  Map(std::initializer_list<Entry> entries);
  Map(const Map&);
  Map(Map&&) noexcept;
  Map& operator=(const Map&);
  Map& operator=(Map&&) noexcept;
  ~Map();

  const Value* Find(std::string_view key) const;  // nullptr where it is not
  Value* Find(std::string_view key);
  Value& operator[](std::string_view key);        // appended as null where it is not
  Value& Set(std::string_view key, Value value);  // in place where it is, else appended
  Value& Append(std::string key, Value value);    // not looked up: the caller knows it is new
  bool Erase(std::string_view key);               // whether it was there

  size_t size() const;
  bool empty() const;
  std::vector<Entry>::iterator begin();
  std::vector<Entry>::iterator end();
  std::vector<Entry>::const_iterator begin() const;
  std::vector<Entry>::const_iterator end() const;

  // Equal whatever the order of keys, as in YAML and JSON.
  friend bool operator==(const Map& a, const Map& b);

 private:
  std::vector<Entry> entries_;
};

// A YAML or JSON document tree: null, bool, integer, float, string, list, map; with the position in
// its source. A plain value: copied deeply, compared deeply (positions do not count). 1 and 1.0 are
// different values.
class Value {
 public:
  Value() = default;
  Value(std::nullptr_t) {}                              // NOLINT: all of these convert
  Value(bool b) : held_(b) {}                           // NOLINT
  Value(int n) : held_(static_cast<int64_t>(n)) {}      // NOLINT
  Value(int64_t n) : held_(n) {}                        // NOLINT
  Value(size_t n) : held_(static_cast<int64_t>(n)) {}   // NOLINT
  Value(double d) : held_(d) {}                         // NOLINT
  Value(const char* s) : held_(std::string(s)) {}       // NOLINT
  Value(std::string s) : held_(std::move(s)) {}         // NOLINT
  Value(std::string_view s) : held_(std::string(s)) {}  // NOLINT
  Value(List list) : held_(std::move(list)) {}          // NOLINT
  Value(Map map) : held_(std::move(map)) {}             // NOLINT

  bool is_null() const { return std::holds_alternative<std::monostate>(held_); }
  bool is_bool() const { return std::holds_alternative<bool>(held_); }
  bool is_int() const { return std::holds_alternative<int64_t>(held_); }
  bool is_float() const { return std::holds_alternative<double>(held_); }
  bool is_number() const { return is_int() || is_float(); }
  bool is_string() const { return std::holds_alternative<std::string>(held_); }
  bool is_list() const { return std::holds_alternative<List>(held_); }
  bool is_map() const { return std::holds_alternative<Map>(held_); }

  // What it holds, or nullptr where it holds something else.
  const bool* AsBool() const { return std::get_if<bool>(&held_); }
  const int64_t* AsInt() const { return std::get_if<int64_t>(&held_); }
  const double* AsFloat() const { return std::get_if<double>(&held_); }
  const std::string* AsString() const { return std::get_if<std::string>(&held_); }
  const List* AsList() const { return std::get_if<List>(&held_); }
  const Map* AsMap() const { return std::get_if<Map>(&held_); }
  std::string* AsString() { return std::get_if<std::string>(&held_); }
  List* AsList() { return std::get_if<List>(&held_); }
  Map* AsMap() { return std::get_if<Map>(&held_); }

  // Its map or list; a value of another kind (null, say) becomes an empty one first.
  Map& MakeMap();
  List& MakeList();

  // Walks down maps: Find("spec", "template"); nullptr where a step is missing or is no map.
  template <class... Keys>
  const Value* Find(std::string_view key, Keys... rest) const {
    const Map* map = AsMap();
    const Value* next = map ? map->Find(key) : nullptr;
    if constexpr (sizeof...(rest) == 0) {
      return next;
    } else {
      return next ? next->Find(rest...) : nullptr;
    }
  }
  template <class... Keys>
  Value* Find(std::string_view key, Keys... rest) {
    return const_cast<Value*>(std::as_const(*this).Find(key, rest...));
  }

  // The string, integer, list or map at a path; an empty one (or `otherwise`) where it is missing
  // or of another kind.
  template <class... Keys>
  const std::string& StringAt(Keys... keys) const {
    const Value* at = Find(keys...);
    return at && at->AsString() ? *at->AsString() : NoString();
  }
  template <class... Keys>
  int64_t IntAt(int64_t otherwise, Keys... keys) const {
    const Value* at = Find(keys...);
    return at && at->AsInt() ? *at->AsInt() : otherwise;
  }
  template <class... Keys>
  bool BoolAt(bool otherwise, Keys... keys) const {
    const Value* at = Find(keys...);
    return at && at->AsBool() ? *at->AsBool() : otherwise;
  }
  template <class... Keys>
  const List& ListAt(Keys... keys) const {
    const Value* at = Find(keys...);
    return at && at->AsList() ? *at->AsList() : NoList();
  }
  template <class... Keys>
  const Map& MapAt(Keys... keys) const {
    const Value* at = Find(keys...);
    return at && at->AsMap() ? *at->AsMap() : NoMap();
  }

  const Mark& mark() const { return mark_; }
  void set_mark(Mark mark) { mark_ = mark; }

  friend bool operator==(const Value& a, const Value& b) { return a.held_ == b.held_; }

 private:
  static const std::string& NoString();
  static const List& NoList();
  static const Map& NoMap();

  std::variant<std::monostate, bool, int64_t, double, std::string, List, Map> held_;
  Mark mark_;
};

}  // namespace headgate::core
