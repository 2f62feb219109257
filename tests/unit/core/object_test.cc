#include "core/object.h"

#include <gtest/gtest.h>

#include "core/file_tree.h"
#include "core/json.h"

namespace headgate::core {
namespace {

Value Json(std::string_view text) { return *ParseJson(text); }

TEST(ObjectRef, IsShownAsPeopleWriteIt) {
  EXPECT_EQ(Show(ObjectRef{"apps", "Deployment", "shop", "web"}), "Deployment shop/web");
  EXPECT_EQ(Show(ObjectRef{"", "Namespace", "", "shop"}), "Namespace shop");
  EXPECT_EQ(Show(ObjectRef{"headgate.dev", "Rollout", "shop", "shop"}),
            "Rollout.headgate.dev shop/shop");
}

TEST(Object, KnowsWhatItIs) {
  const Value body = Json(
      R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","namespace":"shop"},
                              "spec":{"template":{"spec":{}}}})");
  EXPECT_EQ(RefOf(body), (ObjectRef{"apps", "Deployment", "shop", "web"}));
  EXPECT_TRUE(CheckObject(body).ok());
  EXPECT_NE(PodTemplateOf(body), nullptr);
}

TEST(Object, IsRefusedWithTheFieldThatIsWrong) {
  const struct {
    const char* body;
    const char* want;
  } kCases[] = {{"[]", "a Kubernetes object is a mapping"},
                {R"({"kind":"A","metadata":{"name":"a"}})", "apiVersion is missing"},
                {R"({"apiVersion":"v1","metadata":{"name":"a"}})", "kind is missing"},
                {R"({"apiVersion":"v1","kind":"A"})", "A: metadata.name is missing"},
                {R"({"apiVersion":"v1","kind":"A","metadata":{"name":"../x"}})", "is no name"}};
  for (const auto& c : kCases) {
    const Status status = CheckObject(Json(c.body));
    ASSERT_FALSE(status.ok()) << c.body;
    EXPECT_NE(status.error().text().find(c.want), std::string::npos) << status.error().text();
  }
}

TEST(Clean, JoinsAndNeverLeavesTheRoot) {
  EXPECT_EQ(*Clean("a/b", "../c/./d"), "a/c/d");
  EXPECT_EQ(*Clean("a", ".."), "");
  EXPECT_EQ(*Clean("", "x//y/"), "x/y");
  EXPECT_FALSE(Clean("a", "../..").ok());
  EXPECT_FALSE(Clean("a", "/etc/passwd").ok());
}

TEST(MemoryTree, ListsFilesAndDirectories) {
  const MemoryTree tree({{"a/b.yaml", "1"}, {"a/c/d.yaml", "2"}, {"e", "3"}});
  EXPECT_EQ(tree.TypeOf("a"), FileTree::Type::kDirectory);
  EXPECT_EQ(tree.TypeOf("a/b.yaml"), FileTree::Type::kFile);
  EXPECT_EQ(tree.TypeOf("a/b"), FileTree::Type::kNone);
  const std::vector<FileTree::Entry> want = {{"b.yaml", FileTree::Type::kFile},
                                             {"c", FileTree::Type::kDirectory}};
  EXPECT_EQ(*tree.List("a"), want);
  EXPECT_EQ(*tree.Read("a/c/d.yaml"), "2");
  EXPECT_EQ(tree.Read("a").error().fault(), Fault::kInvalid);
  EXPECT_EQ(tree.Read("x").error().fault(), Fault::kNotFound);
}

}  // namespace
}  // namespace headgate::core
