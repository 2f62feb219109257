#include "git/fetch_once.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/http.h"
#include "tests/unit/git/git_server.h"

namespace headgate::git {
namespace {

using testing::HasSubstr;

class FetchOnceTest : public testing::Test {
 protected:
  // What the file "a" holds under a name, or the error.
  std::string Read(const Remote& remote, const std::string& name, const FetchLimits& limits = {}) {
    const auto directory = directory_.path() / std::to_string(++fetches_);
    const core::Result<FetchedTree> fetched = FetchOnce(remote, name, directory, &http_, limits);
    if (!fetched)
      return std::string(core::Show(fetched.error().fault())) + ": " + fetched.error().text();
    const core::Result<std::string> bytes = fetched->files->Read("dir/a");
    return bytes ? *bytes : bytes.error().text();
  }
  Remote Secure() {
    Remote remote{server_.TlsUrl(), {}};
    remote.credentials.ca_pem = server_.ca_pem();
    return remote;
  }

  const test::TemporaryDirectory directory_;
  test::GitServer server_;
  net::Http http_;
  int fetches_ = 0;
};

TEST_F(FetchOnceTest, TakesBranchesTagsAndCommits) {
  test::Repository& repository = server_.repository();
  const std::string first = repository.Push({{"dir/a", "one"}});
  ASSERT_EQ(repository.Run({"tag", "light"}), 0);
  ASSERT_EQ(repository.Run({"tag", "-a", "-m", "words", "v1.0"}), 0);
  ASSERT_EQ(repository.Run({"push", "-q", repository.bare().string(), "--tags"}), 0);
  repository.Push({{"dir/a", "two"}});
  repository.Push({{"dir/a", "three"}}, "next");
  for (const Remote& remote : {Secure(), Remote{server_.Url("v0"), {}}}) {
    EXPECT_EQ(Read(remote, "main"), "two");
    EXPECT_EQ(Read(remote, "next"), "three");
    EXPECT_EQ(Read(remote, "light"), "one");
    EXPECT_EQ(Read(remote, "v1.0"), "one");
    EXPECT_EQ(Read(remote, first), "one");
    EXPECT_THAT(Read(remote, "mai"), HasSubstr("not found: fetch "));
    EXPECT_THAT(Read(remote, "mai"), HasSubstr("no branch or tag mai"));
  }
  ASSERT_EQ(test::RunGit(repository.bare(), {"symbolic-ref", "HEAD", "refs/heads/next"}), 0);
  EXPECT_EQ(Read(Secure(), ""), "three");
}

TEST_F(FetchOnceTest, IsBounded) {
  server_.repository().Push({{"dir/a", "one"}});
  FetchLimits limits;
  limits.pack_bytes_max = 16;
  EXPECT_THAT(Read(Secure(), "main", limits), HasSubstr("16"));
}

TEST_F(FetchOnceTest, NeedsACertificateThatItTrusts) {
  server_.repository().Push({{"dir/a", "one"}});
  EXPECT_THAT(Read(Remote{server_.TlsUrl(), {}}, "main"), HasSubstr("certificate"));
}

TEST_F(FetchOnceTest, SpeaksNothingButHttp) {
  const Remote file{"file://" + directory_.path().string(), {}};
  EXPECT_THAT(Read(file, "main"), HasSubstr("an https URL expected"));
  EXPECT_THAT(Read(Remote{"ext::sh -c id", {}}, "main"), HasSubstr("invalid"));
  EXPECT_THAT(Read(Remote{"--upload-pack=id", {}}, "main"), HasSubstr("invalid"));
}

}  // namespace
}  // namespace headgate::git
