#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace headgate::templating::helm {

// Paths as Go's path and filepath packages see them, on a system that parts with '/'.

std::string_view PathBase(std::string_view path);              // "." of nothing, "/" of slashes
std::string PathClean(std::string_view path);                  // "." where nothing is left
std::string PathJoin(std::string_view a, std::string_view b);  // cleaned; "" of two empty ones
std::string_view PathExtension(std::string_view path);         // ".tgz"; "" where there is none

// filepath.Match: * and ? and [a-z], of which none matches a '/'. Nothing where the pattern is
// malformed as far as it was looked at: Go looks no further than the match can go.
std::optional<bool> MatchPath(std::string_view pattern, std::string_view name);

}  // namespace headgate::templating::helm
