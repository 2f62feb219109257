#include "deploy/plan/diff.h"

#include <gtest/gtest.h>

#include "tests/unit/deploy/parsed.h"

namespace headgate::deploy {
namespace {

struct Case {
  std::string name;
  std::string wanted;
  std::string live;
  std::string want;
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

std::string Shown(const FieldDiffs& diffs) {
  std::string text;
  for (const FieldDiff& diff : diffs) {
    if (!text.empty()) text += "; ";
    text += diff.path + ": " + (diff.from ? core::ToJson(*diff.from) : "-") + " > " +
            (diff.to ? core::ToJson(*diff.to) : "-");
  }
  return text;
}

const Case kCases[] = {
    {"Equal", "{'spec':{'a':1}}", "{'spec':{'a':1}}", ""},
    {"DefaultsOfTheServer", "{'spec':{'a':1}}", "{'spec':{'a':1,'b':2},'status':{'c':3}}", ""},
    {"OtherValue", "{'spec':{'a':1}}", "{'spec':{'a':2}}", "spec.a: 2 > 1"},
    {"NewField", "{'spec':{'a':{'b':1}}}", "{'spec':{}}", "spec.a: - > {\"b\":1}"},
    {"StatusIsNotOurs", "{'status':{'a':1}}", "{'status':{'a':2}}", ""},
    {"NullIsAbsent", "{'metadata':{'creationTimestamp':null},'spec':null}", "{'metadata':{}}", ""},
    {"FalseIsNotAbsent", "{'spec':{'allowPrivilegeEscalation':false}}", "{'spec':{}}",
     "spec.allowPrivilegeEscalation: - > false"},
    {"ContainersByName", "{'spec':{'containers':[{'name':'web','image':'web:2'}]}}",
     "{'spec':{'containers':[{'name':'proxy','image':'p'},{'name':'web','image':'web:1','tty':true}"
     "]}}",
     "spec.containers[name=web].image: \"web:1\" > \"web:2\""},
    {"ContainerPortsByPortAndProtocol",
     "{'spec':{'containers':[{'name':'web','ports':[{'containerPort':53,'name':'dns'}]}]}}",
     "{'spec':{'containers':[{'name':'web','ports':[{'containerPort':53,'protocol':'UDP','name':'x'"
     "},{'containerPort':53,'protocol':'TCP','name':'y'}]}]}}",
     "spec.containers[name=web].ports[containerPort=53,protocol=TCP].name: \"y\" > \"dns\""},
    {"ServicePorts", "{'spec':{'ports':[{'port':80}]}}",
     "{'spec':{'ports':[{'port':80,'protocol':'TCP','targetPort':80,'nodePort':3}]}}", ""},
    {"EnvironmentByName", "{'spec':{'containers':[{'name':'w','env':[{'name':'A','value':'1'}]}]}}",
     "{'spec':{'containers':[{'name':'w','env':[{'name':'B','value':'0'},{'name':'A','value':'1'}]}"
     "]}}",
     ""},
    {"OtherListsItemByItem", "{'spec':{'rules':[{'backendRefs':[{'name':'web','weight':1}]}]}}",
     "{'spec':{'rules':[{'matches':[],'backendRefs':[{'name':'web','weight':2,'kind':'Service'}]}]}"
     "}",
     "spec.rules[0].backendRefs[0].weight: 2 > 1"},
    {"OtherListsOfOtherLength", "{'spec':{'args':['a','b']}}", "{'spec':{'args':['a']}}",
     "spec.args: [\"a\"] > [\"a\",\"b\"]"},
    {"Quantities", "{'spec':{'resources':{'limits':{'cpu':1,'memory':'1024Mi'}}}}",
     "{'spec':{'resources':{'limits':{'cpu':'1000m','memory':'1Gi'}}}}", ""},
    {"StringsThatLookLikeQuantities", "{'data':{'cpu':'1000m'}}", "{'data':{'cpu':'1'}}",
     "data.cpu: \"1\" > \"1000m\""},
    {"OtherKindOfValue", "{'spec':{'port':'80'}}", "{'spec':{'port':80}}",
     "spec.port: 80 > \"80\""},
};

class DiffTest : public testing::TestWithParam<Case> {};

TEST_P(DiffTest, ComparesWhatIsWanted) {
  EXPECT_EQ(Shown(DiffOnWanted(Parsed(GetParam().wanted), Parsed(GetParam().live))),
            GetParam().want);
}
INSTANTIATE_TEST_SUITE_P(Cases, DiffTest, testing::ValuesIn(kCases),
                         [](const auto& test) { return test.param.name; });

TEST(DiffStates, SeesWhatGoesAndNotWhatTheServerKeeps) {
  EXPECT_EQ(Shown(DiffStates(
                Parsed("{'metadata':{'uid':'1','generation':1,'labels':{'a':'1'}},'spec':{'x':1,'"
                       "containers':[{'name':'old'}]},'status':{}}"),
                Parsed("{'metadata':{'uid':'2','generation':2},'spec':{'x':2,'containers':[]}}"))),
            "metadata.labels: {\"a\":\"1\"} > -; spec.x: 1 > 2; "
            "spec.containers[name=old]: {\"name\":\"old\"} > -");
}

TEST(Masked, HidesValuesAndShowsThatTheyChanged) {
  const core::Value before =
      Masked(Parsed("{'apiVersion':'v1','kind':'Secret','data':{'a':'aHVudGVyMg==','b':'eA=='}}"));
  const core::Value after =
      Masked(Parsed("{'apiVersion':'v1','kind':'Secret','data':{'a':'b3RoZXI=','b':'eA=='}}"));
  EXPECT_EQ(before.StringAt("data", "b"), after.StringAt("data", "b"));
  EXPECT_NE(before.StringAt("data", "a"), after.StringAt("data", "a"));
  EXPECT_EQ(core::ToJson(before).find("aHVudGVyMg"), std::string::npos);
  EXPECT_EQ(before.StringAt("data", "a").substr(0, 4), "***(");
}

TEST(Masked, HidesWhatKubectlRemembers) {
  const core::Value masked =
      Masked(Parsed("{'apiVersion':'v1','kind':'Secret','metadata':{'annotations':{'kubectl."
                    "kubernetes.io/last-applied-configuration':'hunter2'}}}"));
  EXPECT_EQ(core::ToJson(masked).find("hunter2"), std::string::npos);
}

TEST(Masked, LeavesOtherKinds) {
  const core::Value map = Parsed("{'apiVersion':'v1','kind':'ConfigMap','data':{'a':'1'}}");
  EXPECT_EQ(Masked(map), map);
}

}  // namespace
}  // namespace headgate::deploy
