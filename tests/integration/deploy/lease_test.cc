#include "deploy/lease.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "environment.h"
#include "proxy.h"

namespace headgate::deploy {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;

class LeaseTest : public ClusterTest {
 protected:
  LeaseOptions Options(const std::string& holder) const {
    LeaseOptions options;
    options.namespace_name = namespace_name_;
    options.name = "headgate";
    options.holder = holder;
    return options;
  }
  core::HandClock clock_;  // moved by hand: nothing waits
};

TEST_F(LeaseTest, HasOneHolder) {
  Lease first(client_, Options("first"), &clock_);
  Lease second(client_, Options("second"), &clock_);
  EXPECT_FALSE(first.MayWrite());
  EXPECT_TRUE(Must(first.Tick()));
  EXPECT_TRUE(first.MayWrite());
  EXPECT_FALSE(Must(second.Tick()));
  EXPECT_FALSE(second.MayWrite());
  EXPECT_EQ(second.holder(), "first");
  EXPECT_THAT(second.CheckMayWrite().error().text(), HasSubstr("; first does"));
}

TEST_F(LeaseTest, StopsWritingAtTheDeadlineAndIsTakenOverAfterTheDuration) {
  Lease first(client_, Options("first"), &clock_);
  Lease second(client_, Options("second"), &clock_);
  EXPECT_TRUE(Must(first.Tick()));
  EXPECT_FALSE(Must(second.Tick()));
  clock_.Move(seconds(10));
  EXPECT_FALSE(first.MayWrite()) << "it was not renewed for 10 s";
  EXPECT_FALSE(Must(second.Tick())) << "the first may still be at its last write";
  clock_.Move(seconds(5));
  EXPECT_TRUE(Must(second.Tick())) << "15 s after it was first seen";
  EXPECT_TRUE(second.MayWrite());
  EXPECT_FALSE(Must(first.Tick()));
  EXPECT_FALSE(first.MayWrite());
}

TEST_F(LeaseTest, IsKeptByRenewing) {
  Lease first(client_, Options("first"), &clock_);
  Lease second(client_, Options("second"), &clock_);
  EXPECT_TRUE(Must(first.Tick()));
  for (int i = 0; i < 20; ++i) {
    clock_.Move(seconds(2));
    EXPECT_TRUE(Must(first.Tick()));
    EXPECT_FALSE(Must(second.Tick()));
  }
  EXPECT_TRUE(first.MayWrite());
}

// What a holder remembers from one reign is worth nothing in the next, however soon that comes.
TEST_F(LeaseTest, CountsReignsAndSaysSinceWhen) {
  Lease lease(client_, Options("first"), &clock_);
  EXPECT_FALSE(lease.reign());
  const core::Time began = clock_.Now();
  EXPECT_TRUE(Must(lease.Tick()));
  clock_.Move(seconds(2));
  EXPECT_TRUE(Must(lease.Tick()));
  ASSERT_TRUE(lease.reign());
  EXPECT_EQ(lease.reign()->number, 1u);
  EXPECT_EQ(lease.reign()->since, began) << "renewing is no new reign";
  clock_.Move(seconds(10));
  EXPECT_FALSE(lease.reign());
  const core::Time again = clock_.Now();
  EXPECT_TRUE(Must(lease.Tick()));
  ASSERT_TRUE(lease.reign());
  EXPECT_EQ(lease.reign()->number, 2u);
  EXPECT_EQ(lease.reign()->since, again);
}

TEST_F(LeaseTest, GivenBackIsFreeAtOnce) {
  Lease first(client_, Options("first"), &clock_);
  Lease second(client_, Options("second"), &clock_);
  EXPECT_TRUE(Must(first.Tick()));
  EXPECT_FALSE(Must(second.Tick()));
  first.Stop();
  EXPECT_FALSE(first.MayWrite());
  EXPECT_TRUE(Must(second.Tick()));
}

TEST_F(LeaseTest, TheSameHolderComesBackAtOnceAfterARestart) {
  {
    Lease killed(client_, Options("pod-1"), &clock_);
    EXPECT_TRUE(Must(killed.Tick()));
    clock_.Move(std::chrono::hours(1));  // so that its end gives nothing back in the other's place
  }
  Lease again(client_, Options("pod-1"), &clock_);
  EXPECT_TRUE(Must(again.Tick()));
}

TEST_F(LeaseTest, KeepsWritingThroughAShortOutageOnly) {
  Proxy proxy;
  ClientOptions once;
  once.attempts_max = 1;
  Lease lease(Client(proxy.cluster(), &TestHttp(), once), Options("first"), &clock_);
  EXPECT_TRUE(Must(lease.Tick()));
  proxy.SetFault([](const std::string&) { return Proxy::Answer{503, "", {}}; });
  clock_.Move(seconds(2));
  EXPECT_FALSE(lease.Tick().ok());
  EXPECT_THAT(lease.last_fault(), HasSubstr("503"));
  EXPECT_TRUE(lease.MayWrite());
  clock_.Move(seconds(8));
  EXPECT_FALSE(lease.MayWrite());
  proxy.SetFault(nullptr);
  EXPECT_TRUE(Must(lease.Tick()));
  EXPECT_TRUE(lease.MayWrite());
}

TEST_F(LeaseTest, TicksByItselfAndTells) {
  const core::RealClock clock;
  LeaseOptions options = Options("first");
  options.retry = std::chrono::milliseconds(10);
  Lease lease(client_, options, &clock);
  std::atomic<int> gained = 0, lost = 0;
  lease.Start([&](bool held) { ++(held ? gained : lost); });
  EXPECT_TRUE(Eventually([&] { return lease.MayWrite(); }));
  EXPECT_TRUE(Eventually([&] { return gained == 1; }));
  lease.Stop();
  EXPECT_EQ(lost, 1);
  EXPECT_FALSE(lease.MayWrite());
}

}  // namespace
}  // namespace headgate::deploy
