#include <gtest/gtest.h>

#include <string>

#include "templating/helm/chart/glob.h"
#include "templating/helm/chart/ignore.h"
#include "templating/helm/chart/paths.h"

namespace headgate::templating::helm {
namespace {

TEST(HelmPathsTest, AreCleanedAndJoinedAsInGo) {
  EXPECT_EQ(PathClean(""), ".");
  EXPECT_EQ(PathClean("a//b/./c/.."), "a/b");
  EXPECT_EQ(PathClean("../../a"), "../../a");
  EXPECT_EQ(PathClean("/../a"), "/a");
  EXPECT_EQ(PathJoin("", ""), "");
  EXPECT_EQ(PathJoin("a", "../b"), "b");
  EXPECT_EQ(PathBase("a/b/"), "b");
  EXPECT_EQ(PathBase("//"), "/");
  EXPECT_EQ(PathBase(""), ".");
  EXPECT_EQ(PathExtension("a.b/c"), "");
  EXPECT_EQ(PathExtension("a.tar.gz"), ".gz");
}

struct Match {
  const char* pattern;
  const char* name;
  std::optional<bool> want;
};
TEST(HelmPathsTest, MatchAsFilepathMatch) {
  const Match kMatches[] = {
      {"abc", "abc", true},
      {"*", "abc", true},
      {"*c", "abc", true},
      {"a*", "ab/c", false},
      {"a*/b", "abc/b", true},
      {"a*/b", "a/c/b", false},
      {"a*b*c*d*e*/f", "axbxcxdxexxx/f", true},
      {"a?c", "abc", true},
      {"a?c", "a/c", false},
      {"a?c", "aéc", true},
      {"ab[c]", "abc", true},
      {"ab[^e-g]", "abc", true},
      {"ab[^c]", "abc", false},
      {"a\\*b", "a*b", true},
      {"[a-z-]", "-", std::nullopt},
      {"[", "a", std::nullopt},
      {"[^", "a", std::nullopt},
      {"a[", "ab", std::nullopt},
      {"a\\", "a", std::nullopt},
      {"[]a]", "]", std::nullopt},
      {"*x", "xxx", true},
      {"templates/.?*", "templates/.x", true},
      {"", "", true},
      {"a", "", false},
  };
  for (const Match& match : kMatches) {
    EXPECT_EQ(MatchPath(match.pattern, match.name), match.want)
        << match.pattern << " " << match.name;
  }
}

std::string Kept(std::string_view rules) {
  const core::Result<IgnoreRules> parsed = IgnoreRules::Parse(rules);
  if (!parsed) return parsed.error().text();
  std::string kept;
  for (const std::string path : {"a.txt", "b.yaml", "dir/", "dir/a.txt", "templates/.hidden"}) {
    const bool directory = path.ends_with('/');
    if (!parsed->Ignores(directory ? path.substr(0, path.size() - 1) : path, directory)) {
      kept += path + " ";
    }
  }
  return kept;
}

TEST(HelmIgnoreTest, LeavesOutWhatTheRulesSay) {
  EXPECT_EQ(Kept(""), "a.txt b.yaml dir/ dir/a.txt ");
  EXPECT_EQ(Kept("# a comment\r\n  *.txt  \r\n"), "b.yaml dir/ ");
  EXPECT_EQ(Kept("/a.txt"), "b.yaml dir/ dir/a.txt ");
  EXPECT_EQ(Kept("dir/a.txt"), "a.txt b.yaml dir/ ");
  EXPECT_EQ(Kept("dir/"), "a.txt b.yaml dir/a.txt ");
  EXPECT_EQ(Kept("a.txt/"), "a.txt b.yaml dir/ dir/a.txt ");
  EXPECT_EQ(Kept("!*.txt"), "a.txt dir/a.txt ");
  EXPECT_EQ(Kept("\xEF\xBB\xBF"
                 "b.yaml"),
            "a.txt dir/ dir/a.txt ");
  EXPECT_EQ(Kept("a\n**/x"), ".helmignore:2: double-star (**) syntax is not supported");
  EXPECT_EQ(Kept("[x"), ".helmignore:1: [x: syntax error in pattern");
}

TEST(HelmGlobTest, MatchesAsGobwas) {
  const Match kMatches[] = {
      {"*", "a", true},
      {"*", "a/b", false},
      {"**", "a/b", true},
      {"*.txt", "d/a.txt", false},
      {"**.txt", "d/a.txt", true},
      {"**/*.txt", "a.txt", false},
      {"d/{a,b}.*", "d/b.x", true},
      {"d/{a,b}.*", "d/c.x", false},
      {"[ab]", "b", true},
      {"[!ab]", "c", true},
      {"[a-c]x", "bx", true},
      {"[!a-c]", "b", false},
      {"?", "/", false},
      {"\\*", "*", true},
      {"{,a}b", "b", true},
      {"{a,{b,c}}d", "cd", true},
      {"a,b", "a,b", true},
      {"a}", "a}", true},
      {"é?", "éa", true},
      {"{a", "a", true},
  };
  for (const Match& match : kMatches) {
    const std::optional<Glob> glob = Glob::Parse(match.pattern);
    ASSERT_TRUE(glob) << match.pattern;
    EXPECT_EQ(glob->Matches(match.name), match.want) << match.pattern << " " << match.name;
  }
  for (const char* bad : {"[", "[a", "[]", "[c-a]", "[a-", "\xff"}) {
    EXPECT_FALSE(Glob::Parse(bad)) << bad;
  }
}

TEST(HelmGlobTest, CostsNoMoreThanPatternTimesText) {
  std::string pattern, text(200, 'a');
  for (int i = 0; i < 100; ++i) pattern += "**a";
  const std::optional<Glob> glob = Glob::Parse(pattern + "b");
  ASSERT_TRUE(glob);
  EXPECT_FALSE(glob->Matches(text));
  EXPECT_FALSE(Glob::Parse(std::string(1000, '{')));
}

}  // namespace
}  // namespace headgate::templating::helm
