#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace headgate::templating::kustomize {

// The candidate that a person who wrote `name` may have meant: the one with the fewest letters
// added, dropped, changed or swapped, case ignored; else one that contains it. "" where none is
// near: more than a third of the letters differ.
std::string_view Nearest(std::string_view name, const std::vector<std::string_view>& candidates);

// " (did you mean resources?)", or "" where nothing is near. For the end of an error.
std::string DidYouMean(std::string_view name, const std::vector<std::string_view>& candidates);

}  // namespace headgate::templating::kustomize
