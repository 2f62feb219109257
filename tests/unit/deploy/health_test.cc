#include "deploy/health/health.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "tests/unit/deploy/parsed.h"

namespace headgate::deploy {
namespace {

struct Case {
  std::string name;
  std::string want;
  core::Value object;
};

std::vector<Case> PublishedCases() {
  std::vector<Case> cases;
  std::ifstream file(HEADGATE_DEPLOY_TEST_DATA "/health_cases.jsonl");
  for (std::string line; std::getline(file, line);) {
    const core::Result<core::Value> parsed = core::ParseJson(line);
    if (!parsed) continue;
    Case next{parsed->StringAt("id"), parsed->StringAt("status"), *parsed->Find("object")};
    std::replace(next.name.begin(), next.name.end(), '-', '_');
    cases.push_back(std::move(next));
  }
  return cases;
}

TEST(HealthData, IsAllRead) { EXPECT_EQ(PublishedCases().size(), 64u); }

class PublishedHealth : public testing::TestWithParam<Case> {};

TEST_P(PublishedHealth, JudgesAsPublished) {
  const Health health = AssessHealth(GetParam().object);
  EXPECT_EQ(Show(health.code), GetParam().want) << health.why;
  EXPECT_EQ(health.why.empty(), health.code == HealthCode::kHealthy);
}
INSTANTIATE_TEST_SUITE_P(Data, PublishedHealth, testing::ValuesIn(PublishedCases()),
                         [](const auto& test) { return test.param.name; });

void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

struct Own {
  std::string name;
  std::string object;  // less apiVersion, kind and metadata.name, which `type` gives
  std::string want;
};

void PrintTo(const Own& own, std::ostream* out) { *out << own.name; }

const Own kOwn[] = {
    {"DeploymentCountsUpdatedPods",
     R"({'apiVersion':'apps/v1','kind':'Deployment','metadata':{'generation':2},'spec':{'replicas':5},
         'status':{'observedGeneration':2,'replicas':6,'updatedReplicas':2,'readyReplicas':6,'availableReplicas':6}})",
     "Progressing: 2 of 5 pods updated"},
    {"DeploymentOfNoReplicasIsHealthy",
     R"({'apiVersion':'apps/v1','kind':'Deployment','metadata':{'generation':1},'spec':{'replicas':0},
         'status':{'observedGeneration':1,'conditions':[{'type':'Available','status':'True'}]}})",
     "Healthy"},
    {"DeploymentPastItsDeadlineIsDegraded",
     R"({'apiVersion':'apps/v1','kind':'Deployment','spec':{'replicas':1},'status':{'replicas':1,
         'conditions':[{'type':'Progressing','status':'False','reason':'ProgressDeadlineExceeded',
         'message':'ReplicaSet web-1 has timed out progressing.'}]}})",
     "Degraded: ProgressDeadlineExceeded: ReplicaSet web-1 has timed out progressing."},
    {"DeploymentWithoutQuotaSaysSo",
     R"({'apiVersion':'apps/v1','kind':'Deployment','spec':{'replicas':1},'status':{
         'conditions':[{'type':'ReplicaFailure','status':'True','reason':'FailedCreate','message':'exceeded quota'}]}})",
     "Degraded: FailedCreate: exceeded quota"},
    {"StatefulSetWaitsForItsRevision",
     R"({'apiVersion':'apps/v1','kind':'StatefulSet','spec':{'replicas':2},'status':{'replicas':2,'readyReplicas':2,
         'updatedReplicas':1,'currentRevision':'db-1','updateRevision':'db-2'}})",
     "Progressing: 1 of 2 pods at revision db-2"},
    {"StatefulSetOnlyUpdatesAboveItsPartition",
     R"({'apiVersion':'apps/v1','kind':'StatefulSet','spec':{'replicas':3,'updateStrategy':{'rollingUpdate':{'partition':2}}},
         'status':{'replicas':3,'readyReplicas':3,'updatedReplicas':1,'currentRevision':'db-1','updateRevision':'db-2'}})",
     "Healthy"},
    {"JobCountsItsPods",
     R"({'apiVersion':'batch/v1','kind':'Job','spec':{'completions':3},'status':{'succeeded':1,'failed':2}})",
     "Progressing: 1 of 3 pods completed, 2 failed"},
    {"CronJobSuspended", R"({'apiVersion':'batch/v1','kind':'CronJob','spec':{'suspend':true}})",
     "Healthy"},
    {"CronJobWhoseLastRunFailed",
     R"({'apiVersion':'batch/v1','kind':'CronJob','status':{'lastScheduleTime':'2026-01-02T00:00:00Z','lastSuccessfulTime':'2026-01-01T00:00:09Z'}})",
     "Degraded: the run of 2026-01-02T00:00:00Z has not succeeded; the last one that did ended at "
     "2026-01-01T00:00:09Z"},
    {"CronJobThatRunsNow",
     R"({'apiVersion':'batch/v1','kind':'CronJob','status':{'active':[{'name':'x'}],'lastScheduleTime':'2026-01-02T00:00:00Z','lastSuccessfulTime':'2026-01-01T00:00:09Z'}})",
     "Healthy"},
    {"BudgetOfTooFewPods",
     R"({'apiVersion':'policy/v1','kind':'PodDisruptionBudget','status':{'observedGeneration':1,'currentHealthy':0,'desiredHealthy':1,
         'conditions':[{'type':'DisruptionAllowed','status':'False','reason':'InsufficientPods'}]}})",
     "Healthy"},
    {"BudgetThatCannotBeComputed",
     R"({'apiVersion':'policy/v1','kind':'PodDisruptionBudget','status':{'observedGeneration':1,
         'conditions':[{'type':'DisruptionAllowed','status':'False','reason':'SyncFailed','message':'no scale'}]}})",
     "Degraded: SyncFailed: no scale"},
    {"ClaimUnbound",
     R"({'apiVersion':'v1','kind':'PersistentVolumeClaim','status':{'phase':'Pending'}})",
     "Progressing: not bound to a volume yet"},
    {"ClaimLost", R"({'apiVersion':'v1','kind':'PersistentVolumeClaim','status':{'phase':'Lost'}})",
     "Degraded: the volume that it was bound to is lost"},
    {"NamespaceActive", R"({'apiVersion':'v1','kind':'Namespace','status':{'phase':'Active'}})",
     "Healthy"},
    {"DeletedWithFinalizerIsNamed",
     R"({'apiVersion':'v1','kind':'ConfigMap','metadata':{'deletionTimestamp':'2026-01-01T00:00:00Z','finalizers':['example.com/hold']}})",
     "Progressing: is being deleted; waits for example.com/hold"},
    {"RouteWithoutGateway", R"({'apiVersion':'gateway.networking.k8s.io/v1','kind':'HTTPRoute'})",
     "Progressing: no gateway has answered for it yet"},
    {"RouteWithoutBackend",
     R"({'apiVersion':'gateway.networking.k8s.io/v1','kind':'HTTPRoute','metadata':{'generation':1},'status':{'parents':[
         {'parentRef':{'name':'public'},'conditions':[
           {'type':'Accepted','status':'True','observedGeneration':1},
           {'type':'ResolvedRefs','status':'False','observedGeneration':1,'reason':'BackendNotFound','message':'no Service web'}]}]}})",
     "Degraded: gateway public: BackendNotFound: no Service web"},
    {"RouteNotSeenAtItsGeneration",
     R"({'apiVersion':'gateway.networking.k8s.io/v1','kind':'HTTPRoute','metadata':{'generation':2},'status':{'parents':[
         {'parentRef':{'name':'public'},'conditions':[{'type':'Accepted','status':'True','observedGeneration':1}]}]}})",
     "Progressing: no gateway has seen generation 2 yet"},
    {"OtherKindStalled",
     R"({'apiVersion':'example.com/v1','kind':'Thing','status':{'conditions':[{'type':'Stalled','status':'True','reason':'NoWay'}]}})",
     "Degraded: NoWay"},
    {"OtherKindNotReady",
     R"({'apiVersion':'example.com/v1','kind':'Thing','status':{'conditions':[{'type':'Ready','status':'False','reason':'Waiting','message':'for a disk'}]}})",
     "Progressing: Waiting: for a disk"},
    {"OtherKindNotObserved",
     R"({'apiVersion':'example.com/v1','kind':'Thing','metadata':{'generation':3},'status':{'observedGeneration':2,'conditions':[{'type':'Ready','status':'True'}]}})",
     "Progressing: generation 3 is not observed yet; its controller has seen 2"},
    {"NothingThere", "null", "Missing: not in the cluster"},
    {"NoObject", "[1]", "Unknown: this is no Kubernetes object: it has no kind"},
    {"StatusOfWrongShape",
     R"({'apiVersion':'apps/v1','kind':'Deployment','spec':'x','status':['y']})",
     "Progressing: its controller has not seen it yet"},
};

class OwnHealth : public testing::TestWithParam<Own> {};

TEST_P(OwnHealth, SaysWhy) {
  EXPECT_EQ(Show(AssessHealth(Parsed(GetParam().object))), GetParam().want);
}
INSTANTIATE_TEST_SUITE_P(Cases, OwnHealth, testing::ValuesIn(kOwn),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace headgate::deploy
