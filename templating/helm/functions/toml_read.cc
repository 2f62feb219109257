#include "templating/helm/functions/toml_read.h"

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "templating/helm/functions/toml_scan.h"
#include "templating/helm/functions/toml_value.h"
#include "templating/helm/strconv.h"
#include "templating/helm/unicode.h"

namespace headgate::templating::helm {
namespace {

using Key = std::vector<std::string>;

std::string Show(const Key& key) {
  std::string text;
  for (const std::string& part : key) {
    if (!text.empty()) text += '.';
    const bool bare = !part.empty() && part.find_first_not_of(
                                           "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                           "0123456789_-") == std::string::npos;
    text += bare ? part : Quote(part);
  }
  return text;
}

// Reads a document into maps. `context_` is the table that keys belong to; which tables came to be
// without a header, and may still get one, is remembered.
class TomlReader {
 public:
  TomlReader(std::string_view text, Heap* heap)
      : scanner_(text), heap_(heap), root_(heap->NewMap()) {}

  core::Result<Value> Read();

 private:
  bool Item();
  bool Header();
  bool Pair();
  bool Keys(Key* key, std::string_view end);
  bool Scalar(Value* value);
  bool Any(Value* value, int depth);
  bool Array(Value* value, int depth);
  bool InlineTable(Value* value, int depth);
  bool InlinePair(Map* table, const Key& outer, int depth);

  Map* TableAt(const Key& key);
  bool Defined(const Key& key);
  bool Enter(const Key& key, bool array);
  bool Set(const std::string& name, const Value& value);

  TomlScanner scanner_;
  Heap* heap_;
  Map* root_;
  Key context_, last_key_;
  std::set<Key> implicit_, arrays_;
  std::map<std::pair<Map*, std::string>, std::vector<Map*>> tables_;  // arrays of tables
};

bool TomlReader::Defined(const Key& key) {
  return scanner_.Fail("Key '" + Show(key) + "' has already been defined.");
}

// The table of a context; nullptr where something else is there.
Map* TomlReader::TableAt(const Key& key) {
  Map* table = root_;
  for (const std::string& part : key) {
    const Value* found = table->Find(part);
    if (!found || !(found->type() == Type::kMaps || found->type() == Type::kMap)) return nullptr;
    table = found->type() == Type::kMaps ? tables_[{table, part}].back() : found->map();
  }
  return table;
}

bool TomlReader::Set(const std::string& name, const Value& value) {
  Map* table = TableAt(context_);
  if (!table) return Defined(context_);
  Key key = context_;
  key.push_back(name);
  if (const Value* found = table->Find(name)) {
    if (found->is_list() && arrays_.count(key) && implicit_.count(key)) {
      implicit_.erase(key);
      table->Set(heap_->Copy(name), value, heap_);
      return true;
    }
    // A table that was only implied may be defined once.
    if (implicit_.erase(key) > 0) return true;
    return Defined(key);
  }
  table->Set(heap_->Copy(name), value, heap_);
  return true;
}

// Goes to a table, or a new one of an array; those above it come to be.
bool TomlReader::Enter(const Key& key, bool array) {
  Map* table = root_;
  Key above;
  for (size_t i = 0; i + 1 < key.size(); ++i) {
    above.push_back(key[i]);
    if (!table->Has(key[i])) {
      implicit_.insert(above);
      table->Set(heap_->Copy(key[i]), Value::Of(heap_->NewMap()), heap_);
    }
    table = TableAt(above);
    if (!table) return scanner_.Fail("Key '" + Show(above) + "' was already created as a hash.");
  }
  context_ = above;
  const std::string& name = key.back();
  if (!array) {
    if (!Set(name, Value::Of(heap_->NewMap()))) return false;
  } else {
    const Value* found = table->Find(name);
    if (!found) {
      table->Set(heap_->Copy(name), Value::Nil(Type::kMaps), heap_);
    } else if (found->type() != Type::kMaps) {
      return scanner_.Fail("Key '" + Show(key) +
                           "' was already created and cannot be used as an array.");
    }
    tables_[{table, name}].push_back(heap_->NewMap());
  }
  context_.push_back(name);
  return true;
}

// "a . 'b'.c" up to an end.
bool TomlReader::Keys(Key* key, std::string_view end) {
  do {
    scanner_.SkipBlanks();
    if (key->empty() && scanner_.At(".")) {
      return scanner_.Fail("unexpected '.': keys cannot start with a '.'");
    }
    if (scanner_.At(end) || scanner_.at_end()) {
      return scanner_.Fail(end == "="
                               ? "unexpected '=': key name appears blank"
                               : "unexpected end of table name (table names cannot be empty)");
    }
    const bool quoted = scanner_.At("\"") || scanner_.At("'");
    std::optional<std::string> part = scanner_.KeyPart();
    if (!part) return false;
    if (part->empty() && !quoted) break;
    key->push_back(std::move(*part));
    scanner_.SkipBlanks();
  } while (scanner_.Take("."));
  if (!key->empty() && scanner_.Take(end)) return true;
  if (end == "=" && scanner_.at_end()) {
    return scanner_.Fail("unexpected EOF; expected key separator '='");
  }
  const std::string found = scanner_.at_end() ? "'\\x00'" : scanner_.Here();
  return scanner_.Fail((end == "=" ? "expected '.' or '=', but got "
                                   : "expected '.' or ']' to end table name, but got ") +
                       found + " instead");
}

bool TomlReader::Scalar(Value* value) {
  const std::string_view text = scanner_.Number();
  if (text.empty()) {
    return scanner_.Fail(scanner_.at_end()
                             ? "unexpected EOF; expected value"
                             : "expected value but found " + scanner_.Here() + " instead");
  }
  std::string error;
  return ReadTomlScalar(text, heap_, value, &error) || scanner_.Fail(error);
}

bool TomlReader::Array(Value* value, int depth) {
  std::vector<Value> items;
  while (true) {
    scanner_.SkipLines();
    if (scanner_.Take("]")) break;
    if (scanner_.At(",")) return scanner_.Fail("unexpected comma");
    if (!Any(&items.emplace_back(), depth + 1)) return false;
    scanner_.SkipLines();
    if (scanner_.Take(",") || scanner_.At("]")) continue;
    return scanner_.Fail("expected a comma (',') or array terminator (']'), but got " +
                         scanner_.Here());
  }
  const std::span<Value> copy = heap_->NewList(items.size());
  std::copy(items.begin(), items.end(), copy.begin());
  *value = Value::List(copy);
  return true;
}

bool TomlReader::InlinePair(Map* table, const Key& outer, int depth) {
  Key key;
  last_key_ = outer;
  if (!Keys(&key, "=")) return false;
  Map* into = table;
  for (size_t i = 0; i + 1 < key.size(); ++i) {
    last_key_.push_back(key[i]);
    const Value* found = into->Find(key[i]);
    if (found && !found->is_map()) return Defined(last_key_);
    if (!found) into->Set(heap_->Copy(key[i]), Value::Of(heap_->NewMap()), heap_);
    into = into->Find(key[i])->map();
  }
  last_key_.push_back(key.back());
  if (into->Has(key.back())) return Defined(last_key_);
  Value value;
  scanner_.SkipBlanks();
  if (!Any(&value, depth + 1)) return false;
  into->Set(heap_->Copy(key.back()), value, heap_);
  return true;
}

bool TomlReader::InlineTable(Value* value, int depth) {
  Map* table = heap_->NewMap();
  const Key outer = last_key_;
  while (true) {
    scanner_.SkipLines();
    if (scanner_.Take("}")) break;
    if (scanner_.At(",")) return scanner_.Fail("unexpected comma");
    if (!InlinePair(table, outer, depth)) return false;
    scanner_.SkipLines();
    if (scanner_.Take(",") || scanner_.At("}")) continue;
    return scanner_.Fail("expected a comma or an inline table terminator '}', but got " +
                         scanner_.Here() + " instead");
  }
  last_key_ = outer;
  *value = Value::Of(table);
  return true;
}

bool TomlReader::Any(Value* value, int depth) {
  constexpr int kDepthMax = 500;
  if (depth > kDepthMax) return scanner_.Fail("nested too deeply");
  if (scanner_.Take("[")) return Array(value, depth);
  if (scanner_.Take("{")) return InlineTable(value, depth);
  if (!scanner_.At("\"") && !scanner_.At("'")) return Scalar(value);
  const std::optional<std::string> text = scanner_.Text();
  if (text) *value = Value::Text(*text, heap_);
  return text.has_value();
}

bool TomlReader::Header() {
  const bool array = scanner_.Take("[[");
  if (!array) scanner_.Take("[");
  Key key;
  if (!Keys(&key, "]")) return false;
  if (array && !scanner_.Take("]")) {
    return scanner_.Fail("expected end of table array name delimiter ']', but got " +
                         scanner_.Here() + " instead");
  }
  last_key_.assign(key.begin(), key.end() - 1);
  return Enter(key, array) && scanner_.EndLine();
}

bool TomlReader::Pair() {
  Key key;
  if (!Keys(&key, "=")) return false;
  const Key outer = context_;
  for (size_t i = 0; i + 1 < key.size(); ++i) {
    Key above = context_;
    above.push_back(key[i]);
    implicit_.insert(above);
    if (!Enter(above, false)) return false;
  }
  last_key_ = context_;
  last_key_.push_back(key.back());
  Value value;
  scanner_.SkipBlanks();
  if (!Any(&value, 0) || !Set(key.back(), value)) return false;
  if (value.is_list()) {
    Key full = context_;
    full.push_back(key.back());
    arrays_.insert(full);
  }
  context_ = outer;
  return scanner_.EndLine();
}

bool TomlReader::Item() { return scanner_.At("[") ? Header() : Pair(); }

core::Result<Value> TomlReader::Read() {
  while (true) {
    scanner_.SkipLines();
    if (scanner_.at_end() || !scanner_.fault().empty()) break;
    last_key_ = context_;
    if (!Item()) break;
  }
  if (!scanner_.fault().empty()) {
    const std::string key = last_key_.empty() ? "" : " (last key " + Quote(Show(last_key_)) + ")";
    return core::Invalid("toml: line " + std::to_string(scanner_.fault_line()) + key + ": " +
                         scanner_.fault());
  }
  for (const auto& [place, maps] : tables_) {
    const std::span<Value> items = heap_->NewList(maps.size());
    for (size_t i = 0; i < maps.size(); ++i) items[i] = Value::Of(maps[i]);
    place.first->Set(heap_->Copy(place.second), Value::List(items, Type::kMaps), heap_);
  }
  return Value::Of(root_);
}

}  // namespace

core::Result<Value> ReadToml(std::string_view text, Heap* heap) {
  if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff")) text.remove_prefix(2);
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  if (text.substr(0, 6).find('\0') != std::string_view::npos) {
    return core::Invalid(
        "toml: line 1: files cannot contain NULL bytes; probably using UTF-16; TOML files must be "
        "UTF-8");
  }
  for (std::string_view rest = text; !rest.empty();) {
    size_t bytes = 0;
    if (TakeRune(&rest, &bytes) != kRuneError || bytes != 1) continue;
    return core::Invalid("toml: invalid UTF-8 byte");
  }
  return TomlReader(text, heap).Read();
}

}  // namespace headgate::templating::helm
