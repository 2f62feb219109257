// Any bytes are a template or an error that says where; the lexer comes to an end, in order.
#include <cstdint>
#include <string>

#include "templating/helm/chart/engine.h"
#include "templating/helm/template/lexer.h"
#include "templating/helm/template/templates.h"
#include "tests/fuzz/fuzzed.h"

namespace helm = headgate::templating::helm;
using headgate::fuzz::Fail;

namespace {

void CutIntoTokens(std::string_view text) {
  helm::Lexer lexer(text);
  uint32_t last = 0;
  for (size_t count = 0;; ++count) {
    const helm::Token token = lexer.Next();
    if (token.kind == helm::TokenKind::kError || token.kind == helm::TokenKind::kEnd) return;
    if (token.position < last || token.position + token.text.size() > text.size()) {
      Fail("a token outside of the text, or before another", text);
    }
    last = token.position;
    if (count > 2 * text.size() + 2) Fail("more tokens than bytes", text);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  CutIntoTokens(text);
  helm::Templates templates(&helm::ChartFunctions(), headgate::fuzz::SmallLimits().render);
  if (const auto added = templates.Add("c/templates/a.yaml", text); !added) {
    if (added.error().text().find("c/templates/a.yaml") == std::string::npos) {
      Fail("an error without its place", added.error().text());
    }
    return 0;
  }
  helm::Template* found = templates.Find("c/templates/a.yaml");
  if (!found) Fail("parsed, and not there", text);
  if (templates.Ready(found).code.empty()) Fail("parsed, and no code", text);
  return 0;
}
