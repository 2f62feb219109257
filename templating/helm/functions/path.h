#pragma once

#include <string>
#include <string_view>

namespace headgate::templating::helm {

// Go's path.Clean: the shortest path that means the same, by its text alone.
std::string CleanPath(std::string_view path);

}  // namespace headgate::templating::helm
