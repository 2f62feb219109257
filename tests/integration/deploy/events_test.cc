#include "deploy/events.h"

#include <gtest/gtest.h>

#include "environment.h"
#include "proxy.h"

namespace headgate::deploy {
namespace {

const Type kEvents = {"v1", "Event"};

class EventsTest : public ClusterTest {
 protected:
  // "Warning Held x3: why" for each event.
  std::vector<std::string> Written() {
    std::vector<std::string> all;
    for (const core::Value& event :
         Must(client_.List(kEvents, {.namespace_name = namespace_name_})).items) {
      if (event.StringAt("reportingComponent") != "headgate") continue;
      all.push_back(event.StringAt("type") + " " + event.StringAt("reason") + " x" +
                    std::to_string(event.IntAt(0, "count")) + ": " + event.StringAt("message"));
    }
    std::sort(all.begin(), all.end());
    return all;
  }
  core::HandClock clock_;
};

TEST_F(EventsTest, CountsTheSameWithinAWindow) {
  const core::Value about = Must(client_.Apply(ConfigMap("shop", "1")));
  Events events(client_, &clock_, "test");
  for (int i = 0; i < 3; ++i) events.Emit(about, EventType::kWarning, "Held", "error-rate 12 %");
  events.Emit(about, EventType::kNormal, "Promoted", "release 4");
  ASSERT_TRUE(events.Flush(std::chrono::seconds(10)));
  EXPECT_EQ(Written(), (std::vector<std::string>{"Normal Promoted x1: release 4",
                                                 "Warning Held x3: error-rate 12 %"}));
  clock_.Move(std::chrono::minutes(11));
  events.Emit(about, EventType::kWarning, "Held", "error-rate 12 %");
  ASSERT_TRUE(events.Flush(std::chrono::seconds(10)));
  EXPECT_EQ(Written().size(), 3u);
  EXPECT_EQ(events.dropped(), 0u);
}

TEST_F(EventsTest, CutsLongMessages) {
  const core::Value about = Must(client_.Apply(ConfigMap("shop", "1")));
  Events events(client_, &clock_, "test");
  events.Emit(about, EventType::kNormal, "Long", std::string(5000, 'x'));
  ASSERT_TRUE(events.Flush(std::chrono::seconds(10)));
  EXPECT_EQ(Written().size(), 1u);
}

TEST_F(EventsTest, DropsTheOldestWhenTooManyWait) {
  Proxy proxy;
  std::atomic<bool> open = false;
  proxy.SetFault([&](const std::string&) -> std::optional<Proxy::Answer> {
    EXPECT_TRUE(Eventually([&] { return open.load(); }));
    return Proxy::Answer{400, "", {}};
  });
  const core::Value about = ConfigMap("shop", "1");
  Events events(Client(proxy.cluster(), &TestHttp()), &clock_, "test");
  const size_t all = Events::kQueueMax + 50;
  for (size_t i = 0; i < all; ++i) {
    events.Emit(about, EventType::kNormal, "Many", std::to_string(i));
  }
  EXPECT_GE(events.dropped(), 49u);  // one may be on its way
  open = true;
  ASSERT_TRUE(events.Flush(std::chrono::seconds(30)));
  EXPECT_EQ(events.dropped(), all);
}

}  // namespace
}  // namespace headgate::deploy
