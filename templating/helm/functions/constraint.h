#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "templating/helm/functions/version.h"

namespace headgate::templating::helm {

// What versions a text like ">= 1.2, < 2 || ~3.1" allows, as Masterminds/semver 3.4.0 reads it.
// Pre-releases are allowed only where a constraint of the same group names one.
class Constraints {
 public:
  // The last few are kept (a thread's own). nullptr where it is none; `error` says why.
  static std::shared_ptr<const Constraints> Parse(std::string_view text, std::string* error);

  bool Allows(const Version& version) const;

 private:
  enum class Operator { kEqual, kNotEqual, kMore, kLess, kAtLeast, kAtMost, kTilde, kCaret };
  struct Constraint {
    Operator op = Operator::kEqual;
    Version version;
    // Parts that are missing or "x"; then the first of these that is.
    bool dirty = false, minor_dirty = false, patch_dirty = false;
  };
  struct Group {
    std::vector<Constraint> all;
    bool pre = false;  // a constraint names a pre-release
  };

  bool ParseGroup(std::string_view text, std::string* error);
  static bool ParseOne(std::string_view text, Constraint* constraint, std::string* error);
  static bool Holds(const Constraint& constraint, const Version& version, bool pre);
  static bool NotEqual(const Constraint& constraint, const Version& version);
  static bool More(const Constraint& constraint, const Version& version);
  static bool AtMost(const Constraint& constraint, const Version& version);
  static bool Tilde(const Constraint& constraint, const Version& version);
  static bool Caret(const Constraint& constraint, const Version& version);

  std::vector<Group> groups_;  // any of which suffices
};

}  // namespace headgate::templating::helm
