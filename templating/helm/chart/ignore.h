#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace headgate::templating::helm {

// The rules of a .helmignore, with what is always ignored (dotfiles among the templates).
//
// They are looked at in order, and the first that speaks decides. A rule with "!" in front says, as
// in Helm, that whatever it does *not* match is ignored.
class IgnoreRules {
 public:
  IgnoreRules() { AddDefaults(); }

  // kInvalid for "**" and for malformed patterns.
  static core::Result<IgnoreRules> Parse(std::string_view text);

  // `path` is relative to the chart. What is below an ignored directory is not asked for.
  bool Ignores(std::string_view path, bool is_directory) const;

 private:
  struct Rule {
    std::string pattern;
    bool negated = false;
    bool directories_only = false;
    bool whole_path = false;  // else its last part
  };
  core::Status Add(std::string_view line);
  void AddDefaults();

  std::vector<Rule> rules_;
};

}  // namespace headgate::templating::helm
