#include "git/ssh_address.h"

#include <gtest/gtest.h>

namespace headgate::git {
namespace {

struct Case {
  const char* name;
  const char* url;
  const char* text;  // "!": kInvalid
  const char* known_as = "git.example.com";
  const char* command = "git-upload-pack '/team/shop.git'";
};

const Case kCases[] = {
    {"ReadsAUrl", "ssh://ann@Git.example.com/team/shop.git",
     "ssh://ann@git.example.com:22/team/shop.git"},
    {"TakesGitForTheUser", "ssh://git.example.com/team/shop.git",
     "ssh://git@git.example.com:22/team/shop.git"},
    {"ReadsAPort", "ssh://git@git.example.com:2222/team/shop.git",
     "ssh://git@git.example.com:2222/team/shop.git", "[git.example.com]:2222"},
    {"ReadsIpv6", "ssh://git@[2001:db8::1]:2222/team/shop.git",
     "ssh://git@[2001:db8::1]:2222/team/shop.git", "[2001:db8::1]:2222"},
    {"ReadsHomes", "ssh://git@git.example.com/~ann/shop.git",
     "ssh://git@git.example.com:22/./~ann/shop.git", "git.example.com",
     "git-upload-pack '~ann/shop.git'"},
    {"ReadsWhatScpWrites", "git@git.example.com:team/shop.git",
     "ssh://git@git.example.com:22/./team/shop.git", "git.example.com",
     "git-upload-pack 'team/shop.git'"},
    {"ReadsWhatScpWritesFromTheRoot", "git@git.example.com:/team/shop.git",
     "ssh://git@git.example.com:22/team/shop.git"},
    {"QuotesForTheRemoteShell", "ssh://git@git.example.com/it's%20$(here)!",
     "ssh://git@git.example.com:22/it's $(here)!", "git.example.com",
     "git-upload-pack '/it'\\''s $(here)'\\!''"},
    {"RefusesAHostThatIsAnOption", "ssh://-oProxyCommand=id/repo", "!"},
    {"RefusesAHostThatIsAnOptionOfScp", "git@-oProxyCommand=id:repo", "!"},
    {"RefusesAUserThatIsAnOption", "-oProxyCommand=id@host:repo", "!"},
    {"RefusesAPathThatIsAnOption", "git@host:--upload-pack=id", "!"},
    {"RefusesAPassword", "ssh://git:secret@host/repo", "!"},
    {"RefusesNoPath", "ssh://git@host", "!"},
    {"RefusesNoPathOfScp", "git@host:", "!"},
    {"RefusesLineEnds", "ssh://git@host/a%0ab", "!"},
    {"RefusesAQuery", "ssh://git@host/repo?x=1", "!"},
};

class SshAddressTest : public testing::TestWithParam<Case> {};

TEST_P(SshAddressTest, IsReadOrRefused) {
  const Case& expected = GetParam();
  ASSERT_TRUE(IsSsh(expected.url));
  const core::Result<SshAddress> address = ParseSsh(expected.url);
  if (std::string_view(expected.text) == "!") {
    ASSERT_FALSE(address.ok());
    EXPECT_EQ(address.error().fault(), core::Fault::kInvalid);
    EXPECT_EQ(address.error().text().find("secret"), std::string::npos);
    return;
  }
  ASSERT_TRUE(address.ok()) << address.error().text();
  EXPECT_EQ(ToText(*address), expected.text);
  EXPECT_EQ(KnownHostsName(*address), expected.known_as);
  EXPECT_EQ(UploadPackCommand(*address), expected.command);
}
INSTANTIATE_TEST_SUITE_P(SshAddress, SshAddressTest, testing::ValuesIn(kCases),
                         [](const auto& test) { return test.param.name; });

TEST(SshAddress, LeavesOtherUrlsAlone) {
  for (const char* url : {"https://git.example.com/x:y", "file:///srv/a:b", "./a:b", "", "/a:b"}) {
    EXPECT_FALSE(IsSsh(url)) << url;
  }
}

}  // namespace
}  // namespace headgate::git
