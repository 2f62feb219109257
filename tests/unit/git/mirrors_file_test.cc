#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "git/mirrors.h"
#include "net/http.h"
#include "tests/unit/git/git_server.h"

namespace headgate::git {
namespace {

using core::FileTree;
using std::chrono_literals::operator""s;
using testing::ElementsAre;
using testing::HasSubstr;
namespace fs = std::filesystem;

class MirrorsFileTest : public testing::Test {
 protected:
  std::shared_ptr<const FileTree> Tree(const std::string& commit, const std::string& path = "") {
    const auto tree = mirrors_.Tree(remote_, commit, path);
    EXPECT_TRUE(tree.ok()) << tree.error().text();
    return tree ? *tree : nullptr;
  }

  const test::TemporaryDirectory directory_;
  test::Repository repository_{directory_.path() / "a repo.git"};
  const Remote remote_{"file://" + (directory_.path() / "a%20repo.git").string(), {}};
  net::Http http_;
  Mirrors mirrors_{directory_.path() / "mirrors", &http_, {.allow_file_urls = true}};
};

TEST_F(MirrorsFileTest, FollowsABranch) {
  EXPECT_THAT(mirrors_.Poll(remote_, "main", 0s).error().text(), HasSubstr("is empty"));
  const std::string first = repository_.Push({{"a/b/file", "one"}, {"same/file", "same"}});
  EXPECT_EQ(*mirrors_.Poll(remote_, "main", 0s), first);
  EXPECT_EQ(*Tree(first)->Read("a/b/file"), "one");
  const std::string second = repository_.Push({{"a/b/file", "two"}});
  EXPECT_EQ(*mirrors_.Poll(remote_, "main", 0s), second);
  EXPECT_EQ(*Tree(second)->Read("a/b/file"), "two");
  EXPECT_EQ(*Tree(second)->Read("same/file"), "same");
  EXPECT_THAT(mirrors_.Poll(remote_, "next", 0s).error().text(), HasSubstr("there is: main"));
  EXPECT_EQ(mirrors_.Tree(remote_, std::string(40, '1'), "").error().fault(),
            core::Fault::kNotFound);
}

TEST_F(MirrorsFileTest, NeedsARepository) {
  const Remote nowhere{"file://" + (directory_.path() / "nowhere").string(), {}};
  EXPECT_EQ(mirrors_.Poll(nowhere, "main", 0s).error().fault(), core::Fault::kNotFound);
}

TEST_F(MirrorsFileTest, GivesADirectoryOfTheCommit) {
  const std::string commit = repository_.Push({{"a/b/file", "one"}, {"out", "outside"}});
  const auto tree = Tree(commit, "a/./b/");
  EXPECT_EQ(*tree->Read("file"), "one");
  EXPECT_FALSE(tree->Read("../../out").ok());
  for (const char* path : {"missing", "out", "a/b/file"}) {
    EXPECT_EQ(mirrors_.Tree(remote_, commit, path).error().fault(), core::Fault::kNotFound) << path;
  }
  EXPECT_EQ(mirrors_.Tree(remote_, commit, "../x").error().fault(), core::Fault::kInvalid);
  EXPECT_EQ(mirrors_.Tree(remote_, "main", "").error().fault(), core::Fault::kInvalid);
}

// Links, a submodule, and names that sort otherwise than git's trees do.
class LinksTest : public MirrorsFileTest {
 protected:
  LinksTest() {
    const fs::path work = repository_.work();
    const std::string before = repository_.Push({{"a/b/file", "bytes"}, {"a.txt", "text"}});
    fs::create_symlink("b/file", work / "a/near");
    fs::create_symlink("../a/b", work / "a/dir");
    fs::create_symlink("../../a.txt", work / "a/b/up");
    fs::create_symlink("../../../outside", work / "a/b/out");
    fs::create_symlink("/etc/passwd", work / "absolute");
    fs::create_symlink("nothing", work / "nowhere");
    fs::create_symlink("loop", work / "loop");
    fs::create_symlink("file/below", work / "a/b/below-a-file");
    repository_.Run({"update-index", "--add", "--cacheinfo", "160000," + before + ",module"});
    fs::create_directory(work / "module");
    tree_ = Tree(repository_.Push({}));
  }
  std::shared_ptr<const FileTree> tree_;
};

TEST_F(LinksTest, AreFollowedWithinTheTree) {
  EXPECT_EQ(*tree_->Read("a/near"), "bytes");
  EXPECT_EQ(*tree_->Read("a/dir/file"), "bytes");
  EXPECT_EQ(*tree_->Read("a/dir/up"), "text");
  EXPECT_EQ(tree_->TypeOf("a/dir"), FileTree::Type::kDirectory);
  EXPECT_EQ(tree_->TypeOf("a/near"), FileTree::Type::kFile);
}

TEST_F(LinksTest, AreNeverFollowedOut) {
  for (const char* path : {"a/b/out", "absolute", "loop"}) {
    EXPECT_EQ(tree_->TypeOf(path), FileTree::Type::kNone) << path;
    EXPECT_EQ(tree_->Read(path).error().fault(), core::Fault::kInvalid) << path;
  }
  for (const char* path : {"nowhere", "a/b/below-a-file", "a/b/file/x", "missing"}) {
    EXPECT_EQ(tree_->TypeOf(path), FileTree::Type::kNone) << path;
    EXPECT_EQ(tree_->Read(path).error().fault(), core::Fault::kNotFound) << path;
  }
  // Below a/b the link to a.txt leads out.
  const std::string commit = *mirrors_.Poll(remote_, "main", 0s);
  EXPECT_EQ(Tree(commit, "a/b")->Read("up").error().fault(), core::Fault::kInvalid);
}

TEST_F(LinksTest, AreListedAsWhatTheyLeadTo) {
  using Type = FileTree::Type;
  EXPECT_EQ(*tree_->List(""), (std::vector<FileTree::Entry>{{"a", Type::kDirectory},
                                                            {"a.txt", Type::kFile},
                                                            {"absolute", Type::kNone},
                                                            {"loop", Type::kNone},
                                                            {"module", Type::kNone},
                                                            {"nowhere", Type::kNone}}));
  EXPECT_EQ(*tree_->List("a/dir"), (std::vector<FileTree::Entry>{{"below-a-file", Type::kNone},
                                                                 {"file", Type::kFile},
                                                                 {"out", Type::kNone},
                                                                 {"up", Type::kFile}}));
  EXPECT_EQ(tree_->Read("module").error().fault(), core::Fault::kInvalid);
  EXPECT_EQ(tree_->List("a.txt").error().fault(), core::Fault::kNotFound);
}

TEST_F(LinksTest, AreNamedByWhatALookDependsOn) {
  const auto through = [&](const char* path) { return tree_->Through(path); };
  EXPECT_THAT(through("a/b/file"), ElementsAre("a/b/file"));
  EXPECT_THAT(through("a/near"), ElementsAre("a/near", "a/b/file"));
  EXPECT_THAT(through("a/dir/up"), ElementsAre("a/dir", "a/b/up", "a.txt"));
  EXPECT_THAT(through("a/dir/missing/x"), ElementsAre("a/dir", "a/b/missing/x"));
  EXPECT_THAT(through("a/b/file/x"), ElementsAre("a/b/file/x"));
  EXPECT_THAT(through("nowhere"), ElementsAre("nowhere", "nothing"));
  EXPECT_THAT(through("absolute"), ElementsAre("absolute"));
  EXPECT_THAT(through("a/b/out"), ElementsAre("a/b/out"));
}

TEST_F(MirrorsFileTest, SaysWhereTwoCommitsDiffer) {
  const std::string first = repository_.Push(
      {{"same/deep/file", "same"}, {"a/file", "one"}, {"gone/x", "x"}, {"kind", "a file"}});
  Tree(first);  // the mirror has it
  fs::permissions(repository_.work() / "same/deep/file", fs::perms::owner_all);
  repository_.Push({{"gone/x", ""}, {"kind", ""}});
  const std::string second =
      repository_.Push({{"a/file", "two"}, {"a/new/x", "x"}, {"kind/x", "a directory"}});
  const auto changes = mirrors_.ChangesBetween(remote_, first, second);
  ASSERT_NE(changes, nullptr);
  EXPECT_THAT(*changes,
              ElementsAre(core::Change{"a/file", true}, core::Change{"a/new"},
                          core::Change{"a/new/x"}, core::Change{"gone"}, core::Change{"gone/x"},
                          core::Change{"kind"}, core::Change{"kind/x"}));
  EXPECT_EQ(mirrors_.ChangesBetween(remote_, first, second), changes) << "computed again";
  EXPECT_TRUE(mirrors_.ChangesBetween(remote_, second, second)->empty());
  EXPECT_EQ(mirrors_.ChangesBetween(remote_, std::string(40, '1'), second), nullptr);
}

TEST_F(MirrorsFileTest, BoundsFiles) {
  test::WriteFile(repository_.work() / "large", "x");
  fs::resize_file(repository_.work() / "large", FileTree::kFileBytesMax + 1);
  const auto tree = Tree(repository_.Push({}));
  EXPECT_EQ(tree->TypeOf("large"), FileTree::Type::kFile);
  EXPECT_EQ(tree->Read("large").error().fault(), core::Fault::kInvalid);
}

}  // namespace
}  // namespace headgate::git
