#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "templating/yaml/parse.h"

namespace headgate::templating::yaml {
namespace {

// {key: value, ...}, [item, ...]; strings in quotes, other scalars behind the letter of their kind.
std::string Show(const Node& node) {
  constexpr std::string_view kLetters = "nbif\"tyMmso";
  std::string shown;
  if (node.is_scalar()) {
    if (node.tag == Tag::kOther)
      return std::string(node.extra->tag) + " " + std::string(node.text());
    const char letter = kLetters[static_cast<size_t>(node.tag)];
    shown = letter + std::string(node.text());
    return letter == '"' ? shown + '"' : shown;
  }
  for (const Node* child : node.children()) {
    if (!shown.empty()) shown += shown.ends_with(": ") ? "" : ", ";
    const bool key = node.is_mapping() && !shown.ends_with(": ");
    shown += Show(*child) + (key ? ": " : "");
  }
  return node.is_mapping() ? "{" + shown + "}" : "[" + shown + "]";
}

std::string Read(std::string_view text) {
  Arena arena;
  const auto documents = Parse(text, "f", &arena);
  if (!documents) return documents.error().text();
  std::string shown;
  for (const Node* document : *documents) shown += (shown.empty() ? "" : " | ") + Show(*document);
  return shown;
}

struct Case {
  const char* name;
  const char* text;
  const char* want;
};
class YamlTreeTest : public testing::TestWithParam<Case> {};

const Case kCases[] = {
    {"ReadsNothing", "", ""},
    {"ReadsBlocks", "a: 1\nb:\n- x\n- y: z\n  w:\nc: {d: [e]}\n",
     "{\"a\": i1, \"b\": [\"x\", {\"y\": \"z\", \"w\": n}], \"c\": {\"d\": [\"e\"]}}"},
    {"ParsesDocumentsApart", "a\n---\n---\nb\n...\n", "\"a\" | n | \"b\""},
    {"TypesAsTheReferenceDoes", "[yes, 0o14, 014, 0x1F, 1_000, 1e3, .5, ~, True, 2001-01-01, 08]",
     "[\"yes\", i0o14, i014, i0x1F, i1_000, f1e3, f.5, n~, bTrue, t2001-01-01, f08]"},
    {"TakesTagsAsWritten", "[!!str 1, !!int x, !mine 2, ! 3]", "[\"1\", ix, !mine 2, i3]"},
    {"ExpandsAliases", "a: &x {b: 1}\nc: *x\n", "{\"a\": {\"b\": i1}, \"c\": {\"b\": i1}}"},
    {"MergesMappings", "a: &x {b: 1, c: 1}\nd:\n  <<: *x\n  b: 2\n",
     "{\"a\": {\"b\": i1, \"c\": i1}, \"d\": {\"b\": i2, \"c\": i1}}"},
    {"FoldsText", "a: >-\n  b\n  c\n\n  d\ne: |2+\n    f\n\n",
     "{\"a\": \"b c\nd\", \"e\": \"  f\n\n\"}"},
    {"NamesAKeyGivenTwice", "a: 1\nb: 2\na: 3\n",
     "f:3:1: key \"a\" is given twice; it stands in line 1 already"},
    {"NamesAMissingAnchor", "a: *b\n", "f:1:4: an anchor \"&b\" expected above its alias"},
    {"NamesATab", "a:\n\tb: c\n", "f:2:1: spaces expected as indentation, a tab found"},
};

TEST_P(YamlTreeTest, ReadsOrSaysWhy) { EXPECT_EQ(Read(GetParam().text), GetParam().want); }
INSTANTIATE_TEST_SUITE_P(Yaml, YamlTreeTest, testing::ValuesIn(kCases),
                         [](const auto& test) { return test.param.name; });

TEST(Piece, KeepsTheLinesOfItsFile) {
  Arena arena;
  const ParseOptions options{.first_line = 41};
  const auto documents = Parse("a: 1\nb: 2\n", "f", &arena, options);
  ASSERT_TRUE(documents);
  EXPECT_EQ(documents->front()->Find("b")->line, 42u);
  EXPECT_TRUE(Parse("a: 1\n- b\n", "f", &arena, options).error().text().starts_with("f:42:"));
  EXPECT_TRUE(Parse("a: 1\nb: \x01", "f", &arena, options).error().text().starts_with("f:42:4:"));
}

TEST(Piece, IsReadToTheEndOfItsFirstDocument) {
  Arena arena;
  const auto documents = Parse("a: 1\n---\n}", "f", &arena, {.first_only = true});
  ASSERT_TRUE(documents) << documents.error().text();
  EXPECT_EQ(documents->size(), 1u);
}

}  // namespace
}  // namespace headgate::templating::yaml
