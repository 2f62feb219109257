// What libyaml and yaml-cpp make of a text, beside what Headgate makes of it: for every YAML file
// of the project and of its corpus, and for generated documents.
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>
#include <yaml.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "templating/yaml/parse.h"

namespace headgate::templating::yaml {
namespace {

// "{", "[", then what is inside, "}" or "]"; scalars with the letter of their style, or without.
std::string ShowScalar(std::string_view text, char style) {
  return std::string(1, style) + "<" + std::string(text) + ">";
}

void Show(const Node& node, bool styles, std::string* shown) {
  if (node.is_scalar()) {
    constexpr std::string_view kStyles = "psdlf";
    *shown += ShowScalar(node.text(), styles ? kStyles[static_cast<size_t>(node.style)] : '.');
    return;
  }
  *shown += node.is_mapping() ? '{' : '[';
  for (const Node* child : node.children()) Show(*child, styles, shown);
  *shown += node.is_mapping() ? '}' : ']';
}

std::string Ours(std::string_view text, bool styles) {
  Arena arena;
  ParseOptions options;
  options.merge_keys = options.unique_keys = false;
  const auto documents = Parse(text, "f", &arena, options);
  if (!documents) return "refused";
  std::string shown;
  for (const Node* document : *documents) {
    shown += "--- ";
    Show(*document, styles, &shown);
  }
  return shown;
}

class LibYaml {
 public:
  explicit LibYaml(std::string_view text) {
    yaml_parser_initialize(&parser_);
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()),
                                 text.size());
  }
  ~LibYaml() { yaml_parser_delete(&parser_); }
  LibYaml(const LibYaml&) = delete;
  LibYaml& operator=(const LibYaml&) = delete;

  std::string Show() {
    for (bool more = true; more;) {
      yaml_event_t event;
      if (!yaml_parser_parse(&parser_, &event)) return "refused";
      more = event.type != YAML_STREAM_END_EVENT && Take(event);
      yaml_event_delete(&event);
    }
    return lost_ ? "refused" : shown_;
  }

 private:
  static std::string Text(const yaml_char_t* text) {
    return text ? std::string(reinterpret_cast<const char*>(text)) : std::string();
  }
  void Begin(const yaml_char_t* anchor, char bracket) {
    open_.emplace_back(Text(anchor), shown_.size());
    shown_ += bracket;
  }
  void End(char bracket) {
    shown_ += bracket;
    const auto [anchor, start] = open_.back();
    open_.pop_back();
    if (!anchor.empty()) anchored_[anchor] = shown_.substr(start);
  }
  bool Take(const yaml_event_t& event) {
    switch (event.type) {
      case YAML_DOCUMENT_START_EVENT:
        shown_ += "--- ";
        anchored_.clear();
        break;
      case YAML_SCALAR_EVENT: {
        constexpr std::string_view kStyles = "?psdlf";
        const std::string_view text(reinterpret_cast<const char*>(event.data.scalar.value),
                                    event.data.scalar.length);
        const std::string scalar =
            ShowScalar(text, kStyles[static_cast<size_t>(event.data.scalar.style)]);
        shown_ += scalar;
        if (event.data.scalar.anchor) anchored_[Text(event.data.scalar.anchor)] = scalar;
        break;
      }
      case YAML_ALIAS_EVENT: {
        const auto found = anchored_.find(Text(event.data.alias.anchor));
        lost_ |= found == anchored_.end();
        if (!lost_) shown_ += found->second;
        break;
      }
      case YAML_MAPPING_START_EVENT:
        Begin(event.data.mapping_start.anchor, '{');
        break;
      case YAML_SEQUENCE_START_EVENT:
        Begin(event.data.sequence_start.anchor, '[');
        break;
      case YAML_MAPPING_END_EVENT:
        End('}');
        break;
      case YAML_SEQUENCE_END_EVENT:
        End(']');
        break;
      default:
        break;
    }
    return !lost_;
  }

  yaml_parser_t parser_;
  std::string shown_;
  std::vector<std::pair<std::string, size_t>> open_;
  std::map<std::string, std::string> anchored_;
  bool lost_ = false;  // an alias without anchor
};

void Show(const YAML::Node& node, std::string* shown) {
  if (node.IsMap()) {
    *shown += '{';
    for (const auto& entry : node) {
      Show(entry.first, shown);
      Show(entry.second, shown);
    }
    *shown += '}';
  } else if (node.IsSequence()) {
    *shown += '[';
    for (const auto& item : node) Show(item, shown);
    *shown += ']';
  } else {
    *shown += ShowScalar(node.IsNull() ? std::string() : node.Scalar(), '.');
  }
}

std::string YamlCpp(std::string_view text) {
  try {
    std::string shown;
    for (const YAML::Node& document : YAML::LoadAll(std::string(text))) {
      shown += "--- ";
      Show(document, &shown);
    }
    return shown;
  } catch (const YAML::Exception&) {
    return "refused";
  }
}

// yaml-cpp keeps no text of a null.
std::string WithoutNulls(std::string shown) {
  for (const std::string_view null : {".<~>", ".<null>", ".<Null>", ".<NULL>"}) {
    for (size_t at; (at = shown.find(null)) != std::string::npos;) {
      shown.replace(at, null.size(), ".<>");
    }
  }
  return shown;
}

// Random documents in all styles, valid always.
class Generator {
 public:
  explicit Generator(uint32_t seed) : random_(seed) {}

  std::string Document() {
    out_.clear();
    if (OneIn(4)) out_ += "---\n";
    if (OneIn(2)) {
      Mapping(0, 0, true);
    } else {
      Sequence(0, 0, true);
    }
    if (OneIn(8)) out_ += "# the end\n";
    if (OneIn(10)) out_ += "...\n";
    return out_;
  }

 private:
  uint32_t Next() { return static_cast<uint32_t>(random_()); }
  bool OneIn(uint32_t n) { return Next() % n == 0; }
  template <size_t kSize>
  std::string_view Any(const std::string_view (&of)[kSize]) {
    return of[Next() % kSize];
  }
  void Indent(int indent) { out_.append(static_cast<size_t>(indent), ' '); }

  std::string Word() {
    constexpr std::string_view kWords[] = {"a",    "b-c", "d_e", "x1", "10",  "é",    "日本",
                                           "v1.2", "a:b", "a#b", "-x", "1e3", "...x", "p/q"};
    return std::string(Any(kWords));
  }
  std::string Line() {
    std::string line = Word();
    while (OneIn(2)) line += " " + Word();
    return line;
  }
  void EndLine() {
    if (OneIn(6)) out_ += "  # " + Word();
    out_ += '\n';
    if (OneIn(10)) out_ += '\n';
  }

  void Quoted(int indent) {
    constexpr std::string_view kEscapes[] = {"\\n", "\\t", "\\u00e9", "\\x41", "\\\\", "\\\"", " "};
    if (OneIn(2)) {
      out_ += "'" + Line() + (OneIn(3) ? "''s" : "");
      if (OneIn(6)) out_ += "\n" + std::string(static_cast<size_t>(indent) + 1, ' ') + Word();
      out_ += "'";
      return;
    }
    out_ += "\"" + Line();
    while (OneIn(2)) out_ += std::string(Any(kEscapes)) + Word();
    out_ += "\"";
  }
  void Flow(int depth) {
    const bool mapping = OneIn(2);
    out_ += mapping ? "{" : "[";
    for (uint32_t i = Next() % 3; i-- > 0;) {
      if (mapping) out_ += "k" + std::to_string(i) + ": ";
      if (depth < 3 && OneIn(4)) {
        Flow(depth + 1);
      } else {
        constexpr std::string_view kPlain[] = {"a", "b c", "1", "\"q\"", "'s'", "~", "x-y"};
        out_ += Any(kPlain);
      }
      if (i > 0) out_ += OneIn(3) ? ",\n    " : ", ";
    }
    out_ += mapping ? "}" : "]";
  }
  void Block(int indent) {
    constexpr std::string_view kHeads[] = {"|", ">", "|-", ">-", "|+", ">+"};
    out_ += Any(kHeads);
    out_ += '\n';
    for (uint32_t lines = 1 + Next() % 3; lines-- > 0;) {
      Indent(indent + 2);
      out_ += Line() + '\n';
      if (OneIn(4)) out_ += '\n';
    }
  }

  // Behind "key:" or "-", whose own line it may end.
  void Value(int indent, int depth, bool dashes) {
    const uint32_t kind = Next() % 12;
    if (depth < 4 && kind < 3) {
      EndLine();
      return Mapping(indent + 2, depth + 1, true);
    }
    if (depth < 4 && kind == 3) {
      EndLine();
      return Sequence(dashes && OneIn(2) ? indent : indent + 2, depth + 1, true);
    }
    out_ += ' ';
    if (kind == 4) return Block(indent);
    if (kind == 5) {
      Flow(0);
    } else if (kind == 6) {
      Quoted(indent);
    } else if (kind == 7) {
      out_ += Line() + "\n" + std::string(static_cast<size_t>(indent) + 2, ' ') + Line();
    } else if (kind == 8) {
      name_ = "n" + std::to_string(Next() % 3);
      out_ += "&" + name_ + " " + Word();
    } else if (kind == 9 && !name_.empty() && out_.find("&" + name_ + " ") != std::string::npos) {
      out_ += "*" + name_;
    } else if (kind > 9) {
      out_ += Line();
    }
    EndLine();
  }
  void Mapping(int indent, int depth, bool indented) {
    for (uint32_t i = 0, size = 1 + Next() % 3; i < size; ++i) {
      if (i > 0 || indented) Indent(indent);
      if (OneIn(8)) {
        out_ += "\"q" + std::to_string(i) + "\":";
      } else {
        out_ += "key" + std::to_string(i) + ":";
      }
      Value(indent, depth, true);
    }
  }
  void Sequence(int indent, int depth, bool indented) {
    for (uint32_t i = 0, size = 1 + Next() % 3; i < size; ++i) {
      if (i > 0 || indented) Indent(indent);
      out_ += '-';
      if (depth < 4 && OneIn(3)) {
        out_ += ' ';
        if (OneIn(3)) {
          Sequence(indent + 2, depth + 1, false);
        } else {
          Mapping(indent + 2, depth + 1, false);
        }
      } else {
        Value(indent, depth, false);
      }
    }
  }

  std::mt19937 random_;
  std::string out_;
  std::string name_;
};

void ExpectAgreement(const std::string& text, bool yaml_cpp, const std::string& what) {
  const std::string ours = Ours(text, true);
  ASSERT_EQ(ours, LibYaml(text).Show()) << what << ", libyaml:\n" << text;
  // yaml-cpp keeps one line break of those that "+" keeps.
  if (!yaml_cpp || ours == "refused" || text.find(">+") != std::string::npos) return;
  ASSERT_EQ(WithoutNulls(Ours(text, false)), WithoutNulls(YamlCpp(text))) << what << ", yaml-cpp:\n"
                                                                          << text;
}

// HEADGATE_YAML_DOCUMENTS=100000 tries as many.
TEST(YamlSecondOpinion, AgreesOnGeneratedDocuments) {
  const char* wanted = std::getenv("HEADGATE_YAML_DOCUMENTS");
  const uint32_t count = wanted ? static_cast<uint32_t>(std::atoi(wanted)) : 3000;
  for (uint32_t seed = 0; seed < count && !HasFatalFailure(); ++seed) {
    // yaml-cpp is slow; every tenth shows as much.
    ExpectAgreement(Generator(seed).Document(), seed % 10 == 0, "seed " + std::to_string(seed));
  }
}

std::string Contents(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// How many were compared.
size_t CompareFiles(const std::filesystem::path& folder) {
  size_t compared = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    const std::string extension = entry.path().extension();
    if (!entry.is_regular_file() || (extension != ".yaml" && extension != ".yml")) continue;
    const std::string text = Contents(entry.path());
    ++compared;
    ExpectAgreement(text, false, entry.path());
    if (testing::Test::HasFatalFailure()) break;
  }
  return compared;
}

TEST(YamlSecondOpinion, AgreesOnTheProjectsFiles) {
  size_t compared = 0;
  for (const char* folder : {"tests", "install", "demo"}) {
    compared += CompareFiles(std::filesystem::path(HEADGATE_SOURCE_DIR) / folder);
  }
  EXPECT_GT(compared, 50u);
}

TEST(YamlSecondOpinion, AgreesOnTheCorpus) {
  const std::string folder = testing::TempDir() + "headgate_yaml_corpus";
  std::filesystem::create_directories(folder);
  const std::string command = "tar --zstd -xf '" HEADGATE_SOURCE_DIR
                              "/tests/conformance/kustomize.tar.zst' -C '" +
                              folder + "' 2>/dev/null";
  ASSERT_EQ(std::system(command.c_str()), 0) << "tar and zstd are needed: scripts/setup";
  EXPECT_GT(CompareFiles(folder), 1000u);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace headgate::templating::yaml
