#include "templating/helm/functions/regex_syntax.h"

#include <algorithm>
#include <cctype>
#include <map>

namespace headgate::templating::helm {
namespace {

// Unicode's long names of its categories, as Go compares them: without separators, in lower case
// but for the first letter.
const std::map<std::string_view, std::string_view> kCategories = {
    {"Closepunctuation", "Pe"},
    {"Combiningmark", "M"},
    {"Connectorpunctuation", "Pc"},
    {"Control", "Cc"},
    {"Currencysymbol", "Sc"},
    {"Dashpunctuation", "Pd"},
    {"Decimalnumber", "Nd"},
    {"Enclosingmark", "Me"},
    {"Finalpunctuation", "Pf"},
    {"Format", "Cf"},
    {"Initialpunctuation", "Pi"},
    {"Letter", "L"},
    {"Letternumber", "Nl"},
    {"Lineseparator", "Zl"},
    {"Lowercaseletter", "Ll"},
    {"Mark", "M"},
    {"Mathsymbol", "Sm"},
    {"Modifierletter", "Lm"},
    {"Modifiersymbol", "Sk"},
    {"Nonspacingmark", "Mn"},
    {"Number", "N"},
    {"Openpunctuation", "Ps"},
    {"Otherletter", "Lo"},
    {"Othernumber", "No"},
    {"Otherpunctuation", "Po"},
    {"Othersymbol", "So"},
    {"Paragraphseparator", "Zp"},
    {"Privateuse", "Co"},
    {"Punctuation", "P"},
    {"Separator", "Z"},
    {"Spaceseparator", "Zs"},
    {"Spacingmark", "Mc"},
    {"Surrogate", "Cs"},
    {"Symbol", "S"},
    {"Titlecaseletter", "Lt"},
    {"Uppercaseletter", "Lu"},
    {"Cntrl", "Cc"},
    {"Digit", "Nd"},
    {"Punct", "P"},
};

std::string Canonical(std::string_view name) {
  std::string canonical;
  for (const char c : name) {
    if (c == '_' || c == '-' || c == ' ') continue;
    const auto byte = static_cast<unsigned char>(c);
    canonical += static_cast<char>(canonical.empty() ? std::toupper(byte) : std::tolower(byte));
  }
  const auto found = kCategories.find(canonical);
  return found == kCategories.end() ? canonical : std::string(found->second);
}

class Translator {
 public:
  explicit Translator(std::string_view pattern) : rest_(pattern) { result_.names = {""}; }
  RegexSyntax Translate();

 private:
  void Copy(size_t bytes);
  void Escape(bool in_class);
  void Property(bool in_class);
  void Class();
  void Group();
  void Fail(std::string_view why, std::string_view where);

  std::string_view rest_;
  RegexSyntax result_;
};

RegexSyntax Translator::Translate() {
  while (!rest_.empty() && result_.error.empty()) {
    switch (rest_.front()) {
      case '\\':
        Escape(false);
        break;
      case '[':
        Class();
        break;
      case '(':
        Group();
        break;
      default:
        Copy(1);
    }
  }
  return std::move(result_);
}

void Translator::Copy(size_t bytes) {
  result_.pattern += rest_.substr(0, bytes);
  rest_.remove_prefix(std::min(bytes, rest_.size()));
}

void Translator::Fail(std::string_view why, std::string_view where) {
  result_.error = std::string(why) + ": `" + std::string(where) + "`";
}

void Translator::Escape(bool in_class) {
  const char kind = rest_.size() > 1 ? rest_[1] : '\0';
  if (kind == 'Q' && !in_class) {
    const size_t end = rest_.find("\\E");
    Copy(end == std::string_view::npos ? rest_.size() : end + 2);
  } else if (kind == 'C') {
    Fail("invalid escape sequence", rest_.substr(0, 2));
  } else if ((kind == 'p' || kind == 'P') && rest_.size() > 2 && rest_[2] == '{') {
    Property(in_class);
  } else {
    Copy(2);
  }
}

// \p{Name}, \P{Name}, \p{^Name}
void Translator::Property(bool in_class) {
  const size_t end = rest_.find('}');
  if (end == std::string_view::npos) return Copy(3);
  std::string_view name = rest_.substr(3, end - 3);
  bool negative = rest_[1] == 'P';
  if (name.starts_with('^')) {
    negative = !negative;
    name.remove_prefix(1);
  }
  const std::string canonical = Canonical(name);
  std::string made;
  if (canonical == "Ascii") {
    made = negative ? "\\x{80}-\\x{10FFFF}" : "\\x00-\\x7F";
    if (!in_class) made = "[" + made + "]";
  } else if ((canonical == "Lc" || canonical == "Casedletter") && !(negative && in_class)) {
    made = "\\p{Lu}\\p{Ll}\\p{Lt}";
    if (!in_class) made = (negative ? "[^" : "[") + made + "]";
  } else {
    made = (negative ? "\\P{" : "\\p{") + canonical + "}";
  }
  result_.pattern += made;
  rest_.remove_prefix(end + 1);
}

// [abc], [^]a], [[:alpha:]\d]
void Translator::Class() {
  Copy(rest_.starts_with("[^") ? 2 : 1);
  for (bool first = true; !rest_.empty() && result_.error.empty(); first = false) {
    if (rest_.front() == ']' && !first) return Copy(1);
    const size_t end = rest_.starts_with("[:") ? rest_.find(":]", 2) : std::string_view::npos;
    if (end != std::string_view::npos) {
      Copy(end + 2);
    } else if (rest_.front() == '\\') {
      Escape(true);
    } else {
      Copy(1);
    }
  }
}

void Translator::Group() {
  if (!rest_.starts_with("(?")) {
    result_.names.emplace_back();
    return Copy(1);
  }
  const size_t start = rest_.starts_with("(?P<") && rest_.size() > 4  ? 4
                       : rest_.starts_with("(?<") && rest_.size() > 3 ? 3
                                                                      : 0;
  if (start == 0) return Copy(2);
  const size_t end = rest_.find('>');
  if (end == std::string_view::npos) return Fail("invalid named capture", rest_);
  const std::string_view name = rest_.substr(start, end - start);
  const bool valid = !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return c < 0x80 && (std::isalnum(c) || c == '_');
  });
  if (!valid) return Fail("invalid named capture", rest_.substr(0, end + 1));
  result_.names.emplace_back(name);
  result_.pattern += '(';
  rest_.remove_prefix(end + 1);
}

}  // namespace

RegexSyntax TranslateRegex(std::string_view pattern) { return Translator(pattern).Translate(); }

}  // namespace headgate::templating::helm
