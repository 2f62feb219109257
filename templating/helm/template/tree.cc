#include "templating/helm/template/tree.h"

#include <algorithm>
#include <cmath>

#include "templating/helm/strconv.h"
#include "templating/helm/unicode.h"

namespace headgate::templating::helm {
namespace {

void Append(std::string* out, const Node& node);

void AppendInParentheses(std::string* out, const Node& node) {
  if (node.kind != NodeKind::kPipe) return Append(out, node);
  out->push_back('(');
  Append(out, node);
  out->push_back(')');
}

void AppendPipe(std::string* out, const Node& pipe) {
  for (size_t i = 0; i < pipe.variables().size(); ++i) {
    if (i > 0) out->append(", ");
    Append(out, *pipe.variables()[i]);
  }
  if (!pipe.variables().empty()) out->append(pipe.flag ? " = " : " := ");
  for (size_t i = 0; i < pipe.items().size(); ++i) {
    if (i > 0) out->append(" | ");
    Append(out, *pipe.items()[i]);
  }
}

void Append(std::string* out, const Node& node) {
  switch (node.kind) {
    case NodeKind::kAction:
      out->append("{{");
      Append(out, *node.items()[0]);
      out->append("}}");
      return;
    case NodeKind::kTemplate:
      out->append("{{template ");
      AppendQuoted(out, node.text());
      if (node.items()[0]) {
        out->push_back(' ');
        Append(out, *node.items()[0]);
      }
      out->append("}}");
      return;
    case NodeKind::kPipe:
      return AppendPipe(out, node);
    case NodeKind::kCommand:
      for (size_t i = 0; i < node.items().size(); ++i) {
        if (i > 0) out->push_back(' ');
        AppendInParentheses(out, *node.items()[i]);
      }
      return;
    case NodeKind::kChain:
      AppendInParentheses(out, *node.items()[0]);
      for (const std::string_view name : node.names()) out->append(".").append(name);
      return;
    case NodeKind::kField:
      for (const std::string_view name : node.names()) out->append(".").append(name);
      return;
    case NodeKind::kVariable:
      for (size_t i = 0; i < node.names().size(); ++i) {
        if (i > 0) out->push_back('.');
        out->append(node.names()[i]);
      }
      return;
    default:
      out->append(node.text());
  }
}

bool FitsIn(double number, double from, double below) {
  return number >= from && number < below && number == std::trunc(number);
}

// The integers that a float is.
void AddIntegers(Number* number) {
  if (!number->is_int && FitsIn(number->real, -0x1p63, 0x1p63)) {
    number->is_int = true;
    number->integer = static_cast<int64_t>(number->real);
  }
  if (!number->is_uint && FitsIn(number->real, 0, 0x1p64)) {
    number->is_uint = true;
    number->natural = static_cast<uint64_t>(number->real);
  }
}

Number Simplified(std::complex<double> complex) {
  Number number;
  number.is_complex = true;
  number.complex = complex;
  if (complex.imag() == 0) {
    number.is_float = true;
    number.real = complex.real();
    AddIntegers(&number);
  }
  return number;
}

std::optional<Number> ReadCharacter(std::string_view text, std::string* error) {
  bool malformed = false;
  const std::optional<char32_t> rune = UnquoteChar(text, &malformed);
  if (!rune) {
    *error = "invalid syntax";
    return std::nullopt;
  }
  if (malformed) {
    *error = "malformed character constant: " + std::string(text);
    return std::nullopt;
  }
  const auto code = static_cast<int64_t>(*rune);
  return Number{
      true, true, true, false, code, static_cast<uint64_t>(code), static_cast<double>(code), {}};
}

// "1+2i": where the second part begins is the last sign that is not an exponent's.
std::optional<Number> ReadComplex(std::string_view text, std::string* error) {
  size_t sign = text.size();
  for (size_t i = 1; i < text.size(); ++i) {
    const char before = static_cast<char>(text[i - 1] | 0x20);
    if ((text[i] == '+' || text[i] == '-') && before != 'e' && before != 'p') sign = i;
  }
  const Parsed<double> real = ParseFloat(text.substr(0, sign));
  const Parsed<double> imaginary =
      ParseFloat(text.substr(std::min(sign, text.size() - 1), text.size() - 1 - sign));
  if (sign == text.size() || !real || !imaginary) {
    *error = "syntax error scanning complex number";
    return std::nullopt;
  }
  return Simplified({real.number, imaginary.number});
}

}  // namespace

std::string Show(const Node& node) {
  std::string out;
  Append(&out, node);
  return out;
}

std::optional<Number> ReadNumber(std::string_view text, bool character, bool complex,
                                 std::string* error) {
  if (character) return ReadCharacter(text, error);
  if (complex) return ReadComplex(text, error);
  if (!text.empty() && text.back() == 'i') {
    if (const Parsed<double> imaginary = ParseFloat(text.substr(0, text.size() - 1))) {
      return Simplified({0, imaginary.number});
    }
  }
  Number number;
  if (const Parsed<uint64_t> natural = ParseUint(text, 0)) {
    number.is_uint = true;
    number.natural = natural.number;
  }
  if (const Parsed<int64_t> integer = ParseInt(text, 0)) {
    number.is_int = true;
    number.integer = integer.number;
    number.is_uint = number.is_uint || integer.number == 0;  // -0
  }
  if (number.is_int || number.is_uint) {
    number.is_float = true;
    number.real =
        number.is_int ? static_cast<double>(number.integer) : static_cast<double>(number.natural);
    return number;
  }
  const Parsed<double> real = ParseFloat(text);
  if (!real) {
    *error = "illegal number syntax: " + Quote(text);
    return std::nullopt;
  }
  if (text.find_first_of(".eEpP") == std::string_view::npos) {
    *error = "integer overflow: " + Quote(text);
    return std::nullopt;
  }
  number.is_float = true;
  number.real = real.number;
  AddIntegers(&number);
  return number;
}

bool IsEmpty(const Node& list) {
  return std::all_of(list.items().begin(), list.items().end(), [](const Node* node) {
    if (node->kind != NodeKind::kText) return false;
    std::string_view text = node->text();
    while (!text.empty()) {
      if (!IsSpace(TakeRune(&text))) return false;
    }
    return true;
  });
}

}  // namespace headgate::templating::helm
