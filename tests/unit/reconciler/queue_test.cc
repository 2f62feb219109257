#include "reconciler/queue.h"

#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <thread>
#include <vector>

namespace headgate::reconciler {
namespace {

using std::chrono::seconds;

class QueueTest : public testing::Test {
 protected:
  // What is due now, in the order in which it is taken, and done at once.
  std::string Drain() {
    std::string names;
    while (std::optional<std::string> name = queue_.TryTake()) {
      names += *name + " ";
      queue_.Done(*name);
    }
    return names;
  }

  core::HandClock clock_;
  Queue queue_{&clock_};
};

TEST_F(QueueTest, HoldsANameOnce) {
  queue_.Add("a");
  queue_.Add("a");
  queue_.Add("b");
  EXPECT_EQ(queue_.size(), 2u);
  EXPECT_EQ(Drain(), "a b ");
}

TEST_F(QueueTest, WaitsUntilANameIsDueAndKeepsTheEarlierTime) {
  queue_.AddAfter("a", seconds(10));
  queue_.AddAfter("a", seconds(20));
  queue_.AddAfter("b", seconds(5));
  EXPECT_EQ(Drain(), "");
  clock_.Move(seconds(5));
  EXPECT_EQ(Drain(), "b ");
  clock_.Move(seconds(5));
  EXPECT_EQ(Drain(), "a ");
  clock_.Move(seconds(100));
  EXPECT_EQ(Drain(), "");
}

TEST_F(QueueTest, GivesTheLongestDueFirst) {
  queue_.AddAfter("late", seconds(2));
  queue_.AddAfter("early", seconds(1));
  clock_.Move(seconds(3));
  EXPECT_EQ(Drain(), "early late ");
}

TEST_F(QueueTest, NeverGivesANameToTwoWorkers) {
  queue_.Add("a");
  ASSERT_EQ(queue_.TryTake(), "a");
  queue_.Add("a");  // news while it is worked on
  EXPECT_EQ(queue_.TryTake(), std::nullopt);
  queue_.Done("a");
  EXPECT_EQ(queue_.TryTake(), "a");
}

TEST_F(QueueTest, ForgetsANameThatWaits) {
  queue_.Add("a");
  queue_.Forget("a");
  EXPECT_EQ(Drain(), "");
}

TEST_F(QueueTest, EndsAWaitWhenAskedToStop) {
  std::optional<std::string> taken = "nothing yet";
  std::jthread worker([&](std::stop_token stop) { taken = queue_.Take(stop); });
  worker.request_stop();
  worker.join();
  EXPECT_EQ(taken, std::nullopt);
}

TEST(Queue, WakesWorkersForWhatComes) {
  const core::RealClock clock;
  Queue queue(&clock);
  std::mutex mutex;
  std::multiset<std::string> seen;
  std::atomic<int> left = 200;
  {
    std::stop_source stop;  // outlives the workers, which ask it
    std::vector<std::jthread> workers;
    for (int i = 0; i < 4; ++i) {
      workers.emplace_back([&] {
        while (std::optional<std::string> name = queue.Take(stop.get_token())) {
          {
            const std::lock_guard lock(mutex);
            seen.insert(*name);
          }
          queue.Done(*name);
          if (--left == 0) stop.request_stop();
        }
      });
    }
    for (int i = 0; i < 200; ++i) queue.Add("app" + std::to_string(i));
  }
  EXPECT_EQ(seen.size(), 200u);
  EXPECT_EQ(std::set<std::string>(seen.begin(), seen.end()).size(), 200u);
}

}  // namespace
}  // namespace headgate::reconciler
