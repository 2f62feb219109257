#include "core/json.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <vector>

namespace headgate::core {
namespace {

// Builds the tree as the parser goes; the parser itself does not recurse.
class Builder : public nlohmann::json_sax<nlohmann::json> {
 public:
  bool null() override { return Put(Value()); }
  bool boolean(bool b) override { return Put(b); }
  bool number_integer(int64_t n) override { return Put(n); }
  bool number_unsigned(uint64_t n) override {
    if (n > static_cast<uint64_t>(INT64_MAX)) return Put(static_cast<double>(n));
    return Put(static_cast<int64_t>(n));
  }
  bool number_float(double d, const std::string&) override { return Put(d); }
  bool string(std::string& s) override { return Put(std::move(s)); }
  bool binary(binary_t&) override { return false; }
  bool start_object(size_t) override { return Open(Map()); }
  bool start_array(size_t) override { return Open(List()); }
  bool key(std::string& k) override {
    keys_.back() = std::move(k);
    return true;
  }
  bool end_object() override { return Close(); }
  bool end_array() override { return Close(); }
  bool parse_error(size_t, const std::string&, const nlohmann::json::exception& e) override {
    // "[json.exception.parse_error.101] parse error at line 1, column 2: ..." without its first
    // word
    const std::string_view what = e.what();
    const size_t at = what.find("] ");
    error_ = std::string(at == std::string_view::npos ? what : what.substr(at + 2));
    return false;
  }

  std::string error_;
  Value root_;

 private:
  bool Put(Value value) {
    if (open_.empty()) {
      root_ = std::move(value);
    } else if (List* list = open_.back().AsList()) {
      list->push_back(std::move(value));
    } else {
      open_.back().AsMap()->Set(keys_.back(), std::move(value));
    }
    return true;
  }
  bool Open(Value value) {
    if (open_.size() >= kJsonDepthMax) {
      error_ = "nested deeper than " + std::to_string(kJsonDepthMax);
      return false;
    }
    open_.push_back(std::move(value));
    keys_.emplace_back();
    return true;
  }
  bool Close() {
    Value done = std::move(open_.back());
    open_.pop_back();
    keys_.pop_back();
    return Put(std::move(done));
  }

  std::vector<Value> open_;
  std::vector<std::string> keys_;  // the key that waits for its value, one for each of open_
};

std::string Quoted(const std::string& text) {
  // Nearly all texts need no more.
  const bool plain = std::all_of(text.begin(), text.end(), [](char c) {
    return c >= 0x20 && c != '"' && c != '\\';  // negative: not ASCII
  });
  if (plain) return '"' + text + '"';
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

struct Format {
  bool sorted = false;
  int indent = 0;  // spaces a level; 0: one line
};

void Write(const Value& value, const Format& format, int depth, std::string* out);

void NewLine(const Format& format, int depth, std::string* out) {
  if (format.indent == 0) return;
  out->push_back('\n');
  out->append(static_cast<size_t>(format.indent * depth), ' ');
}

void WriteMap(const Map& map, const Format& format, int depth, std::string* out) {
  std::vector<const Map::Entry*> entries;
  entries.reserve(map.size());
  for (const Map::Entry& entry : map) entries.push_back(&entry);
  if (format.sorted) {
    std::sort(entries.begin(), entries.end(), [](auto* a, auto* b) { return a->first < b->first; });
  }
  out->push_back('{');
  for (const Map::Entry* entry : entries) {
    if (entry != entries.front()) out->push_back(',');
    NewLine(format, depth + 1, out);
    *out += Quoted(entry->first);
    *out += format.indent ? ": " : ":";
    Write(entry->second, format, depth + 1, out);
  }
  if (!map.empty()) NewLine(format, depth, out);
  out->push_back('}');
}

void WriteList(const List& list, const Format& format, int depth, std::string* out) {
  out->push_back('[');
  bool first = true;
  for (const Value& item : list) {
    if (!first) out->push_back(',');
    first = false;
    NewLine(format, depth + 1, out);
    Write(item, format, depth + 1, out);
  }
  if (!list.empty()) NewLine(format, depth, out);
  out->push_back(']');
}

void Write(const Value& value, const Format& format, int depth, std::string* out) {
  if (const Map* map = value.AsMap()) return WriteMap(*map, format, depth, out);
  if (const List* list = value.AsList()) return WriteList(*list, format, depth, out);
  if (const std::string* s = value.AsString()) {
    *out += Quoted(*s);
  } else if (const int64_t* n = value.AsInt()) {
    *out += std::to_string(*n);
  } else if (const double* d = value.AsFloat()) {
    *out += std::isfinite(*d) ? nlohmann::json(*d).dump() : "null";
  } else if (const bool* b = value.AsBool()) {
    *out += *b ? "true" : "false";
  } else {
    *out += "null";
  }
}

std::string Written(const Value& value, const Format& format) {
  std::string out;
  Write(value, format, 0, &out);
  return out;
}

}  // namespace

Result<Value> ParseJson(std::string_view text) {
  Builder builder;
  if (!nlohmann::json::sax_parse(text.begin(), text.end(), &builder)) {
    return Invalid("JSON: " + builder.error_);
  }
  return std::move(builder.root_);
}

std::string ToJson(const Value& value) { return Written(value, {}); }
std::string ToPrettyJson(const Value& value) { return Written(value, {.indent = 2}); }
std::string ToCanonicalJson(const Value& value) { return Written(value, {.sorted = true}); }

}  // namespace headgate::core
