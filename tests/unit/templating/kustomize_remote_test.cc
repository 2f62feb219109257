// What kustomizations name by URLs, from a host that was allowed.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/file_tree.h"
#include "templating/kustomize/kustomize.h"
#include "templating/kustomize/loader_remote.h"

namespace headgate::templating::kustomize {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using Tree = std::map<std::string, std::string>;

const std::string kWeb = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\n";

class FakeRemotes : public Remotes {
 public:
  core::Result<std::shared_ptr<const core::FileTree>> Repository(const std::string& url,
                                                                 const std::string& ref) override {
    asked.push_back(url + "@" + ref);
    return std::shared_ptr<const core::FileTree>(std::make_shared<core::MemoryTree>(repository));
  }
  core::Result<std::string> File(const std::string& url) override {
    asked.push_back(url);
    if (url.ends_with("missing.yaml")) return core::NotFound("the server answers 404");
    return kWeb;
  }

  Tree repository = {
      {"base/kustomization.yaml", "namePrefix: b-\nresources: [web.yaml, ../more]\n"},
      {"base/web.yaml", kWeb},
      {"more/kustomization.yaml", "resources: [more.yaml]\n"},
      {"more/more.yaml", "apiVersion: v1\nkind: Service\nmetadata: {name: more}\n"},
      {"leaves/kustomization.yaml", "resources: [../../etc/x.yaml]\n"},
      {"absolute/kustomization.yaml", "resources: [/src/secret.yaml]\n"},
      {"outside/kustomization.yaml", "resources: [../more/more.yaml]\n"},
      {"wrong/kustomization.yaml", "resources: [wev.yaml]\n"},
      {"wrong/web.yaml", kWeb},
      {"again/kustomization.yaml", "resources: ['https://git.example.com/o/r//again?ref=v1']\n"},
      {"other/kustomization.yaml", "resources: ['https://other.example.com/o/r//base?ref=v1']\n"}};
  std::vector<std::string> asked;
};

class KustomizeRemoteTest : public testing::Test {
 protected:
  std::string Build(const std::string& fields, bool allowed = true) {
    const core::MemoryTree files(
        Tree{{"secret.yaml", "apiVersion: v1\nkind: S\nmetadata: {name: s}\n"},
             {"over/kustomization.yaml", fields}});
    BuildRules rules;
    rules.load.remotes = &remotes_;
    rules.load.disk_root = "/src";
    if (allowed) rules.load.remote_hosts = {"git.example.com"};
    const auto text = BuildYaml(files, "over", rules, nullptr);
    return text ? *text : text.error().text();
  }
  std::string BuildOf(const std::string& url, bool allowed = true) {
    return Build("resources: ['" + url + "']\n", allowed);
  }

  FakeRemotes remotes_;
};

TEST_F(KustomizeRemoteTest, TakesABaseOfARepository) {
  const std::string text = BuildOf("https://git.example.com/o/r//base?ref=v1");
  EXPECT_THAT(text, HasSubstr("name: b-web"));
  EXPECT_THAT(text, HasSubstr("name: b-more"));
  EXPECT_THAT(remotes_.asked, ElementsAre("https://git.example.com/o/r@v1"));
}

TEST_F(KustomizeRemoteTest, FetchesARepositoryOnce) {
  Build(
      "resources: ['https://git.example.com/o/r//base?ref=v1', "
      "'https://git.example.com/o/r//more?ref=v1']\n");
  EXPECT_THAT(remotes_.asked, ElementsAre("https://git.example.com/o/r@v1"));
}

TEST_F(KustomizeRemoteTest, TakesFiles) {
  const std::string url = "https://git.example.com/raw/web.yaml";
  EXPECT_THAT(BuildOf(url), HasSubstr("name: web"));
  EXPECT_THAT(Build("configMapGenerator: [{name: c, files: ['k=" + url + "']}]\n"),
              HasSubstr("kind: Service"));
  EXPECT_THAT(remotes_.asked, ElementsAre(url, url));
  EXPECT_THAT(BuildOf("https://git.example.com/missing.yaml"),
              HasSubstr("over/kustomization.yaml:1: resources[0]: the server answers 404"));
}

TEST_F(KustomizeRemoteTest, SaysWhereThingsCameFrom) {
  const std::string text = Build(
      "buildMetadata: [originAnnotations]\n"
      "resources: ['https://git.example.com/o/r//base?ref=v1']\n");
  EXPECT_THAT(text, HasSubstr("path: base/web.yaml\n      repo: https://git.example.com/o/r\n"
                              "      ref: v1\n"));
  EXPECT_THAT(BuildOf("https://git.example.com/o/r//wrong?ref=v1"),
              HasSubstr("https://git.example.com/o/r@v1/wrong/kustomization.yaml:1: resources[0]: "
                        "wev.yaml: no such "
                        "file or directory (did you mean web.yaml?)"));
}

TEST_F(KustomizeRemoteTest, LeavesNoRepository) {
  const auto built = [&](const std::string& directory) {
    return BuildOf("https://git.example.com/o/r//" + directory + "?ref=v1");
  };
  EXPECT_THAT(built("leaves"), HasSubstr("../../etc/x.yaml leads out of the source tree"));
  EXPECT_THAT(built("absolute"), HasSubstr("/src/secret.yaml is absolute"));
  EXPECT_THAT(built("outside"), HasSubstr("is outside of https://git.example.com/o/r@v1/outside"));
  EXPECT_THAT(built("again"),
              HasSubstr("cycle: https://git.example.com/o/r@v1/again is already being built"));
  EXPECT_THAT(built("other"),
              HasSubstr("https://other.example.com/o/r//base?ref=v1 is remote: only what"));
}

TEST_F(KustomizeRemoteTest, AsksNobodyThatWasNotAllowed) {
  for (const std::string url : {"https://git.example.com/o/r//base?ref=v1",
                                "https://git.example.com/raw/web.yaml", "github.com/o/r"}) {
    EXPECT_THAT(BuildOf(url, false),
                HasSubstr("is remote: only what is in the repository is read"));
  }
  EXPECT_THAT(BuildOf("https://git.example.com.evil.org/o/r//base"), HasSubstr("is remote: only"));
  EXPECT_THAT(BuildOf("https://git.example.com@evil.org/o/r//base"), HasSubstr("is remote: only"));
  EXPECT_THAT(remotes_.asked, IsEmpty());
}

TEST_F(KustomizeRemoteTest, SpeaksHttpsOnly) {
  for (const std::string url :
       {"http://git.example.com/o/r//base?ref=v1", "ssh://git@git.example.com/o/r//base",
        "git@git.example.com:o/r//base", "http://git.example.com/raw/web.yaml"}) {
    EXPECT_THAT(BuildOf(url), HasSubstr("an https URL expected; nothing else is fetched")) << url;
  }
  EXPECT_THAT(remotes_.asked, IsEmpty());
}

TEST_F(KustomizeRemoteTest, TakesNoCredentialsAndShowsNone) {
  for (const std::string before :
       {"user:secret@", "secret@", "user:se@secret@", "user:secret%2F@"}) {
    for (const std::string path : {"o/r//base?ref=v1", "raw/web.yaml"}) {
      const std::string url = "https://" + before + "git.example.com/" + path;
      EXPECT_THAT(BuildOf(url), HasSubstr("https://***@git.example.com/" + path +
                                          ": a URL without a user or password expected"));
      EXPECT_THAT(BuildOf(url, false), HasSubstr("https://***@git.example.com/" + path));
      EXPECT_THAT(BuildOf(url), Not(HasSubstr("secret")));
      EXPECT_THAT(BuildOf(url, false), Not(HasSubstr("secret")));
    }
  }
  EXPECT_THAT(BuildOf("https://user:sec/ret@git.example.com/raw/web.yaml"), Not(HasSubstr("ret@")));
  EXPECT_THAT(remotes_.asked, IsEmpty());
}

TEST(ShowUrl, LeavesAtSignsOfPathsAlone) {
  for (const char* url :
       {"https://a.b:8443/c@v1/d.yaml", "https://a.b/o/r?ref=x@1", "github.com/o/r@1"}) {
    EXPECT_EQ(ShowUrl(url), url);
    EXPECT_FALSE(HasCredentials(url)) << url;
  }
  EXPECT_EQ(ShowUrl("git@a.b:o/r"), "***@a.b:o/r");
}

TEST_F(KustomizeRemoteTest, IsBounded) {
  std::string fields = "configMapGenerator:\n";
  for (int i = 0; i < 40; ++i) {
    fields += fmt::format("- {{name: c{}, files: ['k=https://git.example.com/{}.yaml']}}\n", i, i);
  }
  EXPECT_THAT(Build(fields), HasSubstr("more than 32 remote files and repositories in one build"));
  EXPECT_EQ(remotes_.asked.size(), 32u);
}

TEST(IsRepository, LooksAtTheUrlAlone) {
  for (const char* url : {"https://a.b/o/r?ref=v1", "https://a.b/o/r.git", "https://a.b/o/r//d",
                          "https://a.b/o/r", "https://a.b/o/r/deploy"}) {
    EXPECT_TRUE(IsRepository(url)) << url;
  }
  for (const char* url :
       {"https://a.b/o/r/web.yaml", "https://a.b/o/x.json", "base", "../web.yaml"}) {
    EXPECT_FALSE(IsRepository(url)) << url;
  }
}

}  // namespace
}  // namespace headgate::templating::kustomize
