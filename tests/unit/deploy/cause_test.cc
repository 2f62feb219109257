#include <gtest/gtest.h>

#include "deploy/health/health.h"
#include "tests/unit/deploy/parsed.h"

namespace headgate::deploy {
namespace {

struct Case {
  std::string name;
  std::string pods;
  std::string want;
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

#define POD(status) R"({'kind':'Pod','spec':{'restartPolicy':'Always'},'status':)" status "}"
#define CONTAINER(rest) R"({'containerStatuses':[{'name':'web','image':'nosuch:1',)" rest "}]}"

const Case kCases[] = {
    {"NoPods", "[]", ""},
    {"ReadyPods", "[" POD(CONTAINER("'ready':true,'state':{'running':{}}")) "]", ""},
    {"StartingPods",
     "[" POD(CONTAINER("'ready':false,'state':{'waiting':{'reason':'ContainerCreating'}}")) "]",
     ""},
    {"ImageThatCannotBePulled",
     "[" POD(CONTAINER("'ready':false,'state':{'waiting':{'reason':'ImagePullBackOff'}}")) "]",
     "container web: ImagePullBackOff: image nosuch:1 cannot be pulled"},
    {"Crashes",
     "[" POD(CONTAINER("'ready':false,'state':{'waiting':{'reason':'CrashLoopBackOff'}},"
                       "'lastState':{'terminated':{'exitCode':1,'reason':'Error','message':'panic: "
                       "no DSN\\n'}}")) "]",
     R"(container web: CrashLoopBackOff: exit 1: "panic: no DSN")"},
    {"KilledForMemory",
     "[" POD(CONTAINER(
         "'ready':false,'state':{'terminated':{'exitCode':137,'reason':'OOMKilled'}}")) "]",
     "container web: exit 137 (OOMKilled)"},
    {"MissingConfigMap",
     "[" POD(CONTAINER("'ready':false,'state':{'waiting':{'reason':'CreateContainerConfigError','"
                       "message':'configmap \\\"web\\\" not found'}}")) "]",
     R"(container web: CreateContainerConfigError: configmap "web" not found)"},
    {"RunningNotReady", "[" POD(CONTAINER("'ready':false,'state':{'running':{}}")) "]",
     "container web: running, but not ready"},
    {"InitContainer",
     "[" POD(
         "{'initContainerStatuses':[{'name':'migrate','state':{'terminated':{'exitCode':2}}}]}") "]",
     "init container migrate: exit 2"},
    {"NoNode",
     "[" POD("{'conditions':[{'type':'PodScheduled','status':'False','reason':'Unschedulable','"
             "message':'0/1 nodes'}]}") "]",
     "no node takes the pod: Unschedulable: 0/1 nodes"},
    {"WorstPodSpeaks",
     "[" POD(CONTAINER("'ready':false,'state':{'running':{}}")) "," POD(CONTAINER(
         "'ready':false,'state':{'waiting':{'reason':'CrashLoopBackOff'}},"
         "'lastState':{'terminated':{'exitCode':1}}")) "," POD(CONTAINER("'ready':false,'state':{'"
                                                                         "waiting':{'reason':'"
                                                                         "CrashLoopBackOff'}},"
                                                                         "'lastState':{'terminated'"
                                                                         ":{'exitCode':1}}")) "]",
     "container web: CrashLoopBackOff: exit 1 (2 pods)"},
    {"PodsOfOthersAreNotAsked",
     R"([{'kind':'Pod','metadata':{'ownerReferences':[{'controller':true,'kind':'ReplicaSet','name':'cart-1'}]},
          'status':{'containerStatuses':[{'name':'cart','ready':false,'state':{'running':{}}}]}}])",
     ""},
};

class CauseTest : public testing::TestWithParam<Case> {};

TEST_P(CauseTest, NamesContainerAndReason) {
  const core::Value web = Parsed("{'kind':'Deployment','metadata':{'name':'web'}}");
  EXPECT_EQ(CauseOf(web, *Parsed(GetParam().pods).AsList()), GetParam().want);
}
INSTANTIATE_TEST_SUITE_P(Cases, CauseTest, testing::ValuesIn(kCases),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace headgate::deploy
