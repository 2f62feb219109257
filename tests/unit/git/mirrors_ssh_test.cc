#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <thread>

#include "git/mirrors.h"
#include "net/http.h"
#include "tests/unit/git/ssh_server.h"

namespace headgate::git {
namespace {

using std::chrono_literals::operator""s;
using std::chrono_literals::operator""ms;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

using Speaks = test::SshServer::Speaks;

class MirrorsSshTest : public testing::Test {
 protected:
  explicit MirrorsSshTest(Speaks speaks = Speaks::kVersion2) : server_(speaks) {}

  std::unique_ptr<Mirrors> Make(Mirrors::Options options = {}) {
    return std::make_unique<Mirrors>(directory_.path(), &http_, options);
  }
  Remote Known() { return With(server_.identity(), server_.known_hosts()); }
  Remote With(const std::string& identity, const std::string& known_hosts) {
    Remote remote{server_.Url(), {}};
    remote.credentials.identity = identity;
    remote.credentials.known_hosts = known_hosts;
    return remote;
  }
  std::string Poll(Mirrors& mirrors, const Remote& remote) {
    const core::Result<std::string> id = mirrors.Poll(remote, "main", 0s);
    return id ? *id : std::string(core::Show(id.error().fault())) + ": " + id.error().text();
  }
  std::string Poll(const Remote& remote) { return Poll(*Make(), remote); }
  std::string Read(Mirrors& mirrors, const Remote& remote, const std::string& commit,
                   const std::string& file) {
    const auto tree = mirrors.Tree(remote, commit, "");
    if (!tree) return tree.error().text();
    const core::Result<std::string> bytes = (*tree)->Read(file);
    return bytes ? *bytes : bytes.error().text();
  }

  const test::TemporaryDirectory directory_;
  test::SshServer server_;
  net::Http http_;
};

// Servers that take GIT_PROTOCOL speak version 2, all others 0.
class EitherVersionSshTest : public MirrorsSshTest, public testing::WithParamInterface<Speaks> {
 protected:
  EitherVersionSshTest() : MirrorsSshTest(GetParam()) {}
};

TEST_P(EitherVersionSshTest, FollowsABranch) {
  test::Repository& repository = server_.repository();
  const std::unique_ptr<Mirrors> mirrors = Make();
  EXPECT_THAT(Poll(*mirrors, Known()), HasSubstr("the repository is empty"));
  const std::string first = repository.Push({{"a/file", "one"}, {"other", "same"}});
  EXPECT_EQ(Poll(*mirrors, Known()), first);
  EXPECT_EQ(Read(*mirrors, Known(), first, "a/file"), "one");
  const std::string large(3'000'000, 'x');
  const std::string second = repository.Push({{"a/file", "two"}, {"large", large}});
  EXPECT_EQ(Poll(*mirrors, Known()), second);
  EXPECT_EQ(Read(*mirrors, Known(), second, "a/file"), "two");
  EXPECT_EQ(Read(*mirrors, Known(), second, "large"), large);
  EXPECT_EQ(Read(*mirrors, Known(), second, "other"), "same");
  EXPECT_EQ(mirrors->counts().fetches, 2U);
}
INSTANTIATE_TEST_SUITE_P(Protocol, EitherVersionSshTest,
                         testing::Values(Speaks::kVersion2, Speaks::kVersion0),
                         [](const auto& test) {
                           return test.param == Speaks::kVersion2 ? "Version2" : "Version0";
                         });

TEST_F(MirrorsSshTest, RefusesAHostThatIsNotKnownWithTheLineThatWouldLetItIn) {
  const std::string id = server_.repository().Push({{"file", "x"}});
  const std::string key = server_.known_hosts();
  const std::string line = key.substr(0, key.find(" a comment"));
  for (const std::string& others :
       {std::string(), "other.example.com" + key.substr(key.find(' '))}) {
    EXPECT_THAT(Poll(With(server_.identity(), others)),
                AllOf(HasSubstr("unavailable: "), HasSubstr("has no key of " + server_.HostName()),
                      HasSubstr("add the line: " + line)));
  }
  EXPECT_EQ(Poll(With(server_.identity(), line)), id);
}

TEST_F(MirrorsSshTest, RefusesAChangedKeyWithTheLineToAdd) {
  const std::string id = server_.repository().Push({{"file", "x"}});
  const std::string old = server_.known_hosts();
  server_.ChangeKey();
  const std::string now = server_.known_hosts();
  ASSERT_NE(old, now);
  EXPECT_THAT(Poll(With(server_.identity(), old)),
              AllOf(HasSubstr("is not the one in known_hosts"), HasSubstr("owner confirms"),
                    HasSubstr(now.substr(0, now.find(" a comment")))));
  EXPECT_EQ(Poll(With(server_.identity(), now)), id);
}

TEST_F(MirrorsSshTest, KnowsHashedNamesAuthoritiesAndRevokedKeys) {
  const std::string id = server_.repository().Push({{"file", "x"}});
  const std::string hashed = server_.Hashed(server_.known_hosts());
  ASSERT_THAT(hashed, Not(HasSubstr("127.0.0.1")));
  EXPECT_EQ(Poll(With(server_.identity(), hashed)), id);
  EXPECT_THAT(Poll(With(server_.identity(), "@revoked " + server_.known_hosts())),
              HasSubstr("marked as @revoked"));
  const std::string authority = server_.CertifyHost();
  EXPECT_EQ(Poll(With(server_.identity(), authority)), id);
}

TEST_F(MirrorsSshTest, SaysWhatIsWrongWithAKey) {
  server_.repository().Push({{"file", "x"}});
  const std::string known = server_.known_hosts();
  const auto refused = AllOf(HasSubstr("forbidden: "), HasSubstr("does not let"));
  EXPECT_THAT(Poll(With("", known)), refused);
  EXPECT_THAT(Poll(With(server_.OtherIdentity(), known)), refused);
  EXPECT_THAT(Poll(With(server_.LockedIdentity(), known)), HasSubstr("has a passphrase"));
  EXPECT_THAT(Poll(With("-----BEGIN OPENSSH PRIVATE KEY-----\nnone\n", known)),
              AllOf(HasSubstr("forbidden: "), HasSubstr("no private key that can be read")));
  std::string whole = server_.identity();
  EXPECT_THAT(Poll(With(whole.substr(0, whole.size() - 1), known)), testing::SizeIs(40));
}

TEST_F(MirrorsSshTest, SaysThatThereIsNoRepository) {
  Remote remote = Known();
  for (const char* path : {"/nothing/here.git", "/'; touch /tmp/headgate-was-here; '", "/~/none"}) {
    remote.url = server_.UrlOf(path);
    EXPECT_THAT(Poll(remote), HasSubstr("not found: ")) << path;
  }
  EXPECT_FALSE(std::filesystem::exists("/tmp/headgate-was-here"));
}

TEST_F(MirrorsSshTest, RefusesPrivateAddressesWhereTheyAreNotAllowed) {
  Mirrors::Options options;
  options.public_addresses_only = true;
  EXPECT_THAT(Poll(*Make(options), Known()),
              AllOf(HasSubstr("invalid: "), HasSubstr("--allow-private-addresses")));
}

// A server that takes the connection and says nothing.
class SilentSshTest : public testing::Test {
 protected:
  SilentSshTest() {
    mute_ = std::make_unique<test::ChildProcess>(std::vector<std::string>{
        "python3", "-c",
        "import socket, sys\ns = socket.create_server(('127.0.0.1', int(sys.argv[1])))\nheld = "
        "[]\nwhile True: held.append(s.accept())",
        std::to_string(port_)});
    EXPECT_TRUE(test::WaitUntilListening(port_));
  }
  Remote remote() const { return {"ssh://git@127.0.0.1:" + std::to_string(port_) + "/repo", {}}; }

  const int port_ = test::FreePort();
  const test::TemporaryDirectory directory_;
  std::unique_ptr<test::ChildProcess> mute_;
  net::Http http_;
};

TEST_F(SilentSshTest, EndsAtTheDeadline) {
  Mirrors::Options options;
  options.listing_deadline = 300ms;
  Mirrors mirrors(directory_.path(), &http_, options);
  const core::Result<std::string> id = mirrors.Poll(remote(), "main", 0s);
  ASSERT_FALSE(id.ok());
  EXPECT_THAT(id.error().text(), HasSubstr("the deadline passed"));
}

TEST_F(SilentSshTest, EndsWhenStopped) {
  Mirrors mirrors(directory_.path(), &http_, {});
  std::stop_source stop;
  std::jthread stopper([&] {
    std::this_thread::sleep_for(200ms);  // most likely within the conversation
    stop.request_stop();
  });
  const core::Result<std::string> id = mirrors.Poll(remote(), "main", 0s, stop.get_token());
  ASSERT_FALSE(id.ok());
  EXPECT_EQ(id.error().fault(), core::Fault::kCancelled) << id.error().text();
}

}  // namespace
}  // namespace headgate::git
