#include "deploy/health/serving.h"

#include <gtest/gtest.h>

#include "tests/unit/deploy/parsed.h"

namespace headgate::deploy {
namespace {

const char kIngress[] =
    R"({'apiVersion':'networking.k8s.io/v1','kind':'Ingress','metadata':{'name':'web','creationTimestamp':'2026-01-01T00:00:00Z'},
  'spec':{'defaultBackend':{'service':{'name':'web'}},'rules':[{'http':{'paths':[
    {'backend':{'service':{'name':'cart'}}},{'backend':{'service':{'name':'web'}}},{'backend':{'resource':{'name':'bucket'}}}]}}]}})";

core::Time At(const std::string& time) { return *core::ParseTime(time); }

std::vector<core::Value> Slices(const std::string& web, const std::string& cart) {
  const auto slice = [](const std::string& name, const std::string& endpoints) {
    return Parsed("{'metadata':{'labels':{'kubernetes.io/service-name':'" + name +
                  "'}},'endpoints':[" + endpoints + "]}");
  };
  return {slice("web", web), slice("cart", cart)};
}
const char kReady[] = "{'conditions':{'ready':true}}";
const char kStarting[] = "{'conditions':{'ready':false}}";

TEST(Backends, AreEachNamedOnce) {
  EXPECT_EQ(BackendsOf(Parsed(kIngress)), (std::vector<std::string>{"cart", "web"}));
  EXPECT_EQ(BackendsOf(Parsed("{'apiVersion':'v1','kind':'Service','metadata':{'name':'db'}}")),
            std::vector<std::string>{"db"});
}

TEST(Served, WaitsForAnAddressAtFirst) {
  EXPECT_EQ(
      Show(ServedHealth(Parsed(kIngress), Slices(kReady, kReady), At("2026-01-01T00:00:59Z"))),
      "Progressing: no ingress controller has given it an address yet");
}

TEST(Served, IsWellWhereAllItsBackendsServe) {
  EXPECT_EQ(
      Show(ServedHealth(Parsed(kIngress), Slices(kReady, kReady), At("2026-01-01T00:01:00Z"))),
      "Healthy");
}

TEST(Served, NamesTheServiceThatIsNotReady) {
  EXPECT_EQ(
      Show(ServedHealth(Parsed(kIngress), Slices(kReady, kStarting), At("2026-01-01T00:01:00Z"))),
      "Progressing: no ingress controller has given it an address yet; Service cart has no "
      "endpoint "
      "that is ready");
}

TEST(Served, RestsWhereNothingIsMeantToServe) {
  EXPECT_EQ(Show(ServedHealth(Parsed(kIngress), Slices(kReady, ""), At("2026-01-01T00:01:00Z"))),
            "Suspended: nothing serves it: Service cart has no endpoints");
}

TEST(Served, LeavesOtherKindsAlone) {
  const core::Value plain =
      Parsed("{'apiVersion':'v1','kind':'Service','metadata':{'name':'web'}}");
  EXPECT_FALSE(WaitsForAddress(plain));
  EXPECT_EQ(Show(ServedHealth(plain, {}, At("2026-01-01T00:01:00Z"))), "Healthy");
}

std::vector<core::Value> Events(const std::string& list) {
  const core::Value parsed = Parsed(list);
  return {parsed.AsList()->begin(), parsed.AsList()->end()};
}

TEST(EventCause, IsTheNewestWarningThatTellsWhy) {
  EXPECT_EQ(CauseOfEvents(Events(R"([
      {'type':'Warning','reason':'Unhealthy','message':'Readiness probe failed: 503','lastTimestamp':'2026-01-01T00:00:02Z'},
      {'type':'Warning','reason':'FailedCreate','message':'exceeded quota','lastTimestamp':'2026-01-01T00:00:01Z'},
      {'type':'Normal','reason':'Unhealthy','message':'x','lastTimestamp':'2026-01-01T00:00:09Z'},
      {'type':'Warning','reason':'DNSConfigForming','message':'x','lastTimestamp':'2026-01-01T00:00:09Z'}])")),
            "Unhealthy: Readiness probe failed: 503");
  EXPECT_EQ(CauseOfEvents({}), "");
}

TEST(EventCause, KnowsClaimsThatWaitForAPod) {
  EXPECT_TRUE(WaitsForFirstConsumer(Events("[{'reason':'WaitForFirstConsumer'}]")));
  EXPECT_FALSE(WaitsForFirstConsumer(
      Events("[{'reason':'WaitForFirstConsumer','lastTimestamp':'2026-01-01T00:00:01Z'},"
             "{'reason':'ProvisioningFailed','lastTimestamp':'2026-01-01T00:00:02Z'}]")));
}

}  // namespace
}  // namespace headgate::deploy
