#include "templating/helm/functions/split.h"

#include "templating/helm/unicode.h"

namespace headgate::templating::helm {
namespace {

std::vector<std::string_view> Characters(std::string_view text, int64_t most) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    if (most > 0 && static_cast<int64_t>(parts.size()) == most - 1) {
      parts.push_back(text);
      break;
    }
    std::string_view rest = text;
    TakeRune(&rest);
    parts.push_back(text.substr(0, text.size() - rest.size()));
    text = rest;
  }
  return parts;
}

}  // namespace

std::vector<std::string_view> SplitText(std::string_view text, std::string_view separator,
                                        int64_t most) {
  if (most == 0) return {};
  if (separator.empty()) return Characters(text, most);
  std::vector<std::string_view> parts;
  size_t at = 0;
  while (most < 0 || static_cast<int64_t>(parts.size()) < most - 1) {
    const size_t found = text.find(separator, at);
    if (found == std::string_view::npos) break;
    parts.push_back(text.substr(at, found - at));
    at = found + separator.size();
  }
  parts.push_back(text.substr(at));
  return parts;
}

size_t CountParts(std::string_view text, std::string_view separator) {
  if (separator.empty()) return CountRunes(text);
  size_t count = 1;
  for (size_t at = 0; (at = text.find(separator, at)) != std::string_view::npos;) {
    at += separator.size();
    ++count;
  }
  return count;
}

}  // namespace headgate::templating::helm
