#include "core/read_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace headgate::core {
namespace {

using testing::ElementsAre;

TEST(RecordingTreeTest, NotesWhatIsReadListedAndMissed) {
  const MemoryTree files({{"a/x.yaml", "x"}, {"b", "b"}});
  const RecordingTree tree(files);
  EXPECT_EQ(*tree.Read("a/x.yaml"), "x");
  EXPECT_EQ(tree.TypeOf("a/missing"), FileTree::Type::kNone);
  EXPECT_EQ(tree.List("a")->size(), 1u);
  EXPECT_THAT(tree.read().paths(), ElementsAre("a", "a/missing", "a/x.yaml"));
  EXPECT_EQ(tree.read().size(), 4u);  // the listing, too
}

struct TouchCase {
  const char* name;
  Changes changes;
  const char* touched;  // "" for none
};

class ReadSetTest : public testing::TestWithParam<TouchCase> {};

TEST_P(ReadSetTest, FindsTheFirstChangeThatMatters) {
  ReadSet read;
  read.AddPath("app/kustomization.yaml");
  read.AddPath("app/web.yaml");
  read.AddPath("app/kustomization.yml");  // looked for in vain
  read.AddPath("plain");
  read.AddListing("plain");
  EXPECT_EQ(read.FirstTouched(GetParam().changes).value_or(""), GetParam().touched);
}

INSTANTIATE_TEST_SUITE_P(
    Core, ReadSetTest,
    testing::Values(TouchCase{"Nothing", {}, ""},
                    TouchCase{"OtherFiles", {{"app/README.md"}, {"app2"}, {"app2/web.yaml"}}, ""},
                    TouchCase{"Bytes", {{"app/web.yaml", true}}, "app/web.yaml"},
                    TouchCase{"Appeared", {{"app/kustomization.yml"}}, "app/kustomization.yml"},
                    TouchCase{"NewInListing", {{"plain/new.yaml"}}, "plain/new.yaml"},
                    TouchCase{"UnreadBytesInListing", {{"plain/notes.md", true}}, ""},
                    TouchCase{"BelowListing", {{"plain/below/x.yaml"}}, ""},
                    TouchCase{"DirectoryGone", {{"app"}, {"app/web.yaml"}}, "app/web.yaml"}),
    [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace headgate::core
