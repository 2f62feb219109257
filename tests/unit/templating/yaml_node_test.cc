#include <gtest/gtest.h>

#include <string>

#include "templating/yaml/node.h"

namespace headgate::templating::yaml {
namespace {

std::string Keys(const Node& mapping) {
  std::string keys;
  for (size_t i = 0; i < mapping.entries(); ++i) keys += mapping.key(i)->text();
  return keys;
}

TEST(YamlNodeTest, SetsInPlaceAndAppendsWhatIsNew) {
  Arena arena;
  Node* mapping = arena.NewMapping();
  for (const char* key : {"a", "b", "c", "d", "e", "b"}) {
    mapping->Set(&arena, key, arena.NewScalar(arena.Join({key, "!"})));
  }
  mapping->Set(&arena, "b", arena.NewInt(-7));
  EXPECT_EQ(Keys(*mapping), "abcde");
  EXPECT_EQ(mapping->TextAt("b"), "-7");
  EXPECT_TRUE(mapping->Erase("a"));
  EXPECT_FALSE(mapping->Erase("a"));
  EXPECT_EQ(Keys(*mapping), "bcde");
}

TEST(YamlNodeTest, MakesMappingsOfNothingAndNullOnly) {
  Arena arena;
  Node* root = arena.NewMapping();
  root->Set(&arena, "null", arena.NewNull());
  root->Set(&arena, "text", arena.NewScalar("x"));
  EXPECT_NE(root->MakeMapping(&arena, "new"), nullptr);
  const Node* made = root->MakeMapping(&arena, "null");
  EXPECT_EQ(made, root->Find("null"));
  EXPECT_EQ(made, root->MakeMapping(&arena, "null"));
  EXPECT_EQ(root->MakeMapping(&arena, "text"), nullptr);
}

TEST(YamlNodeTest, InsertsAndErasesItems) {
  Arena arena;
  Node* list = arena.NewSequence();
  for (const char* text : {"b", "d"}) list->Append(&arena, arena.NewScalar(text));
  list->Insert(&arena, 0, arena.NewScalar("a"));
  list->Insert(&arena, 2, arena.NewScalar("c"));
  list->Insert(&arena, 4, arena.NewScalar("e"));
  list->EraseItem(1);
  std::string texts;
  for (const Node* item : list->children()) texts += item->text();
  EXPECT_EQ(texts, "acde");
}

TEST(YamlNodeTest, ClonesDeeplyAndComparesWithoutOrder) {
  Arena arena;
  Node* a = arena.NewMapping();
  a->MakeMapping(&arena, "x")->Set(&arena, "y", arena.NewBool(true));
  a->Set(&arena, "z", arena.NewSequence());
  Node* copy = arena.Clone(*a);
  EXPECT_TRUE(Equal(*a, *copy));
  copy->Find("x")->Set(&arena, "y", arena.NewBool(false));
  EXPECT_FALSE(Equal(*a, *copy));
  EXPECT_EQ(a->TextAt("x", "y"), "true");

  Node* turned = arena.NewMapping();
  turned->Set(&arena, "z", arena.NewSequence());
  turned->MakeMapping(&arena, "x")->Set(&arena, "y", arena.NewBool(true));
  EXPECT_TRUE(Equal(*a, *turned));
  turned->Find("x")->Set(&arena, "y", arena.NewScalar("true"));  // a string, no bool
  EXPECT_FALSE(Equal(*a, *turned));
}

}  // namespace
}  // namespace headgate::templating::yaml
