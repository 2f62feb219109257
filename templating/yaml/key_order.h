#pragma once

#include <string_view>

namespace headgate::templating::yaml {

// Whether key `a` is printed before key `b`, as go-yaml 2 sorts them: numbers inside of keys by
// their value, letters behind everything else, case counts. Both are UTF-8.
bool KeyLess(std::string_view a, std::string_view b);

// As go-yaml 3 sorts them: behind a digit, letters come first.
bool KeyLessIn3(std::string_view a, std::string_view b);

}  // namespace headgate::templating::yaml
