#include "reconciler/source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/clock.h"
#include "git/mirrors.h"
#include "net/http.h"
#include "tests/unit/git/git_server.h"

namespace headgate::reconciler {
namespace {

constexpr char kMap[] = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\n";

class SourceTest : public testing::Test {
 protected:
  SourceTest() {
    application_.source.url = repository_.Url();
    application_.source.branch = "main";
    application_.source.path = "shop";
  }
  // The objects after these files were pushed: what At says of the new commit.
  core::Result<Source::Wanted> Push(const std::map<std::string, std::string>& files) {
    newest_ = repository_.Push(files);
    return source_.At(application_, newest_, {});
  }

  const test::TemporaryDirectory directory_;
  test::Repository repository_{directory_.path() / "repo.git"};
  net::Http http_;
  git::Mirrors mirrors_{directory_.path() / "mirrors", &http_, {.allow_file_urls = true}};
  const core::RealClock clock_;
  core::Application application_;
  Source source_{&mirrors_,
                 deploy::Client({"test", "http://127.0.0.1:1", nullptr, "default"}, &http_),
                 &clock_};
  std::string newest_;
};

TEST_F(SourceTest, RendersAgainOnlyWhereAnInputChanged) {
  const auto whole = Push({{"shop/kustomization.yaml", "resources: [map.yaml, ../base]\n"},
                           {"shop/map.yaml", kMap},
                           {"base/kustomization.yaml", "resources: [x.yaml]\n"},
                           {"base/x.yaml", "apiVersion: v1\nkind: Secret\nmetadata: {name: x}\n"},
                           {"other/map.yaml", kMap}});
  ASSERT_TRUE(whole.ok()) << whole.error().text();
  const std::string rendered = newest_;

  for (const auto& [path, text] : std::map<std::string, std::string>{
           {"other/map.yaml", "changed"}, {"shop/README.md", "new"}, {"base/y.yaml", "new"}}) {
    const auto untouched = Push({{path, text}});
    ASSERT_TRUE(untouched.ok());
    EXPECT_EQ(untouched->objects, whole->objects) << path << " was rendered again";
    EXPECT_EQ(untouched->revision, rendered);
  }
  for (const auto& [path, text] : std::map<std::string, std::string>{
           {"base/x.yaml", "apiVersion: v1\nkind: Secret\nmetadata: {name: y}\n"},
           {"shop/map.yaml", std::string(kMap) + "data: {a: b}\n"}}) {
    const auto touched = Push({{path, text}});
    ASSERT_TRUE(touched.ok()) << touched.error().text();
    EXPECT_NE(touched->objects, whole->objects) << path;
    EXPECT_EQ(touched->revision, newest_);
  }
}

TEST_F(SourceTest, RendersAChartAgainOnlyWhereItsInputsChanged) {
  application_.name = "web";
  application_.destination.namespace_name = "space";
  application_.render.helm.values_files = {"../prod.yaml"};
  const auto name = [](const core::Result<Source::Wanted>& wanted) {
    return wanted ? core::NameOf(wanted->objects->front().body) : wanted.error().text();
  };
  const auto whole =
      Push({{"shop/Chart.yaml", "apiVersion: v2\nname: x\nversion: 1.0.0"},
            {"shop/templates/a.yaml",
             "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ .Release.Name }}-{{ "
             ".Release.Namespace }}-{{ .Values.a }}}"},
            {"prod.yaml", "a: prod"},
            {"other/a.yaml", kMap}});
  EXPECT_EQ(name(whole), "web-space-prod");
  const auto untouched = Push({{"other/a.yaml", ""}});
  EXPECT_EQ(untouched->objects, whole->objects) << "it was rendered again";
  EXPECT_EQ(name(Push({{"prod.yaml", "a: new"}})), "web-space-new");

  application_.render.helm.release_name = "r";
  EXPECT_EQ(name(source_.At(application_, newest_, {})), "r-space-new") << "the spec changed";
}

TEST_F(SourceTest, RemembersWhatIsWrongUntilAnInputChanges) {
  const auto broken = Push({{"shop/kustomization.yaml", "resources: [missing.yaml]\n"}});
  EXPECT_EQ(broken.error().fault(), core::Fault::kInvalid);
  EXPECT_EQ(Push({{"README.md", "x"}}).error(), broken.error());
  EXPECT_TRUE(Push({{"shop/missing.yaml", kMap}}).ok()) << "what was looked for in vain is there";
}

TEST_F(SourceTest, NoticesAFileThatComesIntoAPlainDirectory) {
  const auto one = Push({{"shop/a.yaml", kMap}});
  EXPECT_EQ(one->objects->size(), 1u);
  const auto two = Push({{"shop/b/b.yaml", "apiVersion: v1\nkind: Secret\nmetadata: {name: x}\n"}});
  EXPECT_EQ(two->objects->size(), 2u);
}

TEST_F(SourceTest, RendersAnewWhereAnotherPathIsWanted) {
  ASSERT_TRUE(Push({{"shop/a.yaml", kMap},
                    {"bar/a.yaml", kMap},
                    {"bar/b.yaml", "apiVersion: v1\nkind: Secret\nmetadata: {name: x}\n"}})
                  .ok());
  application_.source.path = "bar";
  EXPECT_EQ(source_.At(application_, newest_, {})->objects->size(), 2u);
}

}  // namespace
}  // namespace headgate::reconciler
