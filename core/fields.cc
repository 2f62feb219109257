#include "core/fields.h"

#include <fmt/format.h>

#include "core/json.h"

namespace headgate::core {

Fields::Fields(const Value* value, std::string path, Reading* reading)
    : value_(value), path_(std::move(path)), reading_(reading) {
  if (value_ && !value_->is_map() && !value_->is_null()) Fail("", "expected a mapping");
}

const Value* Fields::Get(std::string_view key) {
  known_.emplace(key);
  const Value* found = value_ ? value_->Find(key) : nullptr;
  return found && !found->is_null() ? found : nullptr;
}

std::string Fields::PathOf(std::string_view key) const {
  if (key.empty()) return path_;
  return path_.empty() ? std::string(key) : fmt::format("{}.{}", path_, key);
}

void Fields::Fail(std::string_view key, std::string_view what) {
  if (reading_->error) return;
  const Value* at = value_ && !key.empty() ? value_->Find(key) : nullptr;
  const uint32_t line = at && at->mark().line ? at->mark().line : value_ ? value_->mark().line : 0;
  std::string where = reading_->file;
  if (!where.empty()) where += line ? fmt::format(":{}: ", line) : std::string(": ");
  reading_->error = Invalid(fmt::format("{}{}: {}", where, PathOf(key), what));
}

bool Fields::Has(std::string_view key) {
  known_.emplace(key);
  return value_ && value_->Find(key) != nullptr;
}

bool Fields::empty() const { return !value_ || !value_->AsMap() || value_->AsMap()->empty(); }

std::string Fields::String(std::string_view key, std::string_view otherwise) {
  const Value* value = Get(key);
  if (!value) return std::string(otherwise);
  if (!value->is_string()) Fail(key, "expected a string");
  return value->is_string() ? *value->AsString() : std::string(otherwise);
}

std::string Fields::Required(std::string_view key) {
  std::string value = String(key);
  if (value.empty()) Fail(key, "is missing");
  return value;
}

std::string Fields::Number(std::string_view key) {
  const Value* value = Get(key);
  if (!value) return "";
  if (value->is_string()) return *value->AsString();
  if (value->AsInt() || value->AsFloat()) return ToJson(*value);
  Fail(key, "expected a number");
  return "";
}

int64_t Fields::Int(std::string_view key, int64_t otherwise, int64_t min, int64_t max) {
  const Value* value = Get(key);
  if (!value) return otherwise;
  const int64_t* number = value->AsInt();
  if (!number || *number < min || *number > max) {
    Fail(key, fmt::format("{} is no whole number from {} to {}", ToJson(*value), min, max));
    return otherwise;
  }
  return *number;
}

bool Fields::Bool(std::string_view key, bool otherwise) {
  const Value* value = Get(key);
  if (!value) return otherwise;
  if (!value->is_bool()) Fail(key, "expected true or false");
  return value->is_bool() ? *value->AsBool() : otherwise;
}

Value Fields::Tree(std::string_view key) {
  const Value* value = Get(key);
  if (!value) return {};
  if (!value->is_map()) Fail(key, "expected a mapping");
  return value->is_map() ? *value : Value();
}

Duration Fields::Time(std::string_view key, Duration otherwise) {
  const Value* value = Get(key);
  if (!value) return otherwise;
  if (!value->is_string()) {
    Fail(key, "expected a duration in quotes or with a unit, such as 30s, 5m or 1h30m");
    return otherwise;
  }
  Result<Duration> duration = ParseDuration(*value->AsString());
  if (!duration) {
    Fail(key, duration.error().text());
    return otherwise;
  }
  return *duration;
}

std::vector<std::string> Fields::Strings(std::string_view key) {
  std::vector<std::string> strings;
  const Value* value = Get(key);
  if (!value) return strings;
  if (!value->is_list()) {
    Fail(key, "expected a list of strings");
    return strings;
  }
  for (const Value& item : *value->AsList()) {
    if (!item.is_string()) Fail(key, "expected a list of strings");
    if (item.is_string()) strings.push_back(*item.AsString());
  }
  return strings;
}

Fields Fields::Sub(std::string_view key) { return Fields(Get(key), PathOf(key), reading_); }

std::vector<Fields> Fields::Items(std::string_view key) {
  std::vector<Fields> items;
  const Value* value = Get(key);
  if (!value) return items;
  if (!value->is_list()) {
    Fail(key, "expected a list");
    return items;
  }
  for (const Value& item : *value->AsList()) {
    items.emplace_back(&item, fmt::format("{}[{}]", PathOf(key), items.size()), reading_);
  }
  return items;
}

void Fields::Finish() {
  if (!value_ || !value_->AsMap()) return;
  for (const auto& [key, value] : *value_->AsMap()) {
    if (known_.contains(key)) continue;
    Fail(key, fmt::format("no such field; known here: {}", fmt::join(known_, ", ")));
  }
}

}  // namespace headgate::core
