#include "deploy/health/rules.h"

#include <fmt/format.h>

#include "core/json.h"
#include "deploy/health/kinds.h"

namespace headgate::deploy {

extern const char kRulesJson[];  // written by embed/embed_rules at build time

namespace {

constexpr HealthCode kCodes[] = {HealthCode::kHealthy, HealthCode::kSuspended,
                                 HealthCode::kUnknown, HealthCode::kProgressing,
                                 HealthCode::kMissing, HealthCode::kDegraded};

using Conventions = std::map<std::string, std::vector<Rule>, std::less<>>;

class Reader {
 public:
  core::Result<std::vector<Rule>> Rules(const core::Value* list) const {
    std::vector<Rule> rules;
    if (!list || !list->AsList()) return core::Invalid("a list of rules expected");
    for (const core::Value& each : *list->AsList()) {
      if (core::Status added = Add(each, &rules); !added) return added.error();
    }
    return rules;
  }

  Conventions conventions;

 private:
  core::Status Add(const core::Value& from, std::vector<Rule>* to) const {
    const core::Map* map = from.AsMap();
    if (!map || map->empty()) return core::Invalid("a rule is a mapping: \"Healthy: EXPRESSION\"");
    const auto& [key, value] = *map->begin();
    const std::string text = value.AsString() ? *value.AsString() : "";
    if (key == "use") {
      const auto found = conventions.find(text);
      if (found == conventions.end()) return core::Invalid("there is no convention " + text);
      to->insert(to->end(), found->second.begin(), found->second.end());
      return core::Ok();
    }
    Rule rule;
    if (key == "each" || key == "when") {
      rule.kind = key == "each" ? Rule::Kind::kEach : Rule::Kind::kWhen;
      core::Result<std::vector<Rule>> inside = Rules(from.Find("rules"));
      if (!inside) return inside.error().In(key + ": " + text);
      rule.rules = std::move(*inside);
    } else if (core::Status fine = SetCode(key, &rule); !fine) {
      return fine;
    }
    if (text != "otherwise") {
      core::Result<Expression> when = ParseExpression(text);
      if (!when) return when.error().In(key);
      rule.when = std::move(*when);
    }
    if (core::Status fine = SetSaying(from.StringAt("say"), &rule); !fine) return fine;
    to->push_back(std::move(rule));
    return core::Ok();
  }

  static core::Status SetCode(std::string_view name, Rule* rule) {
    for (const HealthCode code : kCodes) {
      if (Show(code) != name) continue;
      rule->code = code;
      return core::Ok();
    }
    return core::Invalid(fmt::format("\"{}\": a status, or use, each, when expected", name));
  }

  static core::Status SetSaying(std::string_view text, Rule* rule) {
    while (!text.empty()) {
      const size_t open = text.find('{');
      Rule::Saying saying{std::string(text.substr(0, open)), std::nullopt};
      if (open == std::string_view::npos) {
        text = {};
      } else {
        const size_t close = text.find('}', open);
        if (close == std::string_view::npos) return core::Invalid("say: a closing } expected");
        core::Result<Expression> value = ParseExpression(text.substr(open + 1, close - open - 1));
        if (!value) return value.error().In("say");
        saying.value = std::move(*value);
        text = text.substr(close + 1);
      }
      rule->say.push_back(std::move(saying));
    }
    return core::Ok();
  }
};

std::string Say(const Rule& rule, const Scope& scope) {
  if (rule.code == HealthCode::kHealthy) return {};
  std::string text;
  for (const Rule::Saying& part : rule.say) {
    text += part.text;
    if (part.value) text += TextOf(*part.value, scope);
  }
  if (!text.empty()) return text;
  if (&scope.item != &scope.object) {  // of a list: mostly a condition, which says why by itself
    text = Why({"", scope.item.StringAt("reason"), scope.item.StringAt("message")}, "");
  }
  return text.empty() && rule.when ? Explain(*rule.when, scope) : text;
}

// The fullest thing that most objects say about themselves.
std::string GeneralWhy(const core::Value& object) {
  for (const std::string_view type : {"Ready", "Available", "Synced"}) {
    const auto condition = FindCondition(object, type);
    if (condition && condition->status != "True") {
      return Why(*condition, fmt::format("{} is {}", type, condition->status));
    }
  }
  for (const std::string_view field : {"message", "reason", "phase", "state"}) {
    if (const std::string& text = object.StringAt("status", field); !text.empty()) {
      return fmt::format("status.{} is {}", field, text);
    }
  }
  return object.MapAt("status").empty() ? "its controller has not reported anything yet"
                                        : "its controller does not report it as ready";
}

std::optional<Health> Follow(const std::vector<Rule>& rules, const Scope& scope) {
  for (const Rule& rule : rules) {
    if (rule.kind == Rule::Kind::kEach) {
      for (const core::Value* item : ItemsOf(*rule.when, scope)) {
        if (std::optional<Health> said = Follow(rule.rules, {scope.object, *item})) return said;
      }
      continue;
    }
    if (rule.when && !Holds(*rule.when, scope)) continue;
    if (rule.kind == Rule::Kind::kWhen) {
      if (std::optional<Health> said = Follow(rule.rules, scope)) return said;
      continue;
    }
    return Health{rule.code, Say(rule, scope)};
  }
  return std::nullopt;
}

}  // namespace

core::Result<RuleTable> RuleTable::Parse(const core::Value& table) {
  Reader reader;
  for (const auto& [name, rules] : table.MapAt("conventions")) {
    core::Result<std::vector<Rule>> read = reader.Rules(&rules);
    if (!read) return read.error().In("conventions." + name);
    reader.conventions[name] = std::move(*read);
  }
  RuleTable made;
  for (const core::Value& entry : table.ListAt("kinds")) {
    const core::List& names = entry.ListAt("of");
    if (names.empty() || !names.front().AsString()) {
      return core::Invalid("an entry of kinds has no list \"of\"");
    }
    auto kind = std::make_shared<KindRules>();
    core::Result<std::vector<Rule>> rules = reader.Rules(entry.Find("rules"));
    if (!rules) return rules.error().In(*names.front().AsString());
    kind->rules = std::move(*rules);
    kind->any_generation = entry.StringAt("generation") == "any";
    for (const core::Value& name : names) {
      const std::string text = name.AsString() ? *name.AsString() : "";
      if (text.find('*') != std::string::npos) {
        made.patterns_.emplace_back(text, kind);
      } else if (!made.exact_.emplace(text, kind).second) {
        return core::Invalid(text + " is in the table twice");
      }
    }
  }
  return made;
}

const RuleTable& RuleTable::BuiltIn() {
  // The build has read it once before (embed_rules), so it cannot be wrong here.
  static const RuleTable& table = *new RuleTable(*Parse(*core::ParseJson(kRulesJson)));
  return table;
}

const KindRules* RuleTable::Find(std::string_view group, std::string_view kind) const {
  const std::string name = fmt::format("{}/{}", group, kind);
  if (const auto found = exact_.find(name); found != exact_.end()) return found->second.get();
  for (const auto& [pattern, rules] : patterns_) {
    if (IsLike(name, pattern)) return rules.get();
  }
  return nullptr;
}

Health Judge(const KindRules& rules, const core::Value& object) {
  std::optional<Health> said = Follow(rules.rules, {object, object});
  if (!said) said = Health{HealthCode::kProgressing, ""};
  if (said->why.empty() && said->code != HealthCode::kHealthy) said->why = GeneralWhy(object);
  return *said;
}

}  // namespace headgate::deploy
