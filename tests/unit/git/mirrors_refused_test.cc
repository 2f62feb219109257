#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "git/mirrors.h"
#include "net/http.h"
#include "tests/unit/git/git_server.h"

namespace headgate::git {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using testing::HasSubstr;
using testing::Not;

class MirrorsRefusedTest : public testing::Test {
 protected:
  // The error as "fault: text".
  std::string Poll(const Remote& remote, const std::string& branch = "main") {
    const core::Result<std::string> id = mirrors_.Poll(remote, branch, 0s);
    return id ? "commit " + *id
              : std::string(core::Show(id.error().fault())) + ": " + id.error().text();
  }

  const test::TemporaryDirectory directory_;
  test::GitServer server_;
  net::Http http_;
  Mirrors mirrors_{directory_.path(), &http_, {}};
};

TEST_F(MirrorsRefusedTest, NamesWrongCredentials) {
  server_.repository().Push({{"file", "one"}});
  Remote remote{server_.Url("auth"), {}};
  remote.credentials.username = "user";
  remote.credentials.password = "wrong-password";
  const std::string error = Poll(remote);
  EXPECT_THAT(error, HasSubstr("forbidden: "));
  EXPECT_THAT(error, HasSubstr("check username and password"));
  EXPECT_THAT(error, Not(HasSubstr("wrong-password")));
  remote.url.insert(strlen("http://"), "name:in-url@");
  EXPECT_THAT(Poll(remote), Not(HasSubstr("in-url")));
}

// The objects are there, but these credentials never saw the repository.
TEST_F(MirrorsRefusedTest, GivesNothingOfAnotherOnesMirror) {
  const std::string commit = server_.repository().Push({{"file", "one"}});
  Remote remote{server_.Url("auth"), {}};
  remote.credentials.username = "user";
  remote.credentials.password = "secret";
  ASSERT_TRUE(mirrors_.Tree(remote, commit, "").ok());
  remote.credentials.password = "wrong";
  const auto tree = mirrors_.Tree(remote, commit, "");
  ASSERT_FALSE(tree.ok());
  EXPECT_EQ(tree.error().fault(), core::Fault::kForbidden);
}

TEST_F(MirrorsRefusedTest, SaysThatTheServerIsAway) {
  EXPECT_THAT(Poll({"http://127.0.0.1:" + std::to_string(test::FreePort()) + "/repo.git", {}}),
              HasSubstr("unavailable: list http://127.0.0.1:"));
}

TEST_F(MirrorsRefusedTest, SaysThatThePlaceIsNoRepository) {
  EXPECT_THAT(Poll({server_.Url("html"), {}}), HasSubstr("unavailable: "));
  EXPECT_THAT(Poll({server_.Url("html"), {}}), HasSubstr("does not answer as a git server"));
  EXPECT_THAT(Poll({server_.Url("huge"), {}}), HasSubstr("no packet begins with \"ffff\""));
  EXPECT_THAT(Poll({server_.Url("nowhere"), {}}), HasSubstr("not found: "));
  EXPECT_THAT(Poll({server_.Url("git") + "x", {}}), HasSubstr("not found: "));
}

TEST_F(MirrorsRefusedTest, PassesOnHowLongToWait) {
  const core::Result<std::string> id = mirrors_.Poll({server_.Url("busy"), {}}, "main", 0s);
  ASSERT_FALSE(id.ok());
  EXPECT_EQ(id.error().fault(), core::Fault::kUnavailable);
  EXPECT_EQ(id.error().retry_after(), 7000ms);
}

TEST_F(MirrorsRefusedTest, RefusesABadCertificate) {
  const std::string error = Poll({server_.TlsUrl(), {}});
  EXPECT_THAT(error, HasSubstr("unavailable: "));
  EXPECT_THAT(error, HasSubstr("certificate"));
}

TEST_F(MirrorsRefusedTest, RefusesWhatItDoesNotSpeak) {
  EXPECT_THAT(Poll({"git://host/repo.git", {}}), HasSubstr("invalid: "));
  EXPECT_THAT(Poll({server_.repository().Url(), {}}), HasSubstr("--allow-file-urls"));
  EXPECT_THAT(Poll({server_.Url() + "?token=secret", {}}), Not(HasSubstr("secret")));
  EXPECT_THAT(Poll({"", {}}), HasSubstr("invalid: "));
  EXPECT_THAT(Poll({server_.Url(), {}}, "a b"), HasSubstr("invalid: a b is no name of a branch"));
  EXPECT_THAT(Poll({server_.Url(), {}}, "../x"), HasSubstr("invalid: "));
}

TEST_F(MirrorsRefusedTest, NamesTheBranchesThatThereAre) {
  for (int i = 10; i < 22; ++i) server_.repository().Push({}, "b" + std::to_string(i));
  EXPECT_THAT(Poll({server_.Url(), {}}),
              HasSubstr("no branch main; there are: b10, b11, b12, b13, b14, b15, b16, b17, b18, "
                        "b19 and 2 more"));
}

// Listed, then replaced by force and collected before it was fetched.
TEST_F(MirrorsRefusedTest, SaysThatTheBranchMovedMeanwhile) {
  test::Repository& repository = server_.repository();
  repository.Push({{"file", "one"}});
  const std::string lost(40, '1');
  const auto tree = mirrors_.Tree({server_.Url(), {}}, lost, "");
  ASSERT_FALSE(tree.ok());
  EXPECT_EQ(tree.error().fault(), core::Fault::kConflict) << tree.error().text();
  const auto old_way = mirrors_.Tree({server_.Url("v0"), {}}, lost, "");
  ASSERT_FALSE(old_way.ok());
  EXPECT_EQ(old_way.error().fault(), core::Fault::kConflict) << old_way.error().text();
}

TEST_F(MirrorsRefusedTest, BoundsThePack) {
  std::string noise(200'000, ' ');
  unsigned seed = 1;
  for (char& c : noise)
    c = static_cast<char>('0' + (seed = seed * 1103515245 + 12345) / 65536 % 64);
  const std::string commit = server_.repository().Push({{"file", noise}});
  Mirrors::Options options;
  options.fetch_bytes_max = 50'000;
  Mirrors mirrors(directory_.path() / "bounded", &http_, options);
  const auto tree = mirrors.Tree({server_.Url(), {}}, commit, "");
  ASSERT_FALSE(tree.ok());
  EXPECT_EQ(tree.error().fault(), core::Fault::kInvalid);
  EXPECT_THAT(tree.error().text(), HasSubstr("the pack is larger than 50000 bytes"));
  // The mirror is none the worse for it.
  Mirrors unbounded(directory_.path() / "bounded", &http_, {});
  const auto whole = unbounded.Tree({server_.Url(), {}}, commit, "");
  ASSERT_TRUE(whole.ok()) << whole.error().text();
  EXPECT_EQ(*(*whole)->Read("file"), noise);
}

// A server that takes the connection and says nothing.
TEST_F(MirrorsRefusedTest, EndsAtItsDeadlineOrWhenStopped) {
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(bind(listener, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(listen(listener, 10), 0);
  getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  const Remote remote{"http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/r.git", {}};
  Mirrors::Options options;
  options.listing_deadline = 100ms;
  Mirrors mirrors(directory_.path() / "silent", &http_, options);
  const core::Result<std::string> late = mirrors.Poll(remote, "main", 0s);
  ASSERT_FALSE(late.ok());
  EXPECT_EQ(late.error().fault(), core::Fault::kUnavailable);
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(mirrors.Poll(remote, "main", 0s, stop.get_token()).error().fault(),
            core::Fault::kCancelled);
  close(listener);
}

}  // namespace
}  // namespace headgate::git
