#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "deploy/health/expression.h"
#include "deploy/health/health.h"

namespace headgate::deploy {

// One step of a judgement; the first rule that says something is followed.
struct Rule {
  // What a rule says: text, and in braces what an expression gives.
  struct Saying {
    std::string text;
    std::optional<Expression> value;  // after the text
  };
  enum class Kind { kJudge, kWhen, kEach };

  Kind kind = Kind::kJudge;
  HealthCode code = HealthCode::kProgressing;  // of kJudge
  std::optional<Expression> when;              // nothing: always; the list of kEach
  std::vector<Saying> say;                     // empty: what `when` was about
  std::vector<Rule> rules;                     // of kWhen and kEach
};

// How one group of kinds is judged.
struct KindRules {
  std::vector<Rule> rules;
  bool any_generation = false;  // status counts though it is of an earlier generation
};

// The table of rules, indexed. Immutable after it was read; see docs/health.md for its form.
class RuleTable {
 public:
  // kInvalid names the entry.
  static core::Result<RuleTable> Parse(const core::Value& table);
  // deploy/health/rules.yaml, as it was when the program was built; read at its first use.
  static const RuleTable& BuiltIn();

  // By group and kind, exact names before patterns; nullptr where the table has no such kind.
  const KindRules* Find(std::string_view group, std::string_view kind) const;

 private:
  std::map<std::string, std::shared_ptr<const KindRules>, std::less<>> exact_;  // "group/Kind"
  std::vector<std::pair<std::string, std::shared_ptr<const KindRules>>> patterns_;
};

// kProgressing where no rule says anything.
Health Judge(const KindRules& rules, const core::Value& object);

}  // namespace headgate::deploy
