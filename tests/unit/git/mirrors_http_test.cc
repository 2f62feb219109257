#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "git/mirrors.h"
#include "net/http.h"
#include "tests/unit/git/git_server.h"

namespace headgate::git {
namespace {

using std::chrono_literals::operator""s;
using testing::HasSubstr;

class MirrorsHttpTest : public testing::Test {
 protected:
  std::unique_ptr<Mirrors> Make(Mirrors::Options options = {}) {
    options.clock = &clock_;
    return std::make_unique<Mirrors>(directory_.path(), &http_, options);
  }
  std::string Poll(Mirrors& mirrors, const Remote& remote, const std::string& branch = "main") {
    const core::Result<std::string> id = mirrors.Poll(remote, branch, 0s);
    return id ? *id : std::string(core::Show(id.error().fault())) + ": " + id.error().text();
  }
  // What a file holds in a commit, or the error.
  std::string Read(Mirrors& mirrors, const Remote& remote, const std::string& commit,
                   const std::string& file) {
    const auto tree = mirrors.Tree(remote, commit, "");
    if (!tree) return std::string(core::Show(tree.error().fault())) + ": " + tree.error().text();
    const core::Result<std::string> bytes = (*tree)->Read(file);
    return bytes ? *bytes : bytes.error().text();
  }

  const test::TemporaryDirectory directory_;
  test::GitServer server_;
  core::HandClock clock_;
  net::Http http_;
};

// Of each protocol: the same story.
class EitherVersionTest : public MirrorsHttpTest,
                          public testing::WithParamInterface<const char*> {};

TEST_P(EitherVersionTest, FollowsABranch) {
  test::Repository& repository = server_.repository();
  const Remote remote{server_.Url(GetParam()), {}};
  const std::unique_ptr<Mirrors> mirrors = Make();
  EXPECT_THAT(Poll(*mirrors, remote), HasSubstr("not found: "));
  EXPECT_THAT(Poll(*mirrors, remote), HasSubstr("the repository is empty"));

  const std::string first = repository.Push({{"a/file", "one"}, {"other", "same"}});
  EXPECT_EQ(Poll(*mirrors, remote), first);
  EXPECT_EQ(Read(*mirrors, remote, first, "a/file"), "one");

  const std::string second = repository.Push({{"a/file", "two"}});
  EXPECT_EQ(Poll(*mirrors, remote), second);
  EXPECT_EQ(Read(*mirrors, remote, second, "a/file"), "two");
  EXPECT_EQ(Read(*mirrors, remote, second, "other"), "same");
  EXPECT_EQ(Read(*mirrors, remote, first, "a/file"), "one");

  // Pushed by force: another history, then back to the first commit.
  repository.BeginAnew();
  const std::string unrelated = repository.Push({{"a/file", "three"}});
  EXPECT_EQ(Poll(*mirrors, remote), unrelated);
  EXPECT_EQ(Read(*mirrors, remote, unrelated, "a/file"), "three");
  ASSERT_EQ(repository.Run({"push", "-q", "-f", repository.bare().string(), first + ":main"}), 0);
  EXPECT_EQ(Poll(*mirrors, remote), first);
  EXPECT_EQ(Read(*mirrors, remote, first, "a/file"), "one");

  repository.Push({{"x", "y"}}, "next");
  ASSERT_EQ(test::RunGit(repository.bare(), {"update-ref", "-d", "refs/heads/main"}), 0);
  EXPECT_EQ(Poll(*mirrors, remote),
            "not found: " + remote.url + ": no branch main; there is: next");
  EXPECT_EQ(mirrors->counts().fetches, 3U);
}
INSTANTIATE_TEST_SUITE_P(Protocol, EitherVersionTest, testing::Values("git", "v0"),
                         [](const auto& test) { return std::string(test.param); });

TEST_F(MirrorsHttpTest, FetchesNothingWhereNothingMoved) {
  const std::string commit = server_.repository().Push({{"file", "one"}});
  const Remote remote{server_.Url(), {}};
  const std::unique_ptr<Mirrors> mirrors = Make();
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(Poll(*mirrors, remote), commit);
    EXPECT_EQ(Read(*mirrors, remote, commit, "file"), "one");
  }
  // The first listing asks what the server speaks; then one request each, and one fetch.
  const std::string post = "POST 200 /git/repo.git/git-upload-pack";
  EXPECT_EQ(server_.StopAndReadLog(),
            (std::vector<std::string>{"GET 200 /git/repo.git/info/refs", post, post, post, post}));
  EXPECT_EQ(mirrors->counts().listings, 3U);
  EXPECT_EQ(mirrors->counts().fetches, 1U);
}

TEST_F(MirrorsHttpTest, AnswersFromAYoungListing) {
  test::Repository& repository = server_.repository();
  const std::string main = repository.Push({{"file", "one"}});
  const std::string next = repository.Push({{"file", "two"}}, "next");
  const Remote remote{server_.Url(), {}};
  const std::unique_ptr<Mirrors> mirrors = Make();
  EXPECT_EQ(*mirrors->Poll(remote, "main", 30s), main);
  EXPECT_EQ(*mirrors->Poll(remote, "main", 30s), main);
  EXPECT_EQ(mirrors->counts().listings, 1U);
  EXPECT_EQ(*mirrors->Poll(remote, "next", 30s), next);
  EXPECT_EQ(mirrors->counts().listings, 2U);
  // From now on one listing has both.
  clock_.Move(31s);
  EXPECT_EQ(*mirrors->Poll(remote, "main", 30s), main);
  EXPECT_EQ(*mirrors->Poll(remote, "next", 30s), next);
  EXPECT_EQ(mirrors->counts().listings, 3U);
}

TEST_F(MirrorsHttpTest, KeepsWhatItFetchedOverARestart) {
  const std::string commit = server_.repository().Push({{"file", "one"}});
  const Remote remote{server_.Url(), {}};
  EXPECT_EQ(Read(*Make(), remote, commit, "file"), "one");
  const std::unique_ptr<Mirrors> mirrors = Make();
  EXPECT_EQ(Read(*mirrors, remote, commit, "file"), "one");
  EXPECT_EQ(mirrors->counts().fetches, 0U);
}

TEST_F(MirrorsHttpTest, DescribesACommit) {
  const std::string commit = server_.repository().Push({{"file", "one"}});
  const core::Result<Commit> described = Make()->Describe({server_.Url(), {}}, commit);
  ASSERT_TRUE(described.ok()) << described.error().text();
  EXPECT_EQ(described->id, commit);
  EXPECT_EQ(described->author, "Ann <ann@example.com>");
  EXPECT_EQ(described->subject, "Commit 1");
}

TEST_F(MirrorsHttpTest, FetchesWithoutHistory) {
  const std::string first = server_.repository().Push({{"file", "one"}});
  const std::string second = server_.repository().Push({{"file", "two"}});
  const Remote remote{server_.Url(), {}};
  const std::unique_ptr<Mirrors> mirrors = Make();
  EXPECT_EQ(Read(*mirrors, remote, second, "file"), "two");
  const auto mirror = test::OnlyMirror(directory_.path());
  EXPECT_EQ(test::RunGit(mirror, {"cat-file", "-e", second}), 0);
  EXPECT_NE(test::RunGit(mirror, {"cat-file", "-e", first}), 0);
}

TEST_F(MirrorsHttpTest, JoinsPacksWhenTheyAreMany) {
  const Remote remote{server_.Url(), {}};
  const std::unique_ptr<Mirrors> mirrors = Make();
  std::string first, last;
  for (int i = 0; i < 60; ++i) {
    last = server_.repository().Push({{"file", "version " + std::to_string(i)}, {"same", "same"}});
    if (i == 0) first = last;
    ASSERT_EQ(Read(*mirrors, remote, last, "file"), "version " + std::to_string(i));
  }
  const auto mirror = test::OnlyMirror(directory_.path());
  std::filesystem::directory_iterator packs(mirror / "objects/pack");
  EXPECT_LT(std::distance(packs, {}), 60);  // a pack is two files
  EXPECT_EQ(Read(*mirrors, remote, last, "same"), "same");
  EXPECT_EQ(Read(*mirrors, remote, first, "file"), "version 0");  // forgotten, fetched again
}

TEST_F(MirrorsHttpTest, UsesCredentials) {
  const std::string commit = server_.repository().Push({{"file", "one"}});
  Remote remote{server_.Url("auth"),
                {.username = "user", .password = "secret", .bearer_token = "", .ca_pem = ""}};
  const std::unique_ptr<Mirrors> mirrors = Make();
  EXPECT_EQ(Poll(*mirrors, remote), commit);
  EXPECT_EQ(Read(*mirrors, remote, commit, "file"), "one");
  Remote within{server_.Url("auth"), {}};
  within.url.insert(strlen("http://"), "user:secret@");
  EXPECT_EQ(Poll(*mirrors, within), commit);
}

TEST_F(MirrorsHttpTest, SpeaksHttp2OverTls) {
  const std::string commit = server_.repository().Push({{"file", "one"}});
  Remote remote{server_.TlsUrl(), {}};
  remote.credentials.ca_pem = server_.ca_pem();
  const std::unique_ptr<Mirrors> mirrors = Make();
  EXPECT_EQ(Poll(*mirrors, remote), commit);
  EXPECT_EQ(Read(*mirrors, remote, commit, "file"), "one");
}

TEST_F(MirrorsHttpTest, FollowsARedirect) {
  const std::string commit = server_.repository().Push({{"file", "one"}});
  const Remote remote{server_.Url("moved"), {}};
  const std::unique_ptr<Mirrors> mirrors = Make();
  EXPECT_EQ(Poll(*mirrors, remote), commit);
  EXPECT_EQ(Read(*mirrors, remote, commit, "file"), "one");
}

TEST_F(MirrorsHttpTest, MakesABrokenMirrorAnew) {
  const std::string commit = server_.repository().Push({{"file", "one"}});
  const Remote remote{server_.Url(), {}};
  const std::unique_ptr<Mirrors> mirrors = Make();
  EXPECT_EQ(Read(*mirrors, remote, commit, "file"), "one");
  const auto mirror = test::OnlyMirror(directory_.path());
  for (const auto& pack : std::filesystem::directory_iterator(mirror / "objects/pack")) {
    std::filesystem::remove(pack.path());
  }
  EXPECT_EQ(Read(*mirrors, remote, commit, "file"), "one");
  // Also where nothing of a repository is left, at the next start.
  std::filesystem::remove_all(mirror.parent_path());
  test::WriteFile(mirror.parent_path(), "not a directory");
  EXPECT_EQ(Read(*Make(), remote, commit, "file"), "one");
}

TEST_F(MirrorsHttpTest, ServesManyThreads) {
  const std::string commit = server_.repository().Push({{"file", "one"}});
  const Remote remote{server_.Url(), {}};
  const std::unique_ptr<Mirrors> mirrors = Make();
  std::atomic<int> right = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&] {
        if (Poll(*mirrors, remote) == commit && Read(*mirrors, remote, commit, "file") == "one") {
          ++right;
        }
      });
    }
  }
  EXPECT_EQ(right, 8);
  EXPECT_EQ(mirrors->counts().fetches, 1U);
}

}  // namespace
}  // namespace headgate::git
