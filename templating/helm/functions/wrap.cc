// Texts made narrower: wrapped at spaces, or cut with dots. Counted in bytes, as
// Masterminds/goutils 1.1.1 does.

#include <algorithm>
#include <string>
#include <string_view>

#include "templating/helm/functions/functions.h"

namespace headgate::templating::helm {
namespace {

// Lines of at most `width` bytes, parted at spaces. A longer word is cut where `cut_words` is set,
// and else has a line of its own. Spaces at the start of a line go.
Value Wrapped(Call& call, std::string_view text, int64_t columns, std::string_view newline,
              bool cut_words) {
  const auto width = static_cast<size_t>(std::max<int64_t>(1, columns));
  if (!call.Fits(text.size() + (text.size() / width + 1) * newline.size())) return {};
  std::string made;
  const auto line = [&](size_t size, size_t taken) {
    made.append(text.substr(0, size)).append(newline);
    text.remove_prefix(taken);
  };
  while (text.size() > width) {
    if (text.front() == ' ') {
      text.remove_prefix(1);
      continue;
    }
    if (const size_t space = text.rfind(' ', width); space != std::string_view::npos) {
      line(space, space + 1);
    } else if (cut_words) {
      line(width, width);
    } else if (const size_t end = text.find(' ', width); end != std::string_view::npos) {
      line(end, end + 1);
    } else {
      break;
    }
  }
  made += text;
  return call.New(made);
}

Value Wrap(Call& call) { return Wrapped(call, call.Text(1), call.Int(0), "\n", false); }

Value WrapWith(Call& call) {
  const std::string_view newline = call.Text(1).empty() ? "\n" : call.Text(1);
  return Wrapped(call, call.Text(2), call.Int(0), newline, true);
}

// At most `width` bytes: the first ones and dots, or those from `offset` on between dots.
std::string Abbreviated(std::string_view text, int64_t offset, int64_t width) {
  const auto size = static_cast<int64_t>(text.size());
  if (size <= width) return std::string(text);
  const auto part = [text](int64_t from, int64_t count) {
    return std::string(text.substr(static_cast<size_t>(from), static_cast<size_t>(count)));
  };
  offset = std::min(offset, size);
  if (size - offset < width - 3) offset = size - (width - 3);
  if (offset <= 4) return part(0, width - 3) + "...";
  if (width < 7) return "";
  if (offset + width - 3 >= size) return "..." + part(size - (width - 3), width - 3);
  return "..." + Abbreviated(text.substr(static_cast<size_t>(offset)), 0, width - 3);
}

Value Abbrev(Call& call) {
  const int64_t width = call.Int(0);
  return width < 4 ? call[1] : call.New(Abbreviated(call.Text(1), 0, width));
}

Value AbbrevBoth(Call& call) {
  const int64_t left = call.Int(0), right = call.Int(1);
  if (right < 4 || (left > 0 && right < 7)) return call[2];
  return call.New(Abbreviated(call.Text(2), left, right));
}

constexpr Type kText = Type::kString;
constexpr Function kFunctions[] = {
    {"wrap", {Type::kInt, kText}, Wrap},
    {"wrapWith", {Type::kInt, kText, kText}, WrapWith},
    {"abbrev", {Type::kInt, kText}, Abbrev},
    {"abbrevboth", {Type::kInt, Type::kInt, kText}, AbbrevBoth},
};

}  // namespace

void AddWraps(FunctionTable* table) { table->Add(kFunctions); }

}  // namespace headgate::templating::helm
