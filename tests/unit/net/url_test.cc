#include "net/url.h"

#include <gtest/gtest.h>

namespace headgate::net {
namespace {

struct Case {
  const char* name;
  const char* text;
  const char* shown;  // "!": kInvalid
};

const Case kCases[] = {
    {"KeepsTheQueryOutOfSight", "https://host/path?token=secret", "https://host/path"},
    {"KeepsThePasswordOutOfSight", "https://user:secret@host/path", "https://host/path"},
    {"KeepsAnUnusualPort", "http://HOST:8080/Path", "http://host:8080/Path"},
    {"LeavesOutTheUsualPort", "https://host:443", "https://host/"},
    {"ReadsIpv6", "http://[::1]:90/", "http://[::1]:90/"},
    {"ReadsOtherSchemes", "ssh://git@host/repo.git", "ssh://host/repo.git"},
    {"ReadsFiles", "file:///srv/repo.git", "file:///srv/repo.git"},
    {"RefusesNoScheme", "host/path", "!"},
    {"RefusesNothing", "", "!"},
    {"RefusesLineEnds", "http://host/\r\nX: y", "!"},
    {"RefusesBackslashes", "http://good\\@evil/", "!"},
    {"RefusesAPortThatIsNone", "http://host:port/", "!"},
};

class UrlTest : public testing::TestWithParam<Case> {};

TEST_P(UrlTest, IsShownWithoutSecrets) {
  const core::Result<Url> url = ParseUrl(GetParam().text);
  if (std::string_view(GetParam().shown) == "!") {
    ASSERT_FALSE(url.ok());
    EXPECT_EQ(url.error().fault(), core::Fault::kInvalid);
    EXPECT_EQ(ShowSafe(std::string_view(GetParam().text)), "a URL that cannot be read");
  } else {
    ASSERT_TRUE(url.ok()) << url.error().text();
    EXPECT_EQ(ShowSafe(*url), GetParam().shown);
  }
}
INSTANTIATE_TEST_SUITE_P(Url, UrlTest, testing::ValuesIn(kCases),
                         [](const auto& test) { return test.param.name; });

TEST(Url, DecodesUserAndPassword) {
  const core::Result<Url> url = ParseUrl("https://a%40b:p%2Fw@host/");
  ASSERT_TRUE(url.ok());
  EXPECT_EQ(url->user, "a@b");
  EXPECT_EQ(url->password, "p/w");
}

TEST(Url, ResolvesLocations) {
  const Url base = *ParseUrl("https://host:8443/a/b?q=1");
  EXPECT_EQ(ToText(*Resolve(base, "c?d=2")), "https://host:8443/a/c?d=2");
  EXPECT_EQ(ToText(*Resolve(base, "/c")), "https://host:8443/c");
  EXPECT_EQ(ToText(*Resolve(base, "//other/c")), "https://other/c");
  EXPECT_EQ(ToText(*Resolve(base, "http://other/c")), "http://other/c");
  EXPECT_FALSE(Resolve(base, "http://a b/").ok());
}

TEST(Url, KnowsTheSameOrigin) {
  const Url base = *ParseUrl("https://host/a");
  EXPECT_TRUE(SameOrigin(base, *ParseUrl("https://HOST:443/b")));
  EXPECT_FALSE(SameOrigin(base, *ParseUrl("http://host/a")));
  EXPECT_FALSE(SameOrigin(base, *ParseUrl("https://host:444/a")));
  EXPECT_FALSE(SameOrigin(base, *ParseUrl("https://host.evil/a")));
}

TEST(Url, EncodesQueries) {
  EXPECT_EQ(ToQuery({{"labelSelector", "app=a,b!=c"}, {"q", "x y+z/\xc3\xa9"}}),
            "labelSelector=app%3Da%2Cb%21%3Dc&q=x%20y%2Bz%2F%C3%A9");
}

}  // namespace
}  // namespace headgate::net
