// What sprig does with texts: quoting, joining, cutting, indenting.

#include <algorithm>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "templating/helm/functions/functions.h"
#include "templating/helm/functions/split.h"
#include "templating/helm/functions/values.h"
#include "templating/helm/strconv.h"
#include "templating/helm/unicode.h"

namespace headgate::templating::helm {
namespace {

Value Contains(Call& call) {
  return Value::Bool(call.Text(1).find(call.Text(0)) != std::string_view::npos);
}
Value HasPrefix(Call& call) { return Value::Bool(call.Text(1).starts_with(call.Text(0))); }
Value HasSuffix(Call& call) { return Value::Bool(call.Text(1).ends_with(call.Text(0))); }

Value TrimPrefix(Call& call) {
  std::string_view text = call.Text(1);
  if (text.starts_with(call.Text(0))) text.remove_prefix(call.Text(0).size());
  return Value::Text(text);
}
Value TrimSuffix(Call& call) {
  std::string_view text = call.Text(1);
  if (text.ends_with(call.Text(0))) text.remove_suffix(call.Text(0).size());
  return Value::Text(text);
}

// Where the last character of a text begins, as Go's DecodeLastRune finds it.
size_t LastRune(std::string_view text) {
  size_t start = text.size() - 1;
  while (start > 0 && text.size() - start < 4 && (text[start] & 0xc0) == 0x80) --start;
  std::string_view tail = text.substr(start);
  TakeRune(&tail);
  return tail.empty() ? start : text.size() - 1;
}

template <class Cut>
std::string_view Trimmed(std::string_view text, Cut cut) {
  while (!text.empty()) {
    std::string_view rest = text;
    if (!cut(TakeRune(&rest))) break;
    text = rest;
  }
  while (!text.empty()) {
    const size_t last = LastRune(text);
    std::string_view tail = text.substr(last);
    if (!cut(TakeRune(&tail))) break;
    text = text.substr(0, last);
  }
  return text;
}

Value Trim(Call& call) { return Value::Text(Trimmed(call.Text(0), IsSpace)); }

Value TrimAll(Call& call) {
  const std::string_view set = call.Text(0);
  return Value::Text(Trimmed(call.Text(1), [set](char32_t rune) {
    for (std::string_view rest = set; !rest.empty();) {
      if (TakeRune(&rest) == rune) return true;
    }
    return false;
  }));
}

// Of bytes: those that are spaces when taken as characters of Latin-1 go, and others that are not
// ASCII become such characters. As there.
Value NoSpace(Call& call) {
  const std::string_view text = call.Text(0);
  const auto space = [](char c) { return IsSpace(static_cast<unsigned char>(c)); };
  if (std::none_of(text.begin(), text.end(), space)) return call[0];
  std::string made;
  for (const char c : text) {
    if (!space(c)) AppendRune(&made, static_cast<unsigned char>(c));
  }
  return call.New(made);
}

Value Repeat(Call& call) {
  const int64_t count = call.Int(0);
  const std::string_view text = call.Text(1);
  if (count < 0) return call.Fail("strings: negative Repeat count");
  if (text.empty() || count == 0) return Value::Text({});
  const auto times = static_cast<uint64_t>(count);
  if (times > std::numeric_limits<size_t>::max() / text.size()) {
    call.Fits(SIZE_MAX);
    return {};
  }
  const size_t size = times * text.size();
  if (!call.Fits(size)) return {};
  char* made = call.heap()->NewText(size);
  for (size_t i = 0; i < times; ++i) std::memcpy(made + i * text.size(), text.data(), text.size());
  return Value::Text({made, size});
}

Value Replace(Call& call) {
  const std::string_view old = call.Text(0), with = call.Text(1), text = call.Text(2);
  if (old == with) return call[2];
  std::string made;
  const auto append = [&](std::string_view part) {
    made += part;
    return made.size() <= call.context().limits.text_bytes || !call.Fits(SIZE_MAX);
  };
  if (old.empty()) {  // before each character, and at the end
    append(with);
    for (std::string_view rest = text; !rest.empty() && !call.failed(); append(with)) {
      const std::string_view from = rest;
      TakeRune(&rest);
      append(from.substr(0, from.size() - rest.size()));
    }
    return call.New(made);
  }
  size_t at = 0;
  for (size_t found; (found = text.find(old, at)) != std::string_view::npos && !call.failed();) {
    append(text.substr(at, found - at));
    append(with);
    at = found + old.size();
  }
  if (at == 0) return call[2];
  append(text.substr(at));
  return call.failed() ? Value() : call.New(made);
}

std::string_view Indented(Call& call, int64_t spaces, std::string_view text, bool newline) {
  if (spaces < 0) {
    call.Fail("strings: negative Repeat count");
    return {};
  }
  const auto width = static_cast<size_t>(spaces);
  const auto lines = static_cast<size_t>(std::count(text.begin(), text.end(), '\n')) + 1;
  if (width > call.context().limits.text_bytes || !call.Fits(text.size() + lines * width + 1)) {
    call.Fits(SIZE_MAX);
    return {};
  }
  const size_t size = text.size() + lines * width + (newline ? 1 : 0);
  char* const made = call.heap()->NewText(size);
  char* out = made;
  if (newline) *out++ = '\n';
  while (true) {
    out = std::fill_n(out, width, ' ');
    const size_t end = text.find('\n');
    const size_t taken = end == std::string_view::npos ? text.size() : end + 1;
    out = std::copy_n(text.data(), taken, out);
    text.remove_prefix(taken);
    if (end == std::string_view::npos) return {made, size};
  }
}

Value Indent(Call& call) { return Value::Text(Indented(call, call.Int(0), call.Text(1), false)); }
Value NIndent(Call& call) { return Value::Text(Indented(call, call.Int(0), call.Text(1), true)); }

Value Quoted(Call& call) {
  std::string made;
  bool first = true;
  for (const Value& value : call.arguments()) {
    if (value.is_nil()) continue;
    if (!std::exchange(first, false)) made += ' ';
    AppendQuoted(&made, ShowText(call, value));
  }
  return call.Fits(made.size()) ? call.New(made) : Value();
}

Value SingleQuoted(Call& call) {
  std::string made;
  bool first = true;
  for (const Value& value : call.arguments()) {
    if (value.is_nil()) continue;
    if (!std::exchange(first, false)) made += ' ';
    made.append("'").append(ShowPlain(call, value)).append("'");
  }
  return call.Fits(made.size()) ? call.New(made) : Value();
}

Value Cat(Call& call) {
  std::string made;
  bool first = true;
  for (const Value& value : call.arguments()) {
    if (value.is_nil()) continue;
    if (!std::exchange(first, false)) made += ' ';
    made += ShowPlain(call, value);
  }
  return call.Fits(made.size()) ? call.New(made) : Value();
}

Value Trunc(Call& call) {
  const int64_t count = call.Int(0);
  const std::string_view text = call.Text(1);
  const auto size = static_cast<int64_t>(text.size());
  if (count < 0 && count > -size)
    return Value::Text(text.substr(static_cast<size_t>(size + count)));
  if (count >= 0 && size > count) return Value::Text(text.substr(0, static_cast<size_t>(count)));
  return call[1];
}

Value Substr(Call& call) {
  int64_t from = call.Int(0), to = call.Int(1);
  const std::string_view text = call.Text(2);
  if (from < 0) {
    from = 0;
  } else if (to < 0 || to > static_cast<int64_t>(text.size())) {
    to = static_cast<int64_t>(text.size());
  }
  if (!CheckSlice(call, from, to, text.size())) return {};
  return Value::Text(text.substr(static_cast<size_t>(from), static_cast<size_t>(to - from)));
}

Value Plural(Call& call) { return call.Int(2) == 1 ? call[0] : call[1]; }

Value ToString(Call& call) { return Value::Text(ShowText(call, call[0])); }

// sprig's strslice: a list's items as texts, without nils; anything else as the only one.
std::vector<std::string_view> Texts(Call& call, const Value& value) {
  std::vector<std::string_view> texts;
  if (!value.is_list()) {
    if (!value.is_nil()) texts.push_back(ShowText(call, value));
    return texts;
  }
  texts.reserve(value.size());
  for (size_t i = 0; i < value.size(); ++i) {
    const Value item = Item(value, i);
    if (!item.is_nil()) texts.push_back(ShowText(call, item));
  }
  return texts;
}

Value ToStrings(Call& call) {
  return call[0].type() == Type::kStrings ? call[0] : NewTexts(call, Texts(call, call[0]));
}

Value Join(Call& call) {
  const std::vector<std::string_view> texts = Texts(call, call[1]);
  const std::string_view separator = call.Text(0);
  size_t size = 0;
  for (const std::string_view text : texts) size += text.size() + separator.size();
  if (call.failed() || !call.Fits(size)) return {};
  std::string made;
  made.reserve(size);
  for (size_t i = 0; i < texts.size(); ++i) {
    if (i > 0) made += separator;
    made += texts[i];
  }
  return call.New(made);
}

Value SortAlpha(Call& call) {
  std::vector<std::string_view> texts;
  if (call[0].is_list()) {
    texts = Texts(call, call[0]);
    std::sort(texts.begin(), texts.end());
  } else {
    texts = {ShowText(call, call[0])};
  }
  const Value sorted = NewTexts(call, texts);
  // Go sorts a []string where it is.
  if (call[0].type() != Type::kStrings || call.failed()) return sorted;
  std::copy(sorted.items().begin(), sorted.items().end(), call.items(0).begin());
  return call[0];
}

// "_0", "_1", ...: the parts of a text.
Value Numbered(Call& call, const std::vector<std::string_view>& parts) {
  if (!call.Fits(parts.size() * sizeof(Map::Entry))) return {};
  Map* map = call.heap()->NewMap(parts.size());
  for (size_t i = 0; i < parts.size(); ++i) {
    map->Set(call.heap()->Copy("_" + std::to_string(i)), Value::Text(parts[i]), call.heap());
  }
  return Value::Of(map, Type::kStringMap);
}

std::vector<std::string_view> Parts(Call& call, std::string_view separator, std::string_view text,
                                    int64_t most) {
  if (!call.Fits(CountParts(text, separator) * sizeof(Value))) return {};
  return SplitText(text, separator, most);
}

Value Split(Call& call) { return Numbered(call, Parts(call, call.Text(0), call.Text(1), -1)); }
Value SplitN(Call& call) {
  return Numbered(call, Parts(call, call.Text(0), call.Text(2), call.Int(1)));
}
Value SplitList(Call& call) { return NewTexts(call, Parts(call, call.Text(0), call.Text(1), -1)); }

Value Hello(Call&) { return Value::Text("Hello!"); }

constexpr Type kText = Type::kString;
constexpr Function kFunctions[] = {
    {"hello", {}, Hello},
    {"contains", {kText, kText}, Contains},
    {"hasPrefix", {kText, kText}, HasPrefix},
    {"hasSuffix", {kText, kText}, HasSuffix},
    {"trim", {kText}, Trim},
    {"trimall", {kText, kText}, TrimAll},
    {"trimAll", {kText, kText}, TrimAll},
    {"trimPrefix", {kText, kText}, TrimPrefix},
    {"trimSuffix", {kText, kText}, TrimSuffix},
    {"nospace", {kText}, NoSpace},
    {"repeat", {Type::kInt, kText}, Repeat},
    {"replace", {kText, kText, kText}, Replace},
    {"indent", {Type::kInt, kText}, Indent},
    {"nindent", {Type::kInt, kText}, NIndent},
    {"quote", Params().Rest(Type::kAny), Quoted},
    {"squote", Params().Rest(Type::kAny), SingleQuoted},
    {"cat", Params().Rest(Type::kAny), Cat},
    {"trunc", {Type::kInt, kText}, Trunc},
    {"substr", {Type::kInt, Type::kInt, kText}, Substr},
    {"plural", {kText, kText, Type::kInt}, Plural},
    {"toString", {Type::kAny}, ToString},
    {"toStrings", {Type::kAny}, ToStrings},
    {"join", {kText, Type::kAny}, Join},
    {"sortAlpha", {Type::kAny}, SortAlpha},
    {"split", {kText, kText}, Split},
    {"splitn", {kText, Type::kInt, kText}, SplitN},
    {"splitList", {kText, kText}, SplitList},
};

}  // namespace

void AddStrings(FunctionTable* table) { table->Add(kFunctions); }

}  // namespace headgate::templating::helm
