#include "core/clock.h"

#include <gtest/gtest.h>

namespace headgate::core {
namespace {

struct Case {
  const char* text;
  const char* want;  // what Show prints, or the beginning of the error
};

TEST(Duration, IsReadAsGoWritesIt) {
  for (const Case& c : {Case{"90s", "1m30s"}, Case{"1h30m", "1h30m"}, Case{"250ms", "250ms"},
                        Case{"0", "0s"}, Case{"1.5s", "1s500ms"}, Case{"0s", "0s"}}) {
    const Result<Duration> duration = ParseDuration(c.text);
    ASSERT_TRUE(duration.ok()) << c.text;
    EXPECT_EQ(Show(*duration), c.want);
  }
}

TEST(Duration, RefusesWhatIsNone) {
  for (const char* text : {"", "5", "s", "5 s", "-5s", "1d", "5m x", "99999999h", "1..5s"}) {
    EXPECT_FALSE(ParseDuration(text).ok()) << text;
  }
}

TEST(Time, RoundTripsAsKubernetesWritesIt) {
  for (const Case& c : {Case{"2026-11-21T10:21:48Z", "2026-11-21T10:21:48.000000Z"},
                        Case{"2026-11-21T10:21:48.123456Z", "2026-11-21T10:21:48.123000Z"},
                        Case{"2026-11-21T12:21:48+02:00", "2026-11-21T10:21:48.000000Z"}}) {
    const Result<Time> time = ParseTime(c.text);
    ASSERT_TRUE(time.ok()) << c.text;
    EXPECT_EQ(ShowMicro(*time), c.want);
  }
}

TEST(Time, RefusesWhatIsNone) {
  for (const char* text :
       {"", "2026-13-01T00:00:00Z", "2026-11-21", "2026-11-21T10:21:48", "yesterday"}) {
    EXPECT_FALSE(ParseTime(text).ok()) << text;
  }
}

TEST(HandClock, MovesOnlyByHand) {
  HandClock clock;
  const Time before = clock.Now();
  EXPECT_EQ(clock.Now(), before);
  clock.Move(std::chrono::seconds(5));
  EXPECT_EQ(clock.Now() - before, std::chrono::seconds(5));
}

}  // namespace
}  // namespace headgate::core
