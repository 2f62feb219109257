#include "templating/helm/template/builtins.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "templating/helm/template/comparison.h"
#include "templating/helm/template/printf.h"
#include "templating/helm/unicode.h"

namespace headgate::templating::helm {
namespace {

// Helm's

Value Required(Call& call) {
  const Value& value = call[1];
  if (value.is_nil() || (value.is_string() && value.text().empty())) {
    return call.FailForUser(std::string(call.Text(0)));
  }
  return value;
}

Value FailCall(Call& call) { return call.FailForUser(std::string(call.Text(0))); }

// Printing

Value Printed(Call& call, bool fits, const std::string& text) {
  if (fits && call.Fits(text.size())) return call.New(text);
  if (call.failed()) return {};
  return call.Fail("what is printed is nested too deeply, or larger than the limit of " +
                   std::to_string(call.context().limits.text_bytes) + " bytes");
}

Value Print(Call& call) {
  std::string text;
  const bool fits = AppendPrint(&text, call.arguments(), call.context().limits.text_bytes);
  return Printed(call, fits, text);
}

Value Println(Call& call) {
  std::string text;
  const bool fits = AppendPrintln(&text, call.arguments(), call.context().limits.text_bytes);
  return Printed(call, fits, text);
}

Value Printf(Call& call) {
  std::string text;
  const bool fits =
      AppendPrintf(&text, call.Text(0), call.From(1), call.context().limits.text_bytes);
  return Printed(call, fits, text);
}

// The text that an escaping function escapes: its arguments as the template would print them.
std::optional<std::string> Joined(Call& call) {
  if (call.size() == 1 && call[0].is_string()) return std::string(call[0].text());
  std::vector<Value> shown(call.arguments().begin(), call.arguments().end());
  for (Value& value : shown) {
    if (value.is_nil()) value = Value::Text("<no value>");
  }
  std::string text;
  const bool fits = AppendPrint(&text, shown, call.context().limits.text_bytes);
  Printed(call, fits, text);
  return call.failed() ? std::nullopt : std::optional(std::move(text));
}

Value Html(Call& call) {
  const std::optional<std::string> text = Joined(call);
  if (!text) return {};
  std::string escaped;
  for (const char c : *text) {
    switch (c) {
      case '\0':
        escaped += "\uFFFD";
        break;
      case '"':
        escaped += "&#34;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      default:
        escaped += c;
    }
  }
  return Printed(call, true, escaped);
}

void AppendCode(std::string* out, char32_t code) {
  const Value number = Value::Int(static_cast<int64_t>(code));
  AppendPrintf(out, "\\u%04X", {&number, 1}, out->size() + 100);
}

Value Js(Call& call) {
  const std::optional<std::string> text = Joined(call);
  if (!text) return {};
  std::string escaped;
  for (std::string_view rest = *text; !rest.empty();) {
    const std::string_view before = rest;
    const char32_t rune = TakeRune(&rest);
    const std::string_view bytes = before.substr(0, before.size() - rest.size());
    if (rune == '\\' || rune == '\'' || rune == '"') {
      escaped.append("\\").append(bytes);
    } else if (rune < ' ' || rune == '<' || rune == '>' || rune == '&' || rune == '=') {
      AppendCode(&escaped, rune);
    } else if (rune < 0x80 || IsPrint(rune)) {
      escaped.append(bytes);
    } else {
      AppendCode(&escaped, rune);
    }
  }
  return Printed(call, true, escaped);
}

Value UrlQuery(Call& call) {
  const std::optional<std::string> text = Joined(call);
  if (!text) return {};
  constexpr std::string_view kHex = "0123456789ABCDEF";
  constexpr std::string_view kKept = "-_.~";
  std::string escaped;
  for (const char c : *text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool word = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (word || kKept.find(c) != std::string_view::npos) {
      escaped += c;
    } else if (c == ' ') {
      escaped += '+';
    } else {
      escaped.append({'%', kHex[byte >> 4], kHex[byte & 15]});
    }
  }
  return Printed(call, true, escaped);
}

// Containers

Value Len(Call& call) {
  const Value& value = call[0];
  if (value.is_string() || value.is_list() || value.is_map()) {
    return Value::Int(static_cast<int64_t>(value.size()));
  }
  if (value.type() == Type::kNil) {
    return call.Fail("reflect: call of reflect.Value.Type on zero Value");
  }
  if (value.is_nil() || value.is_null_reference()) return call.Fail("len of nil pointer");
  return call.Fail("len of type " + std::string(TypeName(value)));
}

// A place in something of that size; nothing where it has failed.
std::optional<size_t> Place(Call& call, const Value& index, size_t size) {
  if (index.is_nil()) {
    call.Fail("cannot index slice/array with nil");
  } else if (!index.is_integer()) {
    call.Fail("cannot index slice/array with type " + std::string(TypeName(index)));
  } else if (index.integer() < 0 || static_cast<uint64_t>(index.integer()) > size) {
    call.Fail("index out of range: " + std::to_string(index.integer()));
  } else {
    return static_cast<size_t>(index.integer());
  }
  return std::nullopt;
}

Value Element(Call& call, const Value& item, const Value& index) {
  if (item.is_list() || item.is_string()) {
    const std::optional<size_t> place = Place(call, index, item.size());
    if (!place) return {};
    if (*place < item.size()) return item.At(*place);
    return call.Fail(item.is_list() ? "reflect: slice index out of range"
                                    : "reflect: string index out of range");
  }
  if (!item.is_map()) return call.Fail("can't index item of type " + std::string(TypeName(item)));
  if (index.is_nil()) return call.Fail("value is nil; should be of type string");
  if (!index.is_string()) {
    return call.Fail("value has type " + std::string(TypeName(index)) + "; should be string");
  }
  const Value* found = item.map() ? item.map()->Find(index.text()) : nullptr;
  return found && !found->is_nil() ? *found : Zero(Info(item.type()).element);
}

Value Index(Call& call) {
  if (call[0].is_nil()) return call.Fail("index of untyped nil");
  Value item = call[0];
  for (const Value& index : call.From(1)) {
    if (item.is_nil()) return call.Fail("index of nil pointer");
    item = Element(call, item, index);
    if (call.failed()) return {};
  }
  return item;
}

// Go's own; charts know sprig's.
Value Slice(Call& call) {
  const Value& item = call[0];
  if (item.is_nil()) return call.Fail("slice of untyped nil");
  if (call.size() > 4) {
    return call.Fail("too many slice indexes: " + std::to_string(call.size() - 1));
  }
  if (!item.is_string() && !item.is_list()) {
    return call.Fail("can't slice item of type " + std::string(TypeName(item)));
  }
  if (item.is_string() && call.size() == 4) return call.Fail("cannot 3-index slice a string");
  size_t places[3] = {0, item.size(), item.size()};
  for (size_t i = 1; i < call.size(); ++i) {
    const std::optional<size_t> place = Place(call, call[i], item.size());
    if (!place) return {};
    places[i - 1] = *place;
  }
  if (places[0] > places[1] || places[1] > places[2]) {
    const size_t at = places[0] > places[1] ? 0 : 1;
    return call.Fail("invalid slice index: " + std::to_string(places[at]) + " > " +
                     std::to_string(places[at + 1]));
  }
  const size_t size = places[1] - places[0];
  if (item.is_string()) return Value::Text(item.text().substr(places[0], size));
  if (item.type() == Type::kBytes) return Value::Bytes(item.text().substr(places[0], size));
  return Value::List(item.items().subspan(places[0], size), item.type());
}

Value Not(Call& call) { return Value::Bool(!IsTrue(call[0])); }

constexpr Function kFunctions[] = {
    {"and", Params({Type::kReflect}).Rest(Type::kReflect), nullptr, Special::kAnd},
    {"or", Params({Type::kReflect}).Rest(Type::kReflect), nullptr, Special::kOr},
    {"not", {Type::kReflect}, Not},
    {"call", Params({Type::kReflect}).Rest(Type::kReflect), nullptr, Special::kCall},
    {"eq", Params({Type::kReflect}).Rest(Type::kReflect), Equal},
    {"ne", {Type::kReflect, Type::kReflect}, NotEqual},
    {"lt", {Type::kReflect, Type::kReflect}, Less},
    {"le", {Type::kReflect, Type::kReflect}, LessOrEqual},
    {"gt", {Type::kReflect, Type::kReflect}, Greater},
    {"ge", {Type::kReflect, Type::kReflect}, GreaterOrEqual},
    {"index", Params({Type::kReflect}).Rest(Type::kReflect), Index},
    {"slice", Params({Type::kReflect}).Rest(Type::kReflect), Slice},
    {"len", {Type::kReflect}, Len},
    {"print", Params().Rest(Type::kAny), Print},
    {"println", Params().Rest(Type::kAny), Println},
    {"printf", Params({Type::kString}).Rest(Type::kAny), Printf},
    {"html", Params().Rest(Type::kAny), Html},
    {"js", Params().Rest(Type::kAny), Js},
    {"urlquery", Params().Rest(Type::kAny), UrlQuery},
    {"include", {Type::kString, Type::kAny}, nullptr, Special::kInclude},
    {"tpl", {Type::kString, Type::kAny}, nullptr, Special::kTpl},
    {"required", {Type::kString, Type::kAny}, Required},
    {"fail", {Type::kString}, FailCall},
};

}  // namespace

std::span<const Function> Builtins() { return kFunctions; }

}  // namespace headgate::templating::helm
