#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/value.h"

namespace headgate::deploy {

// Inside of deploy/health: what the table of rules (rules.yaml, docs/health.md) asks of an object.
// A small total language: no names are bound, nothing loops but over the items of a list that the
// object has, so an evaluation ends after at most (size of expression) x (items)^depth steps.
//
//   expr    := and { "or" and }
//   and     := not { "and" not }
//   not     := "not" not | compare
//   compare := sum [ ("=" | "!=" | "<" | "<=" | ">" | ">=" | "like") sum
//                  | "in" "[" sum { "," sum } "]" | "is" ["not"] (word | "there") ]
//   sum     := other { ("+" | "-") other }
//   other   := value { "??" value }                 the first that is not missing
//   value   := PATH | word | 'text' | number | FUNCTION "(" ... ")" | "(" expr ")"
//
// PATH: ".status.phase", ".metadata.labels.'a.b/c'", ".list[0]", ".list[-1]"; "." the item itself.
// It starts at the item of the innermost any, all, count, sum or `each`, else at the object; "$.x"
// always at the object. `Ready is False` asks the condition Ready in .status.conditions (of an
// item: in .conditions). `like` takes a pattern with "*". A missing value equals only another
// missing one, and is neither more nor less than anything. Texts that are numbers compare with
// numbers by value.
//
// Functions: any(PATH, expr), all(PATH, expr) false where there is no item, count(PATH[, expr]),
// sum(PATH, expr), reason(Ready), message(Ready), time(Ready): when it last changed, lower(text),
// before(text, text), after(text, text), stale(PATH): a generation that is not the object's own,
// where both are given.
struct Expression {
  enum class Kind {
    kLiteral,
    kPath,
    kOr,
    kAnd,
    kNot,
    kEqual,
    kUnequal,
    kLess,
    kLessEqual,
    kLike,
    kIn,
    kIs,
    kIsNot,
    kIsThere,
    kAdd,
    kSubtract,
    kOtherwise,
    kAny,
    kAll,
    kCount,
    kSum,
    kReason,
    kMessage,
    kTime,
    kLower,
    kBefore,
    kAfter,
    kStale,
  };
  struct Step {
    std::string key;  // empty: an index
    int index = 0;    // negative: from the end
  };

  Kind kind = Kind::kLiteral;
  core::Value literal;       // of kLiteral; the name of a condition
  bool from_object = false;  // "$."
  std::vector<Step> path;    // of kPath
  std::vector<Expression> parts;
};

// kInvalid: what was expected, and where in the text.
core::Result<Expression> ParseExpression(std::string_view text);

// Where an expression is asked.
struct Scope {
  const core::Value& object;
  const core::Value& item;  // the object itself outside of lists

  // The conditions that `is` speaks of.
  const core::List& Conditions() const;
};

bool Holds(const Expression& expression, const Scope& scope);
// Text of what it gives; "" where that is missing.
std::string TextOf(const Expression& expression, const Scope& scope);
// The list or mapping at a path, as its items; nothing where it is neither.
std::vector<const core::Value*> ItemsOf(const Expression& path, const Scope& scope);

// Why it holds, for people: "Failed: no such bucket", "status.phase is Error".
std::string Explain(const Expression& expression, const Scope& scope);

// Whether a text is of a pattern in which "*" stands for any text.
bool IsLike(std::string_view text, std::string_view pattern);

}  // namespace headgate::deploy
