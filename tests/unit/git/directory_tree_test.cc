#include "git/directory_tree.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/unit/net/child_process.h"

namespace headgate::git {
namespace {

using core::FileTree;
namespace fs = std::filesystem;

class DirectoryTreeTest : public testing::Test {
 protected:
  DirectoryTreeTest() {
    test::WriteFile(at("root/a/file"), "bytes");
    test::WriteFile(at("root/.git/config"), "x");
    test::WriteFile(at("outside"), "secret");
    fs::create_symlink("a/file", at("root/near"));
    fs::create_symlink("../outside", at("root/out"));
    fs::create_symlink(at("outside"), at("root/absolute"));
    fs::create_symlink("nothing", at("root/nowhere"));
    fs::create_symlink("loop", at("root/loop"));
    fs::create_symlink("a", at("root/directory"));
    mkfifo(at("root/pipe").c_str(), 0600);
    tree_ = *OpenDirectory(at("root"));
  }
  fs::path at(const std::string& path) const { return directory_.path() / path; }

  const test::TemporaryDirectory directory_;
  std::shared_ptr<const FileTree> tree_;
};

TEST_F(DirectoryTreeTest, ReadsFilesAndLinksWithin) {
  EXPECT_EQ(*tree_->Read("a/file"), "bytes");
  EXPECT_EQ(*tree_->Read("near"), "bytes");
  EXPECT_EQ(*tree_->Read("directory/file"), "bytes");
  EXPECT_EQ(tree_->Read("missing").error().fault(), core::Fault::kNotFound);
  EXPECT_EQ(tree_->Read("a").error().fault(), core::Fault::kInvalid);
}

TEST_F(DirectoryTreeTest, FindsFilesAfterADirectoryThatIsNotThere) {
  for (const char* path : {"near", "a/file"}) {
    EXPECT_EQ(*tree_->Read(path), "bytes");
    EXPECT_EQ(tree_->TypeOf("missing/file"), FileTree::Type::kNone);
    EXPECT_EQ(*tree_->Read(path), "bytes");
  }
}

TEST_F(DirectoryTreeTest, FollowsNoLinkOut) {
  for (const char* path : {"out", "absolute", "nowhere", "loop", "pipe"}) {
    EXPECT_EQ(tree_->TypeOf(path), FileTree::Type::kNone) << path;
    EXPECT_EQ(tree_->Read(path).error().fault(), core::Fault::kInvalid) << path;
  }
  EXPECT_EQ(tree_->TypeOf("../outside"), FileTree::Type::kNone);
  EXPECT_FALSE(tree_->Read("../outside").ok());
}

TEST_F(DirectoryTreeTest, KnowsWhereAPathLeads) {
  using Paths = std::vector<std::string>;
  EXPECT_EQ(tree_->Through("a/file"), Paths{"a/file"});
  EXPECT_EQ(tree_->Through("near"), (Paths{"near", "a/file"}));
  EXPECT_EQ(tree_->Through("directory/file"), (Paths{"directory", "a/file"}));
  EXPECT_EQ(tree_->Through(""), Paths{""});
  EXPECT_EQ(tree_->Through("missing"), Paths{"missing"});
}

TEST_F(DirectoryTreeTest, ListsByNameWithoutGit) {
  using Type = FileTree::Type;
  EXPECT_EQ(*tree_->List(""), (std::vector<FileTree::Entry>{{"a", Type::kDirectory},
                                                            {"absolute", Type::kNone},
                                                            {"directory", Type::kDirectory},
                                                            {"loop", Type::kNone},
                                                            {"near", Type::kFile},
                                                            {"nowhere", Type::kNone},
                                                            {"out", Type::kNone},
                                                            {"pipe", Type::kNone}}));
  EXPECT_EQ(tree_->List("near").error().fault(), core::Fault::kNotFound);
}

TEST_F(DirectoryTreeTest, BoundsFiles) {
  test::WriteFile(at("root/large"), "x");
  fs::resize_file(at("root/large"), FileTree::kFileBytesMax + 1);
  EXPECT_EQ(tree_->Read("large").error().fault(), core::Fault::kInvalid);
}

TEST_F(DirectoryTreeTest, NeedsADirectory) {
  EXPECT_EQ(OpenDirectory(at("missing")).error().fault(), core::Fault::kNotFound);
  EXPECT_EQ(OpenDirectory(at("outside")).error().fault(), core::Fault::kNotFound);
}

}  // namespace
}  // namespace headgate::git
