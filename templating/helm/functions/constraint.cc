#include "templating/helm/functions/constraint.h"

#include <re2/re2.h>

#include <array>
#include <unordered_map>
#include <utility>

#include "templating/helm/functions/split.h"

namespace headgate::templating::helm {
namespace {

// Longer ones first. What comes between them and their version may be spaces.
constexpr char kOperators[] = R"((!=|>=|=>|<=|=<|~>|=|>|<|~|\^|))";

// A version whose numbers may be "x". Groups: three numbers (the latter two with their dots), the
// pre-release with its hyphen and without, and its last part; the same of the metadata.
constexpr char kLoose[] =
    R"((v?([0-9|xX*]+)(\.[0-9|xX*]+)?(\.[0-9|xX*]+)?)"
    R"((-([0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*))?(\+([0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*))?))";

constexpr size_t kKept = 32;

const RE2& OneExpression() {
  static const RE2 kExpression(std::string(R"(\s*)") + kOperators + R"(\s*)" + kLoose + R"(\s*)");
  return kExpression;
}

const RE2& NextExpression() {
  static const RE2 kExpression(std::string(kOperators) + R"(\s*)" + kLoose);
  return kExpression;
}

const RE2& GroupExpression() {
  static const RE2 kExpression([] {
    const std::string one = std::string(kOperators) + R"(\s*)" + kLoose + R"(\s*)";
    return R"(\s*)" + one + R"(((?:\s+|,\s*))" + one + ")*";
  }());
  return kExpression;
}

const RE2& RangeExpression() {
  static const RE2 kExpression(std::string(R"(\s*)") + kLoose + R"(\s+-\s+)" + kLoose + R"(\s*)");
  return kExpression;
}

re2::StringPiece Piece(std::string_view text) { return {text.data(), text.size()}; }
std::string_view View(const re2::StringPiece& piece) { return {piece.data(), piece.size()}; }

// "1.2 - 2" becomes ">= 1.2, <= 2".
std::string WithoutRanges(std::string_view text) {
  constexpr size_t kLower = 1, kUpper = 11;
  std::string made(text);
  std::array<re2::StringPiece, kUpper + 1> groups;
  for (size_t at = 0; RangeExpression().Match(Piece(text), at, text.size(), RE2::UNANCHORED,
                                              groups.data(), static_cast<int>(groups.size()));) {
    const std::string range =
        ">= " + groups[kLower].as_string() + ", <= " + groups[kUpper].as_string() + " ";
    const size_t place = made.find(View(groups[0]));
    if (place != std::string::npos) made.replace(place, groups[0].size(), range);
    at = static_cast<size_t>(groups[0].end() - text.data());
  }
  return made;
}

bool IsAny(std::string_view part) {
  if (part.starts_with('.')) part.remove_prefix(1);
  return part.empty() || part == "x" || part == "X" || part == "*";
}

}  // namespace

std::shared_ptr<const Constraints> Constraints::Parse(std::string_view text, std::string* error) {
  thread_local std::unordered_map<std::string, std::shared_ptr<const Constraints>> kept;
  const std::string key(text);
  if (const auto found = kept.find(key); found != kept.end()) return found->second;

  const auto constraints = std::make_shared<Constraints>();
  const std::string plain = WithoutRanges(text);
  for (const std::string_view group : SplitText(plain, "||", -1)) {
    if (!constraints->ParseGroup(group, error)) return nullptr;
  }
  if (kept.size() >= kKept) kept.clear();
  kept.emplace(key, constraints);
  return constraints;
}

bool Constraints::ParseGroup(std::string_view text, std::string* error) {
  if (!RE2::FullMatch(Piece(text), GroupExpression())) {
    *error = "improper constraint: " + std::string(text);
    return false;
  }
  Group group;
  re2::StringPiece found;
  for (size_t at = 0;
       NextExpression().Match(Piece(text), at, text.size(), RE2::UNANCHORED, &found, 1);) {
    Constraint constraint;
    if (!ParseOne(View(found), &constraint, error)) return false;
    group.pre = group.pre || !constraint.version.pre.empty();
    group.all.push_back(std::move(constraint));
    at = static_cast<size_t>(found.end() - text.data());
  }
  groups_.push_back(std::move(group));
  return true;
}

bool Constraints::ParseOne(std::string_view text, Constraint* constraint, std::string* error) {
  static constexpr std::pair<std::string_view, Operator> kNames[] = {
      {"", Operator::kEqual},     {"=", Operator::kEqual},   {"!=", Operator::kNotEqual},
      {">", Operator::kMore},     {"<", Operator::kLess},    {">=", Operator::kAtLeast},
      {"=>", Operator::kAtLeast}, {"<=", Operator::kAtMost}, {"=<", Operator::kAtMost},
      {"~", Operator::kTilde},    {"~>", Operator::kTilde},  {"^", Operator::kCaret},
  };
  std::array<re2::StringPiece, 7> groups;
  if (!OneExpression().Match(Piece(text), 0, text.size(), RE2::ANCHOR_BOTH, groups.data(),
                             static_cast<int>(groups.size()))) {
    *error = "improper constraint: " + std::string(text);
    return false;
  }
  for (const auto& [name, op] : kNames) {
    if (View(groups[1]) == name) constraint->op = op;
  }
  const std::string major = groups[3].as_string(), minor = groups[4].as_string(),
                    pre = groups[6].as_string();
  std::string version = groups[2].as_string();
  if (IsAny(major)) {
    version = "0.0.0" + pre;
  } else if (IsAny(minor)) {
    constraint->minor_dirty = true;
    version = major + ".0.0" + pre;
  } else if (IsAny(View(groups[5]))) {
    constraint->patch_dirty = true;
    version = major + minor + ".0" + pre;
  }
  constraint->dirty = IsAny(major) || constraint->minor_dirty || constraint->patch_dirty;
  std::string fault;
  std::optional<Version> parsed = ParseVersion(version, &fault);
  if (!parsed) {
    *error = "constraint parser error";
    return false;
  }
  constraint->version = std::move(*parsed);
  return true;
}

bool Constraints::Allows(const Version& version) const {
  for (const Group& group : groups_) {
    bool all = true;
    for (const Constraint& constraint : group.all) {
      all = all && Holds(constraint, version, group.pre);
    }
    if (all) return true;
  }
  return false;
}

bool Constraints::Holds(const Constraint& constraint, const Version& version, bool pre) {
  if (!version.pre.empty() && !pre) return false;
  const int order = Compare(version, constraint.version);
  switch (constraint.op) {
    case Operator::kEqual:
      return constraint.dirty ? Tilde(constraint, version) : order == 0;
    case Operator::kNotEqual:
      return NotEqual(constraint, version);
    case Operator::kMore:
      return More(constraint, version);
    case Operator::kLess:
      return order < 0;
    case Operator::kAtLeast:
      return order >= 0;
    case Operator::kAtMost:
      return constraint.dirty ? AtMost(constraint, version) : order <= 0;
    case Operator::kTilde:
      return Tilde(constraint, version);
    case Operator::kCaret:
      return Caret(constraint, version);
  }
  return false;
}

// "!=1.2" is about all of 1.2; pre-releases of it differ where their texts do.
bool Constraints::NotEqual(const Constraint& constraint, const Version& version) {
  const Version& than = constraint.version;
  if (constraint.dirty) {
    if (version.major != than.major) return true;
    if (constraint.minor_dirty) return false;
    if (version.minor != than.minor) return true;
    if (constraint.patch_dirty) {
      if (version.pre.empty() && than.pre.empty()) return false;
      return ComparePre(version.pre, than.pre) != 0;
    }
    if (version.patch != than.patch) return true;
  }
  return Compare(version, than) != 0;
}

// ">11" begins with 12.
bool Constraints::More(const Constraint& constraint, const Version& version) {
  const Version& than = constraint.version;
  if (constraint.dirty) {
    if (version.major != than.major) return version.major > than.major;
    if (constraint.minor_dirty) return false;
    if (constraint.patch_dirty) return version.minor > than.minor;
  }
  return Compare(version, than) > 0;
}

// "<=1.2" ends before 1.3.
bool Constraints::AtMost(const Constraint& constraint, const Version& version) {
  const Version& than = constraint.version;
  if (version.major > than.major) return false;
  return version.major != than.major || version.minor <= than.minor || constraint.minor_dirty;
}

// "~1.2.3": 1.2.3 and later patches.
bool Constraints::Tilde(const Constraint& constraint, const Version& version) {
  const Version& than = constraint.version;
  if (Compare(version, than) < 0) return false;
  const bool zero = than.major == 0 && than.minor == 0 && than.patch == 0;
  if (zero && !constraint.minor_dirty && !constraint.patch_dirty) return true;
  return version.major == than.major && (version.minor == than.minor || constraint.minor_dirty);
}

// "^1.2.3": 1.2.3 and later that change nothing before the first number that is not 0.
bool Constraints::Caret(const Constraint& constraint, const Version& version) {
  const Version& than = constraint.version;
  if (Compare(version, than) < 0) return false;
  if (than.major > 0 || constraint.minor_dirty) return version.major == than.major;
  if (version.major > 0) return false;
  if (than.minor > 0 || constraint.patch_dirty) return version.minor == than.minor;
  return version.minor == 0 && version.patch == than.patch;
}

}  // namespace headgate::templating::helm
