#include "core/value.h"

#include <algorithm>

namespace headgate::core {

Map::Map() = default;
Map::Map(std::initializer_list<Entry> entries) {
  for (const Entry& entry : entries) Set(entry.first, entry.second);
}
Map::Map(const Map&) = default;
Map::Map(Map&&) noexcept = default;
Map& Map::operator=(const Map&) = default;
Map& Map::operator=(Map&&) noexcept = default;
Map::~Map() = default;

const Value* Map::Find(std::string_view key) const {
  for (const Entry& entry : entries_) {
    if (entry.first == key) return &entry.second;
  }
  return nullptr;
}

Value* Map::Find(std::string_view key) {
  return const_cast<Value*>(std::as_const(*this).Find(key));
}

Value& Map::operator[](std::string_view key) {
  if (Value* found = Find(key)) return *found;
  return entries_.emplace_back(std::string(key), Value()).second;
}

Value& Map::Set(std::string_view key, Value value) {
  Value& at = (*this)[key];
  at = std::move(value);
  return at;
}

Value& Map::Append(std::string key, Value value) {
  return entries_.emplace_back(std::move(key), std::move(value)).second;
}

bool Map::Erase(std::string_view key) {
  const auto at = std::find_if(entries_.begin(), entries_.end(),
                               [&](const Entry& entry) { return entry.first == key; });
  if (at == entries_.end()) return false;
  entries_.erase(at);
  return true;
}

size_t Map::size() const { return entries_.size(); }
bool Map::empty() const { return entries_.empty(); }
std::vector<Map::Entry>::iterator Map::begin() { return entries_.begin(); }
std::vector<Map::Entry>::iterator Map::end() { return entries_.end(); }
std::vector<Map::Entry>::const_iterator Map::begin() const { return entries_.begin(); }
std::vector<Map::Entry>::const_iterator Map::end() const { return entries_.end(); }

bool operator==(const Map& a, const Map& b) {
  if (a.size() != b.size()) return false;
  return std::all_of(a.begin(), a.end(), [&](const Map::Entry& entry) {
    const Value* other = b.Find(entry.first);
    return other && *other == entry.second;
  });
}

Map& Value::MakeMap() {
  if (!is_map()) held_ = Map();
  return std::get<Map>(held_);
}

List& Value::MakeList() {
  if (!is_list()) held_ = List();
  return std::get<List>(held_);
}

const std::string& Value::NoString() {
  static const std::string kNone;
  return kNone;
}

const List& Value::NoList() {
  static const List kNone;
  return kNone;
}

const Map& Value::NoMap() {
  static const Map kNone;
  return kNone;
}

}  // namespace headgate::core
