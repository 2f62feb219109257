#include <gtest/gtest.h>

#include <string>
#include <unordered_set>

#include "node_text.h"
#include "resources_text.h"
#include "templating/kustomize/transform.h"
#include "templating/kustomize/vars_expand.h"

namespace headgate::templating::kustomize {
namespace {

struct ExpandCase {
  const char* text;
  const char* want;
};

// With A: x, N: 5, F: 0.5, B: true, M: a mapping.
const ExpandCase kExpands[] = {
    {"$(A)", "x"},
    {"a$(A)b$(A)", "axbx"},
    {"$(N)", "5"},
    {"n$(N)", "n5"},
    {"$(F) $(B)", "0.5 true"},
    {"$(B)", "true"},
    {"$(NONE)", "$(NONE)"},
    {"$(M)", "$(M)"},
    {"$$(A)", "$(A)"},
    {"$$$(A)", "$x"},
    {"$A", "$A"},
    {"$(A", "$(A"},
    {"a$", "a$"},
    {"$$", "$"},
    {"$($(A))", "$($(A))"},
    {"$()", "$()"},
};

TEST(VarsTest, ExpandsTexts) {
  const VarValues values{
      {"A", std::string("x")}, {"N", int64_t{5}}, {"F", 0.5}, {"B", true}, {"M", std::monostate()}};
  for (const ExpandCase& test : kExpands) {
    OwnBuild build;
    std::unordered_set<std::string_view> used;
    yaml::Node* node = build.arena->NewScalar(test.text);
    ExpandVars(values, &build, &used, node);
    EXPECT_EQ(ShowNode(*node), test.want) << test.text;
  }
}

struct Case {
  const char* name;
  Var var;
  const char* want;  // of the pod, or an error
};

const Case kCases[] = {
    {"TakesTheNameOfWhatWasRenamed", {"V", "", "v1", "Service", "a", "", ""}, "[b-p-a, $(W)]"},
    {"TakesAnyField", {"V", "", "v1", "Service", "a", "", "spec.ports[1].port"}, "[b-81, $(W)]"},
    {"RefusesAMissingField",
     {"V", "", "v1", "Service", "a", "", "spec.none"},
     "var V: v1 Service p-a: nothing at spec.none"},
    {"RefusesAnUnknownObject",
     {"V", "", "v1", "Service", "none", "", ""},
     "var V: no object Service none is known"},
    {"RefusesAnotherNamespace",
     {"V", "", "v1", "Service", "a", "x", ""},
     "var V: no object Service a is known"},
};

TEST(VarsTest, TakesValuesFromObjects) {
  for (const Case& test : kCases) {
    OwnBuild build;
    ResourceMap all = ReadResources(&build, R"(
{apiVersion: v1, kind: Service, metadata: {name: p-a}, spec: {ports: [{port: 80}, {port: 81}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: c}, spec: {containers: [{args: [b-$(V), $(W)]}]}}
)");
    all.all().front()->previous.push_back({"default", "a", "Service"});
    std::vector<Var> vars;
    ASSERT_TRUE(MergeVars({test.var}, &all, &vars));
    const core::Status done = ResolveVars(vars, *DefaultConfig(), &build, &all);
    const yaml::Node* containers = all.all().back()->body->Find("spec", "containers");
    EXPECT_EQ(done ? ShowNode(*containers->items[0]->Find("args")) : done.error().text(), test.want)
        << test.name;
  }
}

TEST(VarsTest, RefusesTheSameNameTwice) {
  std::vector<Var> vars{{"V", "", "", "", "", "", ""}};
  const core::Status merged = MergeVars({{"V", "", "", "", "", "", ""}}, &vars);
  ASSERT_FALSE(merged);
  EXPECT_EQ(merged.error().text(), "var V: there is one of that name already");
}

TEST(VarsTest, WarnsOfVarsThatNothingUses) {
  OwnBuild build;
  ResourceMap all = ReadResources(&build, "{apiVersion: v1, kind: Pod, metadata: {name: a}}");
  std::vector<Var> vars;
  ASSERT_TRUE(MergeVars({{"V", "", "v1", "Pod", "a", "", ""}}, &all, &vars));
  ASSERT_TRUE(ResolveVars(vars, *DefaultConfig(), &build, &all));
  ASSERT_EQ(build.warnings.size(), 1U);
  EXPECT_EQ(build.warnings.front(), "well-defined vars that were never replaced: V");
}

}  // namespace
}  // namespace headgate::templating::kustomize
