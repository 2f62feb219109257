// Charts of repositories and registries, as far as no server is needed (tests/tools/
// chart_sources_test.py has one).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "templating/helm/source/choose.h"
#include "templating/helm/source/fetcher.h"
#include "templating/helm/source/index.h"

namespace headgate::templating::helm {
namespace {

using testing::HasSubstr;

std::string Choose(const std::vector<std::string>& versions, std::string_view wanted) {
  const core::Result<size_t> chosen = ChooseVersion(versions, wanted);
  return chosen ? versions[*chosen] : chosen.error().text();
}

TEST(HelmSourceTest, ChoosesVersionsAsHelmDoes) {
  const std::vector<std::string> versions = {"1.2.0", "v1.10.0", "2.0.0-rc.1", "junk", "1.9.0+b"};
  EXPECT_EQ(Choose(versions, ""), "v1.10.0");
  EXPECT_EQ(Choose(versions, "1.9.0+b"), "1.9.0+b");
  EXPECT_EQ(Choose(versions, "junk-2"),
            "version: a version or a constraint (\">=1.2 <2\") expected, found junk-2: improper "
            "constraint: junk-2");
  EXPECT_EQ(Choose(versions, "^1.2 <1.10"), "1.9.0+b");
  EXPECT_EQ(Choose(versions, ">1.10.0-0"), "2.0.0-rc.1");
  EXPECT_EQ(Choose(versions, "3.x"), "no version is 3.x; nearest: 2.0.0-rc.1, v1.10.0, 1.9.0+b");
  EXPECT_EQ(Choose({"1.0.0-a"}, ""), "no version is a release; nearest: 1.0.0-a");
  EXPECT_EQ(Choose({"x"}, "1"), "there is no version of it");
}

std::string Index(std::string_view index, std::string_view name) {
  const core::Result<std::vector<IndexedChart>> found = FindInIndex(index, name);
  if (!found) return found.error().text();
  std::string shown;
  for (const IndexedChart& each : *found) {
    shown += each.version + " " + each.url + " " + each.digest + ";";
  }
  return shown;
}

TEST(HelmSourceTest, ReadsOneChartOfAnIndex) {
  constexpr std::string_view kIndex =
      "apiVersion: v1\n"
      "entries: \n"
      "  # a comment\n"
      "  web-ui:\n"
      "  - {version: 9.9.9, urls: [ui.tgz]}\n"
      "  \"web\":\n"
      "  - version: 1.0.0\n"
      "    description: |\n"
      "      web:\n"
      "\n"
      "    urls:\n"
      "    - web-1.0.0.tgz\n"
      "    - other.tgz\n"
      "    digest: abc\n"
      "  - {version: 1.1, urls: [https://e.com/w.tgz]}\n"
      "  - {version: 2.0.0}\n"
      "  zoo:\n"
      "    - {version: [, urls: [broken\n"
      "generated: x\n"
      "web2:\n";
  EXPECT_EQ(Index(kIndex, "web"), "1.0.0 web-1.0.0.tgz abc;1.1 https://e.com/w.tgz ;");
  EXPECT_EQ(Index(kIndex, "web-ui"), "9.9.9 ui.tgz ;");
  EXPECT_EQ(Index(kIndex, "wev"), "there is no chart wev in the repository (did you mean web?)");
  EXPECT_THAT(Index(kIndex, "zoo"), HasSubstr("index.yaml:"));
  EXPECT_EQ(Index(kIndex, "web2"), "there is no chart web2 in the repository (did you mean web?)");
  EXPECT_EQ(Index(R"({"entries": {"web": [{"version": "1.0.0", "urls": ["w.tgz"]}]}})", "web"),
            "1.0.0 w.tgz ;");
}

TEST(HelmSourceTest, ReadsWhereARepositoryIs) {
  const auto show = [](std::string_view url) {
    const core::Result<ChartFetcher::Place> place = ChartFetcher::ParsePlace(url);
    if (!place) return place.error().text();
    return std::string(place->oci ? "oci " : "") + place->host + " " + place->path;
  };
  EXPECT_EQ(show("https://Charts.example.com/stable/"), "charts.example.com stable");
  EXPECT_EQ(show("OCI://registry:5000/a/b"), "oci registry:5000 a/b");
  EXPECT_THAT(show("http://charts.example.com"), HasSubstr("https:// or oci://, not from http://"));
  EXPECT_THAT(show("../up"), HasSubstr("https:// or oci://, not from ../up"));
  EXPECT_THAT(show("https://a:b@h/"), HasSubstr("no user and password"));
  EXPECT_THAT(show("https:///x"), HasSubstr("cannot be read"));
}

// Answers by URL; everything else is not there.
class FakeWeb : public Web {
 public:
  core::Result<WebAnswer> Get(const WebRequest& request) override {
    asked.push_back(request.url);
    const auto found = pages.find(request.url);
    return found == pages.end() ? WebAnswer{404} : WebAnswer{200, found->second};
  }
  std::map<std::string, std::string> pages;
  std::vector<std::string> asked;
};

TEST(HelmSourceTest, AsksNoHostThatIsNotAllowed) {
  FakeWeb web;
  web.pages["https://a.example.com/index.yaml"] =
      "entries:\n  web:\n  - {version: 1.0.0, urls: ['https://b.example.com/web.tgz']}\n"
      "  inner:\n  - {version: 1.0.0, urls: ['http://169.254.169.254/x.tgz']}\n"
      "  up:\n  - {version: 1.0.0, urls: ['../../etc.tgz']}\n";
  ChartFetcher fetcher(&web, nullptr, {.hosts = {"a.example.com"}});
  const auto find = [&](const char* repository, const char* name) {
    const core::Result<FoundChart> found = fetcher.Find({repository, name, ""});
    return found ? found->archive : found.error().text();
  };
  EXPECT_THAT(find("https://a.example.com", "web"), HasSubstr("not fetched from b.example.com"));
  EXPECT_THAT(find("https://a.example.com", "inner"), HasSubstr("not from http://"));
  EXPECT_THAT(find("https://a.example.com.evil.com", "web"), HasSubstr("unless that is allowed"));
  EXPECT_THAT(find("https://a.example.com:444", "web"), HasSubstr("unless that is allowed"));
  EXPECT_THAT(find("https://a.example.com", "../web"), HasSubstr("the name of a chart expected"));
  EXPECT_THAT(find("oci://a.example.com/UPPER", "web"), HasSubstr("not the name of a repository"));
  EXPECT_THAT(web.asked, testing::ElementsAre("https://a.example.com/index.yaml"));
  EXPECT_THAT(find("https://a.example.com", "up"), HasSubstr("https://a.example.com/etc.tgz: the"));
}

}  // namespace
}  // namespace headgate::templating::helm
