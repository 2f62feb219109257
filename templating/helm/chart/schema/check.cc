#include "templating/helm/chart/schema/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "templating/helm/strconv.h"
#include "templating/helm/unicode.h"

namespace headgate::templating::helm {
namespace {

constexpr size_t kFaultsMax = 20;

uint8_t TypeOf(const Value& value) {
  if (value.is_nil()) return kNullType;
  if (value.is_bool()) return kBooleanType;
  if (value.is_string()) return kStringType;
  if (value.is_map()) return kObjectType;
  if (value.is_list()) return kArrayType;
  return kNumberType;
}

std::string ShowTypes(uint8_t types) {
  constexpr std::pair<SchemaType, std::string_view> kNames[] = {
      {kNullType, "null"},       {kBooleanType, "boolean"}, {kNumberType, "number"},
      {kIntegerType, "integer"}, {kStringType, "string"},   {kArrayType, "array"},
      {kObjectType, "object"}};
  std::string shown;
  for (const auto& [type, name] : kNames) {
    if ((types & type) == 0) continue;
    if (!shown.empty()) shown += " or ";
    shown += name;
  }
  return shown;
}

bool Equals(const Value& a, const Value& b) {
  if (const std::optional<SchemaNumber> number = SchemaNumber::Of(a)) {
    // A text of digits is as good as a number on the schema's side.
    const std::optional<SchemaNumber> other =
        b.is_string() ? SchemaNumber::Parse(b.text()) : SchemaNumber::Of(b);
    return other && SchemaNumber::Compare(*number, *other) == 0;
  }
  if (TypeOf(a) != TypeOf(b) || a.size() != b.size()) return false;
  if (a.is_bool()) return a.boolean() == b.boolean();
  if (a.is_string()) return a.text() == b.text();
  if (a.is_list()) {
    return std::equal(a.items().begin(), a.items().end(), b.items().begin(), Equals);
  }
  if (!a.is_map()) return true;
  return std::all_of(a.map()->entries().begin(), a.map()->entries().end(),
                     [&b](const Map::Entry& entry) {
                       const Value* other = b.map()->Find(entry.key);
                       return other && Equals(entry.value, *other);
                     });
}

// What no keyword has looked at yet. Kept only where somebody will ask.
struct Unevaluated {
  bool kept = false;
  std::set<std::string_view> properties;
  std::set<size_t> items;

  bool empty() const { return properties.empty() && items.empty(); }
};

class Checker {
 public:
  explicit Checker(const ChartLimits& limits) : limits_(limits) {}

  bool Check(const SchemaNode& schema, const Value& value) {
    Unevaluated left = Left(schema, value, false);
    return Apply(schema, value, &left);
  }
  std::vector<std::string> TakeFaults() { return std::move(faults_); }
  void Give(std::string fault) { faults_.push_back(std::move(fault)); }

 private:
  // The schemas that are being applied, from the outermost.
  struct Scope {
    const SchemaNode* schema;
    uint64_t value;  // which one; the same for schemas of one value
  };

  static Unevaluated Left(const SchemaNode& schema, const Value& value, bool wanted);
  bool Apply(const SchemaNode& schema, const Value& value, Unevaluated* left);
  bool ApplyWithin(const SchemaNode& schema, const Value& value, Unevaluated* left);
  // To the same value; to a part of it.
  bool ApplyHere(const SchemaNode& schema, const Value& value, Unevaluated* left);
  bool ApplyBelow(const SchemaNode& schema, const Value& part, std::string_view name);
  bool ApplyQuietly(const SchemaNode& schema, const Value& value, Unevaluated* left);

  bool CheckTypes(const SchemaNode& schema, const Value& value);
  bool CheckObject(const SchemaNode& schema, const Value& value, Unevaluated* left);
  bool CheckProperty(const SchemaNode& schema, const Map::Entry& entry, Unevaluated* left);
  bool CheckDependents(const SchemaNode& schema, const Value& value, Unevaluated* left);
  bool CheckList(const SchemaNode& schema, const Value& value, Unevaluated* left);
  bool CheckItems(const SchemaNode& schema, const Value& value);
  bool CheckContains(const SchemaNode& schema, const Value& value, Unevaluated* left);
  bool CheckUnique(const Value& value);
  bool CheckText(const SchemaNode& schema, const Value& value);
  bool CheckNumber(const SchemaNode& schema, const Value& value);
  bool CheckReferences(const SchemaNode& schema, const Value& value, Unevaluated* left);
  bool CheckLogic(const SchemaNode& schema, const Value& value, Unevaluated* left);
  bool CheckAnyOf(const SchemaNode& schema, const Value& value, Unevaluated* left);
  bool CheckOneOf(const SchemaNode& schema, const Value& value, Unevaluated* left);
  bool CheckUnevaluated(const SchemaNode& schema, const Value& value, Unevaluated* left);
  const SchemaNode& Dynamic(const SchemaNode& schema) const;
  const SchemaNode& Recursive(const SchemaNode& target) const;

  bool Fault(std::string_view what);
  template <class... Args>
  bool Fault(fmt::format_string<Args...> format, Args&&... args) {
    return quiet_ > 0 ? false
                      : Fault(std::string_view(fmt::format(format, std::forward<Args>(args)...)));
  }
  bool Exhausted();

  const ChartLimits& limits_;
  std::vector<std::string> faults_;
  std::vector<Scope> scopes_;
  std::vector<std::string> path_;
  uint64_t value_ = 0, values_ = 0;
  uint64_t steps_ = 0;
  int quiet_ = 0;
  bool exhausted_ = false;
};

bool Checker::Fault(std::string_view what) {
  if (quiet_ > 0 || faults_.size() >= kFaultsMax) return false;
  std::string at;
  for (const std::string& name : path_) at += "/" + name;
  faults_.push_back(fmt::format("at {}: {}", at.empty() ? "the top" : at, what));
  return false;
}

bool Checker::Exhausted() {
  if (++steps_ <= limits_.schema_steps && scopes_.size() <= limits_.schema_depth) return exhausted_;
  if (!exhausted_) {
    exhausted_ = true;
    faults_.insert(
        faults_.begin(),
        steps_ > limits_.schema_steps
            ? fmt::format("the schema takes more than {} steps", limits_.schema_steps)
            : fmt::format("schemas applied in each other more than {} deep", limits_.schema_depth));
  }
  return true;
}

Unevaluated Checker::Left(const SchemaNode& schema, const Value& value, bool wanted) {
  Unevaluated left;
  if (value.is_map() && !schema.evaluates_all_properties() &&
      (wanted || schema.unevaluated_properties)) {
    left.kept = true;
    for (const Map::Entry& entry : value.map()->entries()) left.properties.insert(entry.key);
  }
  if (value.is_list() && !schema.evaluates_all_items() && (wanted || schema.unevaluated_items)) {
    left.kept = true;
    for (size_t i = schema.first_items.size(); i < value.size(); ++i) left.items.insert(i);
  }
  return left;
}

bool Checker::ApplyHere(const SchemaNode& schema, const Value& value, Unevaluated* left) {
  Unevaluated inner = Left(schema, value, !left->empty());
  if (!Apply(schema, value, &inner)) return false;
  std::erase_if(left->properties,
                [&inner](std::string_view name) { return !inner.properties.contains(name); });
  std::erase_if(left->items, [&inner](size_t item) { return !inner.items.contains(item); });
  return true;
}

bool Checker::ApplyBelow(const SchemaNode& schema, const Value& part, std::string_view name) {
  const uint64_t outer = value_;
  value_ = ++values_;
  path_.emplace_back(name);
  Unevaluated left = Left(schema, part, false);
  const bool valid = Apply(schema, part, &left);
  path_.pop_back();
  value_ = outer;
  return valid;
}

bool Checker::ApplyQuietly(const SchemaNode& schema, const Value& value, Unevaluated* left) {
  ++quiet_;
  const bool valid = ApplyHere(schema, value, left);
  --quiet_;
  return valid;
}

bool Checker::Apply(const SchemaNode& schema, const Value& value, Unevaluated* left) {
  if (Exhausted()) return false;
  if (schema.always) return *schema.always || Fault("nothing is allowed here");
  for (size_t i = scopes_.size(); i > 0 && scopes_[i - 1].value == value_; --i) {
    if (scopes_[i - 1].schema == &schema) {
      return Fault("{} refers to itself for the same value", schema.location);
    }
  }
  scopes_.push_back({&schema, value_});
  const bool valid = ApplyWithin(schema, value, left);
  scopes_.pop_back();
  return valid;
}

bool Checker::ApplyWithin(const SchemaNode& schema, const Value& value, Unevaluated* left) {
  if (!CheckTypes(schema, value)) return false;
  bool valid = !schema.reference || ApplyHere(*schema.reference, value, left);
  if (schema.reference && schema.draft < 2019) return valid;
  switch (TypeOf(value)) {
    case kObjectType:
      valid = CheckObject(schema, value, left) && valid;
      break;
    case kArrayType:
      valid = CheckList(schema, value, left) && valid;
      break;
    case kStringType:
      valid = CheckText(schema, value) && valid;
      break;
    case kNumberType:
      valid = CheckNumber(schema, value) && valid;
      break;
    default:
      break;
  }
  if (!valid && quiet_ > 0) return false;
  if (schema.draft >= 2019) valid = CheckReferences(schema, value, left) && valid;
  valid = CheckLogic(schema, value, left) && valid;
  if (schema.draft >= 2019) valid = CheckUnevaluated(schema, value, left) && valid;
  return valid;
}

bool Checker::CheckTypes(const SchemaNode& schema, const Value& value) {
  const uint8_t type = TypeOf(value);
  if (schema.types != 0 && (schema.types & type) == 0) {
    const bool whole = type == kNumberType && (schema.types & kIntegerType) != 0;
    const std::optional<SchemaNumber> number = whole ? SchemaNumber::Of(value) : std::nullopt;
    if (!number || !number->IsWhole()) {
      return Fault("{} expected, {} found", ShowTypes(schema.types), ShowTypes(type));
    }
  }
  if (schema.constant && !Equals(value, *schema.constant)) {
    return Fault("not the one value that is allowed");
  }
  if (schema.choices) {
    const std::span<Value> choices = schema.choices->items();
    const bool of_type = std::any_of(choices.begin(), choices.end(), [type](const Value& choice) {
      return TypeOf(choice) == type;
    });
    if (!of_type || std::none_of(choices.begin(), choices.end(),
                                 [&value](const Value& choice) { return Equals(value, choice); })) {
      return Fault("none of the values that are allowed");
    }
  }
  if (schema.format && value.is_string()) {
    const std::string_view wanted = schema.format(value.text());
    if (!wanted.empty()) return Fault("{} expected", wanted);
  }
  return true;
}

bool Checker::CheckObject(const SchemaNode& schema, const Value& value, Unevaluated* left) {
  bool valid = true;
  const auto size = static_cast<int64_t>(value.size());
  if (schema.properties_min && size < *schema.properties_min) {
    valid = Fault("at least {} entries expected", *schema.properties_min);
  }
  if (schema.properties_max && size > *schema.properties_max) {
    valid = Fault("at most {} entries expected", *schema.properties_max);
  }
  for (const std::string_view name : schema.required) {
    if (!value.map()->Has(name)) valid = Fault("{} is missing", Quote(name));
  }
  for (const Map::Entry& entry : value.map()->entries()) {
    if (!valid && quiet_ > 0) return false;
    valid = CheckProperty(schema, entry, left) && valid;
  }
  return CheckDependents(schema, value, left) && valid;
}

bool Checker::CheckProperty(const SchemaNode& schema, const Map::Entry& entry, Unevaluated* left) {
  bool valid = true, evaluated = false;
  if (const auto found = schema.properties.find(entry.key); found != schema.properties.end()) {
    evaluated = true;
    valid = ApplyBelow(*found->second, entry.value, entry.key);
  }
  for (const auto& [pattern, node] : schema.patterns) {
    if (Exhausted()) return false;
    if (!pattern->Matches(entry.key)) continue;
    evaluated = true;
    valid = ApplyBelow(*node, entry.value, entry.key) && valid;
  }
  if (!evaluated && schema.additional) {
    evaluated = true;
    valid = ApplyBelow(*schema.additional, entry.value, entry.key);
  } else if (!evaluated && schema.additional_allowed) {
    evaluated = true;
    if (!*schema.additional_allowed) valid = Fault("{} is not allowed", Quote(entry.key));
  }
  if (evaluated) left->properties.erase(entry.key);
  if (schema.names) {
    Checker names(limits_);
    names.quiet_ = 1;
    names.steps_ = steps_;
    const bool named = names.Check(*schema.names, Value::Text(entry.key));
    steps_ = names.steps_;
    if (!named) valid = Fault("the name {} is not allowed", Quote(entry.key));
  }
  return valid;
}

bool Checker::CheckDependents(const SchemaNode& schema, const Value& value, Unevaluated* left) {
  bool valid = true;
  for (const SchemaNode::Dependent& dependent : schema.dependents) {
    if (!value.map()->Has(dependent.property)) continue;
    for (const std::string_view name : dependent.required) {
      if (!value.map()->Has(name)) {
        valid = Fault("{} is missing, which {} needs", Quote(name), Quote(dependent.property));
      }
    }
    if (dependent.schema) valid = ApplyHere(*dependent.schema, value, left) && valid;
  }
  return valid;
}

bool Checker::CheckList(const SchemaNode& schema, const Value& value, Unevaluated* left) {
  bool valid = true;
  const auto size = static_cast<int64_t>(value.size());
  if (schema.items_min && size < *schema.items_min) {
    valid = Fault("at least {} items expected", *schema.items_min);
  }
  if (schema.items_max && size > *schema.items_max) {
    valid = Fault("at most {} items expected", *schema.items_max);
  }
  if (schema.unique && !CheckUnique(value)) valid = false;
  valid = CheckItems(schema, value) && valid;
  return (!schema.contains || CheckContains(schema, value, left)) && valid;
}

bool Checker::CheckItems(const SchemaNode& schema, const Value& value) {
  bool valid = true;
  const std::span<Value> items = value.items();
  for (size_t i = 0; i < items.size(); ++i) {
    const SchemaNode* node = schema.items;
    if (i < schema.first_items.size()) {
      node = schema.first_items[i];
    } else if (!node) {
      node = schema.more_items;
    }
    if (node) valid = ApplyBelow(*node, items[i], std::to_string(i)) && valid;
    if (!valid && quiet_ > 0) return false;
  }
  const bool more = items.size() > schema.first_items.size();
  if (more && schema.more_items_allowed && !*schema.more_items_allowed) {
    valid = Fault("at most {} items expected", schema.first_items.size());
  }
  return valid;
}

bool Checker::CheckContains(const SchemaNode& schema, const Value& value, Unevaluated* left) {
  int64_t matched = 0;
  ++quiet_;
  for (size_t i = 0; i < value.size(); ++i) {
    if (!ApplyBelow(*schema.contains, value.items()[i], std::to_string(i))) continue;
    ++matched;
    if (schema.draft >= 2020) left->items.erase(i);
  }
  --quiet_;
  if (matched < schema.contains_min.value_or(1)) {
    return Fault("at least {} items of a certain form expected", schema.contains_min.value_or(1));
  }
  if (schema.contains_max && matched > *schema.contains_max) {
    return Fault("at most {} items of a certain form expected", *schema.contains_max);
  }
  return true;
}

bool Checker::CheckUnique(const Value& value) {
  for (size_t i = 1; i < value.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      if (Exhausted()) return false;
      if (Equals(value.items()[i], value.items()[j])) {
        return Fault("items {} and {} are equal", j, i);
      }
    }
  }
  return true;
}

bool Checker::CheckText(const SchemaNode& schema, const Value& value) {
  bool valid = true;
  if (schema.length_min || schema.length_max) {
    const auto length = static_cast<int64_t>(CountRunes(value.text()));
    if (schema.length_min && length < *schema.length_min) {
      valid = Fault("at least {} characters expected", *schema.length_min);
    }
    if (schema.length_max && length > *schema.length_max) {
      valid = Fault("at most {} characters expected", *schema.length_max);
    }
  }
  if (schema.pattern && !schema.pattern->Matches(value.text())) {
    valid = Fault("a text that matches {} expected", schema.pattern_text);
  }
  return valid;
}

bool Checker::CheckNumber(const SchemaNode& schema, const Value& value) {
  if (!schema.min && !schema.max && !schema.above && !schema.below && !schema.multiple_of) {
    return true;
  }
  const std::optional<SchemaNumber> number = SchemaNumber::Of(value);
  if (!number) return Fault("a number of sensible size expected");
  const auto compare = [&number](const std::optional<SchemaNumber>& bound) {
    return SchemaNumber::Compare(*number, *bound);
  };
  bool valid = true;
  if (schema.min && compare(schema.min) < 0) valid = Fault("below the minimum");
  if (schema.max && compare(schema.max) > 0) valid = Fault("above the maximum");
  if (schema.above && compare(schema.above) <= 0) valid = Fault("not above the minimum");
  if (schema.below && compare(schema.below) >= 0) valid = Fault("not below the maximum");
  if (schema.multiple_of && !number->IsMultipleOf(*schema.multiple_of)) {
    valid = Fault("no multiple of what is demanded");
  }
  return valid;
}

const SchemaNode& Checker::Recursive(const SchemaNode& target) const {
  const SchemaNode* found = &target;
  for (size_t i = scopes_.size(); i > 0; --i) {
    const SchemaNode* schema = scopes_[i - 1].schema;
    if (schema->resource->recursive_anchor) found = schema;
  }
  return *found;
}

const SchemaNode& Checker::Dynamic(const SchemaNode& schema) const {
  const SchemaNode* found = schema.dynamic_reference;
  if (schema.dynamic_name.empty() || found->dynamic_anchor != schema.dynamic_name) return *found;
  for (size_t i = scopes_.size(); i > 0; --i) {
    const auto& anchors = scopes_[i - 1].schema->resource->dynamic_anchors;
    const auto anchor = anchors.find(schema.dynamic_name);
    if (anchor != anchors.end()) found = anchor->second;
  }
  return *found;
}

bool Checker::CheckReferences(const SchemaNode& schema, const Value& value, Unevaluated* left) {
  bool valid = true;
  if (const SchemaNode* target = schema.recursive_reference) {
    valid = ApplyHere(target->recursive_anchor ? Recursive(*target) : *target, value, left);
  }
  if (schema.dynamic_reference) valid = ApplyHere(Dynamic(schema), value, left) && valid;
  return valid;
}

bool Checker::CheckLogic(const SchemaNode& schema, const Value& value, Unevaluated* left) {
  bool valid = true;
  if (schema.negated && ApplyQuietly(*schema.negated, value, left)) {
    valid = Fault("what is not allowed to hold holds");
  }
  for (const SchemaNode* node : schema.all_of) {
    valid = ApplyHere(*node, value, left) && valid;
    if (!valid && quiet_ > 0) return false;
  }
  if (!schema.any_of.empty()) valid = CheckAnyOf(schema, value, left) && valid;
  if (!schema.one_of.empty()) valid = CheckOneOf(schema, value, left) && valid;
  if (schema.condition) {
    const SchemaNode* then =
        ApplyQuietly(*schema.condition, value, left) ? schema.consequence : schema.alternative;
    if (then) valid = ApplyHere(*then, value, left) && valid;
  }
  return valid;
}

bool Checker::CheckAnyOf(const SchemaNode& schema, const Value& value, Unevaluated* left) {
  bool matched = false;
  for (const SchemaNode* node : schema.any_of) {
    matched = ApplyQuietly(*node, value, left) || matched;
    if (matched && left->empty()) break;  // else all of them are looked at
  }
  return matched || Fault("none of several forms that are allowed");
}

bool Checker::CheckOneOf(const SchemaNode& schema, const Value& value, Unevaluated* left) {
  int matched = 0;
  for (const SchemaNode* node : schema.one_of) {
    matched += ApplyQuietly(*node, value, left);
    if (matched > 1) return Fault("two forms of which exactly one is allowed");
  }
  return matched == 1 || Fault("none of several forms that are allowed");
}

bool Checker::CheckUnevaluated(const SchemaNode& schema, const Value& value, Unevaluated* left) {
  bool valid = true;
  if (value.is_map() && schema.unevaluated_properties) {
    for (const std::string_view name : left->properties) {
      const Value* found = value.map()->Find(name);
      if (found) valid = ApplyBelow(*schema.unevaluated_properties, *found, name) && valid;
    }
    left->properties.clear();
  }
  if (value.is_list() && schema.unevaluated_items) {
    for (const size_t item : left->items) {
      valid =
          ApplyBelow(*schema.unevaluated_items, value.items()[item], std::to_string(item)) && valid;
    }
    left->items.clear();
  }
  return valid;
}

}  // namespace

std::vector<std::string> CheckValue(const SchemaNode& schema, const Value& value,
                                    const ChartLimits& limits) {
  Checker checker(limits);
  if (checker.Check(schema, value)) return {};
  std::vector<std::string> faults = checker.TakeFaults();
  if (faults.empty()) faults.emplace_back("it does not hold");
  return faults;
}

}  // namespace headgate::templating::helm
