#include "deploy/health/expression.h"

#include <fmt/format.h>

#include <cctype>
#include <charconv>
#include <optional>

#include "deploy/health/kinds.h"

namespace headgate::deploy {
namespace {

using Kind = Expression::Kind;

// What a part gives: a value of the object, or one that was made.
struct Given {
  const core::Value* there = nullptr;
  core::Value made;

  const core::Value& value() const { return there ? *there : made; }
};
Given Made(core::Value value) { return {nullptr, std::move(value)}; }

Given Evaluate(const Expression& e, const Scope& scope);

const core::Value* At(const Expression& e, const Scope& scope) {
  const core::Value* at = e.from_object ? &scope.object : &scope.item;
  for (const Expression::Step& step : e.path) {
    if (!step.key.empty()) {
      at = at->Find(step.key);
    } else {
      const core::List* list = at->AsList();
      const int64_t size = list ? static_cast<int64_t>(list->size()) : 0;
      const int64_t index = step.index < 0 ? size + step.index : step.index;
      at = index >= 0 && index < size ? &(*list)[static_cast<size_t>(index)] : nullptr;
    }
    if (!at) return nullptr;
  }
  return at;
}

std::optional<double> NumberOf(const core::Value& value) {
  if (const int64_t* n = value.AsInt()) return static_cast<double>(*n);
  if (const double* n = value.AsFloat()) return *n;
  const std::string* text = value.AsString();
  if (!text || text->empty()) return std::nullopt;
  double number = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (error != std::errc() || end != text->data() + text->size()) return std::nullopt;
  return number;
}

bool Equal(const core::Value& a, const core::Value& b) {
  if (a.is_number() || b.is_number()) {
    const std::optional<double> x = NumberOf(a), y = NumberOf(b);
    return x && y && *x == *y;
  }
  return a == b;
}

// Numbers by value; texts byte by byte, which is also the order of times as Kubernetes writes them.
bool Less(const core::Value& a, const core::Value& b, bool or_equal) {
  if (a.is_number() || b.is_number()) {
    const std::optional<double> x = NumberOf(a), y = NumberOf(b);
    return x && y && (*x < *y || (or_equal && *x == *y));
  }
  if (!a.is_string() || !b.is_string()) return false;
  return *a.AsString() < *b.AsString() || (or_equal && *a.AsString() == *b.AsString());
}

bool IsTrue(const core::Value& value) {
  return !value.is_null() && (!value.AsBool() || *value.AsBool());
}

std::string Text(const core::Value& value) {
  if (const std::string* text = value.AsString()) return *text;
  if (const int64_t* n = value.AsInt()) return fmt::format("{}", *n);
  if (const double* n = value.AsFloat()) return fmt::format("{}", *n);
  if (const bool* b = value.AsBool()) return *b ? "true" : "false";
  return {};
}

std::string Part(const Expression& e, size_t i, const Scope& scope) {
  return Text(Evaluate(e.parts[i], scope).value());
}

// The condition that an expression names, or nullptr.
const core::Value* Named(const Expression& e, const Scope& scope) {
  const std::string name = Text(e.parts[0].literal);
  for (const core::Value& condition : scope.Conditions()) {
    if (condition.StringAt("type") == name) return &condition;
  }
  return nullptr;
}

bool Is(const Expression& e, const Scope& scope) {
  const std::string name = Text(e.parts[0].literal);
  const std::string wanted = e.kind == Kind::kIsThere ? "" : Part(e, 1, scope);
  for (const core::Value& condition : scope.Conditions()) {
    if (condition.StringAt("type") != name) continue;
    if (e.kind == Kind::kIsThere) return true;
    if ((condition.StringAt("status") == wanted) == (e.kind == Kind::kIs)) return true;
  }
  return false;
}

int64_t CountOf(const Expression& e, const Scope& scope) {
  int64_t count = 0;
  for (const core::Value* item : ItemsOf(e.parts[0], scope)) {
    count += e.parts.size() < 2 || Holds(e.parts[1], {scope.object, *item});
  }
  return count;
}

Given Counted(const Expression& e, const Scope& scope) {
  if (e.kind == Kind::kCount) return Made(CountOf(e, scope));
  if (e.kind == Kind::kSum) {
    double sum = 0;
    for (const core::Value* item : ItemsOf(e.parts[0], scope)) {
      const Scope inside{scope.object, *item};
      sum += NumberOf(Evaluate(e.parts[1], inside).value()).value_or(0);
    }
    return Made(sum);
  }
  const int64_t count = CountOf(e, scope);
  if (e.kind == Kind::kAny) return Made(count > 0);
  const size_t size = ItemsOf(e.parts[0], scope).size();
  return Made(size > 0 && static_cast<size_t>(count) == size);
}

Given Compared(const Expression& e, const Scope& scope) {
  const Given left = Evaluate(e.parts[0], scope);
  if (e.kind == Kind::kIn) {
    for (size_t i = 1; i < e.parts.size(); ++i) {
      if (Equal(left.value(), Evaluate(e.parts[i], scope).value())) return Made(true);
    }
    return Made(false);
  }
  const Given right = Evaluate(e.parts[1], scope);
  const core::Value &a = left.value(), &b = right.value();
  switch (e.kind) {
    case Kind::kEqual:
      return Made(Equal(a, b));
    case Kind::kUnequal:
      return Made(!Equal(a, b));
    case Kind::kLess:
    case Kind::kLessEqual:
      return Made(Less(a, b, e.kind == Kind::kLessEqual));
    case Kind::kLike:
      return Made(a.is_string() && IsLike(*a.AsString(), Text(b)));
    default:
      break;
  }
  const std::optional<double> x = NumberOf(a), y = NumberOf(b);
  if (!x || !y) return {};
  return Made(e.kind == Kind::kAdd ? *x + *y : *x - *y);
}

Given OfText(const Expression& e, const Scope& scope) {
  std::string text = Part(e, 0, scope);
  if (e.kind == Kind::kLower) {
    for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return Made(std::move(text));
  }
  const std::string sign = Part(e, 1, scope);
  const size_t at = text.find(sign);
  if (at == std::string::npos) return {};
  return Made(e.kind == Kind::kBefore ? text.substr(0, at) : text.substr(at + sign.size()));
}

Given OfCondition(const Expression& e, const Scope& scope) {
  const core::Value* condition = Named(e, scope);
  if (!condition) return {};
  const std::string_view field = e.kind == Kind::kReason    ? "reason"
                                 : e.kind == Kind::kMessage ? "message"
                                                            : "lastTransitionTime";
  return {condition->Find(field), {}};
}

bool IsStale(const Expression& e, const Scope& scope) {
  const Given seen = Evaluate(e.parts[0], scope);
  const core::Value* own = scope.object.Find("metadata", "generation");
  return own && !own->is_null() && !seen.value().is_null() && !Equal(*own, seen.value());
}

Given Evaluate(const Expression& e, const Scope& scope) {
  switch (e.kind) {
    case Kind::kLiteral:
      return {&e.literal, {}};
    case Kind::kPath:
      return {At(e, scope), {}};
    case Kind::kOr:
    case Kind::kAnd:
      for (const Expression& part : e.parts) {
        if (Holds(part, scope) == (e.kind == Kind::kOr)) return Made(e.kind == Kind::kOr);
      }
      return Made(e.kind == Kind::kAnd);
    case Kind::kNot:
      return Made(!Holds(e.parts[0], scope));
    case Kind::kIs:
    case Kind::kIsNot:
    case Kind::kIsThere:
      return Made(Is(e, scope));
    case Kind::kOtherwise: {
      Given left = Evaluate(e.parts[0], scope);
      return left.value().is_null() ? Evaluate(e.parts[1], scope) : left;
    }
    case Kind::kAny:
    case Kind::kAll:
    case Kind::kCount:
    case Kind::kSum:
      return Counted(e, scope);
    case Kind::kReason:
    case Kind::kMessage:
    case Kind::kTime:
      return OfCondition(e, scope);
    case Kind::kLower:
    case Kind::kBefore:
    case Kind::kAfter:
      return OfText(e, scope);
    case Kind::kStale:
      return Made(IsStale(e, scope));
    default:
      return Compared(e, scope);
  }
}

std::string ShowPath(const Expression& e) {
  std::string text;
  for (const Expression::Step& step : e.path) {
    if (step.key.empty()) {
      text += fmt::format("[{}]", step.index);
    } else {
      text += (text.empty() ? "" : ".") + step.key;
    }
  }
  return text;
}

std::string ExplainCondition(const Expression& e, const Scope& scope) {
  const core::Value* condition = Named(e, scope);
  if (!condition) return {};
  const Condition read{condition->StringAt("status"), condition->StringAt("reason"),
                       condition->StringAt("message")};
  return Why(read, fmt::format("{} is {}", condition->StringAt("type"), read.status));
}

std::string ExplainItem(const Expression& e, const Scope& scope) {
  for (const core::Value* item : ItemsOf(e.parts[0], scope)) {
    const Scope inside{scope.object, *item};
    if (!Holds(e.parts[1], inside)) continue;
    const Condition read{"", item->StringAt("reason"), item->StringAt("message")};
    if (std::string why = Why(read, ""); !why.empty()) return why;
    return Explain(e.parts[1], inside);
  }
  return {};
}

}  // namespace

const core::List& Scope::Conditions() const {
  return &item == &object ? object.ListAt("status", "conditions") : item.ListAt("conditions");
}

bool Holds(const Expression& expression, const Scope& scope) {
  return IsTrue(Evaluate(expression, scope).value());
}

std::string TextOf(const Expression& expression, const Scope& scope) {
  return Text(Evaluate(expression, scope).value());
}

std::vector<const core::Value*> ItemsOf(const Expression& path, const Scope& scope) {
  std::vector<const core::Value*> items;
  const Given given = Evaluate(path, scope);
  if (!given.there) return items;
  if (const core::List* list = given.there->AsList()) {
    for (const core::Value& item : *list) items.push_back(&item);
  } else if (const core::Map* map = given.there->AsMap()) {
    for (const auto& [key, value] : *map) items.push_back(&value);
  }
  return items;
}

std::string Explain(const Expression& e, const Scope& scope) {
  switch (e.kind) {
    case Kind::kIs:
    case Kind::kIsNot:
    case Kind::kIsThere:
    case Kind::kReason:
    case Kind::kMessage:
      return ExplainCondition(e, scope);
    case Kind::kAny:
      return ExplainItem(e, scope);
    case Kind::kPath: {
      const core::Value* at = At(e, scope);
      const std::string text = at ? Text(*at) : "";
      return text.empty() ? "" : fmt::format("{} is {}", ShowPath(e), text);
    }
    case Kind::kOr:
      for (const Expression& part : e.parts) {
        if (Holds(part, scope)) return Explain(part, scope);
      }
      return {};
    default:
      for (const Expression& part : e.parts) {
        if (std::string why = Explain(part, scope); !why.empty()) return why;
      }
      return {};
  }
}

bool IsLike(std::string_view text, std::string_view pattern) {
  size_t t = 0, p = 0, star = std::string_view::npos, resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace headgate::deploy
