// Charts that want too much: each ends soon, with a sentence that says which bound and where, and
// takes no more memory than the bounds allow.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <chrono>
#include <map>
#include <string>

#include "core/file_tree.h"
#include "templating/helm/chart/render.h"
#include "templating/helm/source/fetcher.h"

namespace headgate::templating::helm {
namespace {

using testing::HasSubstr;

long PeakMebibytes() {
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss / 1024;
}

struct Hostile {
  const char* name;
  std::string text;    // of a template
  std::string values;  // values.yaml
  const char* limit;   // both are in the error
  const char* where;
};

class HelmHostileTest : public testing::TestWithParam<Hostile> {};

TEST_P(HelmHostileTest, EndsAtItsBound) {
  const core::MemoryTree files({{"Chart.yaml", "apiVersion: v2\nname: c\nversion: 1.0.0\n"},
                                {"values.yaml", GetParam().values},
                                {"templates/x.yaml", "a: 1\n" + GetParam().text}});
  ChartOptions options;
  options.limits.render.steps = 20'000'000;  // what is built for debugging is slow
  const long before = PeakMebibytes();
  const auto start = std::chrono::steady_clock::now();
  const core::Result<RenderedChart> rendered = RenderChart(files, "", options);
  ASSERT_FALSE(rendered);
  EXPECT_THAT(rendered.error().text(), HasSubstr(GetParam().limit));
  EXPECT_THAT(rendered.error().text(), HasSubstr(GetParam().where));
  EXPECT_LT(rendered.error().text().size(), 200'000);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(60));
  EXPECT_LT(PeakMebibytes() - before, 2100);  // heap and output, at their bounds both
}

const Hostile kHostile[] = {
    {"Include", "{{ define \"f\" }}{{ include \"f\" . }}{{ end }}{{ include \"f\" . }}", "",
     "rendering template has a nested reference name: f", "c/templates/x.yaml:2:"},
    {"Tpl", "{{ tpl .Values.t . }}", "t: '{{ tpl .Values.t . }}'",
     "exceeded maximum template depth (100000)", "c/templates/x.yaml:2:"},
    {"Range", "{{ range 1000000000 }}{{ end }}", "", "more than the limit of 20000000 steps",
     "c/templates/x.yaml:2:"},
    {"RangeInRange", "{{ range 100000 }}{{ range 100000 }}{{ end }}{{ end }}", "",
     "more than the limit of 20000000 steps", "c/templates/x.yaml:2:"},
    {"Repeat", "{{ repeat 1000000000 \"x\" }}", "",
     "larger than the limit for one text (67108864 bytes)", "at <repeat 1000000000 \"x\">"},
    {"Until", "{{ until 1000000000 }}", "", "larger than the limit for one text (67108864 bytes)",
     "at <until 1000000000>"},
    {"Doubling", "{{ $x := \"xx\" }}{{ range 40 }}{{ $x = cat $x $x }}{{ end }}", "",
     "larger than the limit for one text (67108864 bytes)", "at <cat $x $x>"},
    {"Output", "{{ $x := repeat 60000000 \"x\" }}{{ range 40 }}{{ $x }}{{ end }}", "",
     "larger than the limit of 536870912 bytes", "c/templates/x.yaml:2:"},
    {"Values", "{{ $l := list }}{{ range 1000 }}{{ $l = append $l (until 300000) }}{{ end }}", "",
     "or for all values (1073741824 bytes)", "c/templates/x.yaml:2:"},
    {"Regex", "{{ mustRegexMatch \"(((a{1000}){1000}){1000})\" \"a\" }}", "",
     "error parsing regexp", "at <mustRegexMatch"},
};
INSTANTIATE_TEST_SUITE_P(Helm, HelmHostileTest, testing::ValuesIn(kHostile),
                         [](const auto& test) { return test.param.name; });

TEST(HelmHostileChartTest, MatchesLongTextsInTimeThatGrowsWithTheirLength) {
  const core::MemoryTree files(
      {{"Chart.yaml", "apiVersion: v2\nname: c\nversion: 1.0.0\n"},
       {"templates/x.yaml", "a: {{ regexMatch \"^(a*)*(a|aa)*b$\" (repeat 1000000 \"a\") }}"}});
  const auto start = std::chrono::steady_clock::now();
  const core::Result<RenderedChart> rendered = RenderChart(files, "", {});
  ASSERT_TRUE(rendered);
  EXPECT_EQ(rendered->manifests.ordinary[0].text, "a: false");
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
}

TEST(HelmHostileChartTest, SeesNoFileOutsideOfTheChart) {
  const core::MemoryTree files(
      {{"secret.txt", "secret"},
       {"c/Chart.yaml", "apiVersion: v2\nname: c\nversion: 1.0.0\n"},
       {"c/templates/x.yaml",
        "a: '{{ .Files.Get \"../secret.txt\" }}{{ .Files.Get \"/secret.txt\" }}{{ .Files.Lines "
        "\"../secret.txt\" }}{{ range $p, $_ := .Files.Glob \"../*\" }}{{ $p }}{{ end }}{{ "
        "(.Files.Glob \"**secret*\").AsConfig }}'"}});
  const core::Result<RenderedChart> rendered = RenderChart(files, "c", {});
  ASSERT_TRUE(rendered) << rendered.error().text();
  EXPECT_THAT(rendered->manifests.ordinary[0].text, testing::Not(HasSubstr("secret")));
}

TEST(HelmHostileChartTest, EndsDependenciesInACircle) {
  const auto meta = [](const char* name, const char* other) {
    return std::string("apiVersion: v2\nversion: 1.0.0\nname: ") + name +
           "\ndependencies: [{name: " + other + ", version: 1, repository: 'file://../" + other +
           "'}]\n";
  };
  const core::MemoryTree files({{"a/Chart.yaml", meta("a", "b")},
                                {"b/Chart.yaml", meta("b", "a")},
                                {"b/templates/x.yaml", "b: 1"},
                                {"self/Chart.yaml", meta("self", "self")},
                                {"self/templates/x.yaml", "self: 1"}});
  ChartFetcher local(nullptr, nullptr, {});
  ChartOptions options;
  options.sources = &local;
  const core::Result<RenderedChart> rendered = RenderChart(files, "a", options);
  ASSERT_TRUE(rendered) << rendered.error().text();
  EXPECT_EQ(rendered->manifests.ordinary.size(), 1);
  const core::Result<RenderedChart> self = RenderChart(files, "self", options);
  ASSERT_TRUE(self) << self.error().text();
  EXPECT_EQ(self->manifests.ordinary.size(), 2);
}

TEST(HelmHostileChartTest, NamesWhoSetWhatIsWrong) {
  ChartOptions options;
  options.values_files = {{"prod.yaml", "other: 1\nimage:\n  tag: null\n"},
                          {"eu.yaml", "a: 1\nsub:\n\n  image: text\n"}};
  options.set = {"set.me=hidden"};
  const auto render = [&](const char* text) {
    const core::MemoryTree files(
        {{"Chart.yaml", "apiVersion: v2\nname: c\nversion: 1.0.0\n"},
         {"values.yaml", "image: {}\nown:\n  deep: 1\n"},
         {"templates/x.yaml", text},
         {"charts/sub/Chart.yaml", "apiVersion: v2\nname: sub\nversion: 1.0.0\n"},
         {"charts/sub/values.yaml", "mine: x\n"},
         {"charts/sub/templates/y.yaml", "{{ .Values.sub }}"},
         {"charts/sub/templates/z.yaml", text}});
    const core::Result<RenderedChart> rendered = RenderChart(files, "", options);
    return rendered ? "" : rendered.error().text();
  };
  EXPECT_THAT(render("{{ .Values.image.tag.x }}{{ .Values.own.deep.x }}"),
              HasSubstr("image is set in eu.yaml:4"));  // of the subchart, which is rendered first
  EXPECT_THAT(render("{{ if .Chart.IsRoot }}{{ .Values.own.deep.x }}{{ end }}"),
              HasSubstr("own.deep is set in values.yaml:3"));
  EXPECT_THAT(render("{{ if .Chart.IsRoot }}{{ .Values.image.tag.x }}{{ end }}"),
              HasSubstr("image.tag is set in prod.yaml:3"));
  EXPECT_THAT(render("{{ if .Chart.IsRoot }}{{ .Values.set.me | add1 | trim }}{{ end }}"),
              testing::Not(HasSubstr("hidden")));
  EXPECT_THAT(render("{{ if not .Chart.IsRoot }}{{ .Values.mine.x }}{{ end }}"),
              HasSubstr("mine is set in charts/sub/values.yaml:1"));
  EXPECT_THAT(render("{{ if .Chart.IsRoot }}{{ .Values.set.me.x }}{{ end }}"),
              HasSubstr("set.me is set in --set set.me"));
  EXPECT_THAT(render("{{ fail .Values.absent }}"), testing::Not(HasSubstr("is set in")));
}

}  // namespace
}  // namespace headgate::templating::helm
