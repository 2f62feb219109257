#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace headgate::templating::helm {

// Go's strings.SplitN: at most `most` parts, the last with all that is left; all where that is
// negative. No separator parts the text into its characters. The parts view the text.
std::vector<std::string_view> SplitText(std::string_view text, std::string_view separator,
                                        int64_t most);

// How many parts that makes where all are wanted.
size_t CountParts(std::string_view text, std::string_view separator);

}  // namespace headgate::templating::helm
