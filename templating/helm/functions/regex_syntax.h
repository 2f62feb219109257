#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace headgate::templating::helm {

// A regular expression of Go as RE2 reads it. The two are nearly one; Go alone has (?<name>...),
// names given twice, and long names of character classes (\p{Letter}); RE2 alone has \C.
struct RegexSyntax {
  std::string pattern;             // without names: "(?P<a>x)" becomes "(x)"
  std::vector<std::string> names;  // of the groups, from the whole match on; "" where it has none
  std::string error;               // where Go refuses what RE2 would take
};
RegexSyntax TranslateRegex(std::string_view pattern);

}  // namespace headgate::templating::helm
