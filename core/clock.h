#pragma once

#include <atomic>
#include <chrono>
#include <string>
#include <string_view>

#include "core/result.h"

namespace headgate::core {

using Time = std::chrono::sys_time<std::chrono::milliseconds>;  // wall clock, for what people and
                                                                // objects see
using Duration = std::chrono::milliseconds;
using BootTime =
    std::chrono::duration<int64_t, std::milli>;  // since boot, counts while suspended: deadlines

// Where time comes from. Nothing else in the tree reads a clock.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Time Now() const = 0;
  // Never goes back, and goes on while the machine sleeps (CLOCK_BOOTTIME): for leases and
  // deadlines.
  virtual BootTime SinceBoot() const = 0;
};

class RealClock : public Clock {
 public:
  Time Now() const override;
  BootTime SinceBoot() const override;
};

// Moved by hand; starts at 2026-01-01T00:00:00Z.
class HandClock : public Clock {
 public:
  Time Now() const override { return kStart + Duration(moved_.load()); }
  BootTime SinceBoot() const override { return BootTime(moved_.load()); }
  void Move(Duration by) { moved_ += by.count(); }

  static constexpr Time kStart{std::chrono::sys_days{std::chrono::year{2026} / 1 / 1}};

 private:
  std::atomic<int64_t> moved_ = 0;
};

// RFC 3339 in UTC, as Kubernetes writes it: "2026-11-21T10:21:48Z"; the second form keeps
// microseconds (Lease, events).
std::string Show(Time time);
std::string ShowMicro(Time time);
Result<Time> ParseTime(std::string_view text);

// "90s", "1h30m", "250ms" (Go's durations: ns us ms s m h), as Kubernetes' own fields take them.
// Not negative.
Result<Duration> ParseDuration(std::string_view text);
std::string Show(Duration duration);  // "1h30m", "45s", "250ms", "0s"

}  // namespace headgate::core
