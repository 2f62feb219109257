#pragma once

#include <optional>
#include <string_view>

namespace headgate::templating::helm {

// The schemas of schemas, drafts 4, 6, 7, 2019-09 and 2020-12, by URL. Nothing for other URLs.
std::optional<std::string_view> MetaschemaText(std::string_view url);

}  // namespace headgate::templating::helm
