#include <array>
#include <charconv>
#include <string>

#include "templating/yaml/resolve.h"
#include "templating/yaml/text_writer.h"

namespace headgate::templating::yaml {
namespace {

constexpr size_t kSimpleKeyBytes = 128;

}  // namespace

bool IsSimpleKey(std::string_view key) {
  if (key.size() > kSimpleKeyBytes) return false;
  return IsPlainWord(key) || !StylesOf(key, false).multiline;
}

void PutString(std::string_view text, int indent, bool key, TextWriter* writer) {
  if (IsPlainWord(text) && !IsSpecialIn11(text)) return writer->Put(text);
  const TextStyles styles = StylesOf(text, false);
  if (text.find('\n') != std::string_view::npos) {
    if (!styles.block || key) return writer->DoubleQuoted(text, indent, !key);
    writer->BlockHeader('|', text);
    writer->LineBreak();
    return writer->Literal(text, indent);
  }
  if (IsSpecialIn11(text) || !styles.single_quoted) return writer->DoubleQuoted(text, indent, !key);
  if (!styles.plain) return writer->SingleQuoted(text, indent, !key);
  writer->Plain(text, indent, !key);
}

std::string ShowFloat(double number) {
  std::array<char, 400> buffer{};
  const auto show = [&](std::chars_format format) {
    const auto end =
        std::to_chars(buffer.data(), buffer.data() + buffer.size(), number, format).ptr;
    return std::string(buffer.data(), end);
  };
  const std::string scientific = show(std::chars_format::scientific);
  const int exponent = std::stoi(scientific.substr(scientific.find('e') + 1));
  return exponent < -4 || exponent >= 6 ? scientific : show(std::chars_format::fixed);
}

}  // namespace headgate::templating::yaml
