#pragma once

#include <string>
#include <string_view>

namespace headgate::templating::helm {

// What fromYaml says of a text that is no YAML, for charts print it: libyaml's words, which go-yaml
// 2 shares, behind the line as it counts. `ours` is ReadYaml's error with no file's name, and is
// the answer where libyaml has nothing against the text, or where the text is long (64 KiB).
std::string YamlErrorForCharts(std::string_view text, std::string_view ours);

}  // namespace headgate::templating::helm
