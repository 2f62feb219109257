#pragma once

#include <string>
#include <string_view>

namespace headgate::templating::helm {

// Names of several words, as huandu/xstrings 1.5.0 sees them: parted by spaces, underscores and
// hyphens, by changes of case ("HTTPServer" is http and server) and before most numbers.

std::string PascalCase(std::string_view text);                   // "HttpServer"
std::string JoinedWords(std::string_view text, char connector);  // "http_server"

}  // namespace headgate::templating::helm
