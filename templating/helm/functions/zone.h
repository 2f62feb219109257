#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace headgate::templating::helm {

// What a zone's clocks show during a stretch of time.
struct ZoneOffset {
  std::string name;            // "CEST"
  int64_t seconds = 0;         // east of Greenwich
  bool summer = false;         // daylight saving time
  int64_t start = 0, end = 0;  // the stretch, in seconds since 1970: from start, before end
};

// A time zone of the system's database (tz, TZif files of RFC 8536), as Go's time.Location reads
// it. Zones that were loaded are kept; safe for several threads.
class Zone {
 public:
  static std::shared_ptr<const Zone> Utc();
  // That of the process: TZ, or the system's.
  static std::shared_ptr<const Zone> Local();
  // "Europe/Berlin", "UTC", "Local"; nullptr where there is none of that name.
  static std::shared_ptr<const Zone> Load(std::string_view name);
  static std::shared_ptr<const Zone> Fixed(std::string name, int64_t seconds);

  const std::string& name() const { return name_; }
  ZoneOffset At(int64_t unix_seconds) const;
  // The offset of an abbreviation, near a time.
  std::optional<int64_t> OffsetOf(std::string_view abbreviation, int64_t unix_seconds) const;

  // For tests: a zone of a file's bytes; nullptr where they are none.
  static std::shared_ptr<const Zone> Read(std::string name, std::string_view bytes);

 private:
  struct Kind {
    int64_t seconds;
    bool summer;
    std::string name;
  };
  struct Change {
    int64_t when;
    size_t kind;
  };
  class Reader;

  static std::shared_ptr<const Zone> LoadFile(const std::string& path, std::string name);
  size_t FirstKind() const;
  ZoneOffset Show(const Kind& kind, int64_t start, int64_t end) const;

  std::string name_;
  std::vector<Kind> kinds_;  // empty: UTC
  std::vector<Change> changes_;
  std::string rule_;  // of the time behind the last change, as POSIX writes TZ
};

// The stretch of a POSIX rule ("CET-1CEST,M3.5.0,M10.5.0/3") that a time is in. `since`: when the
// rule began. Nothing where the rule is none.
std::optional<ZoneOffset> ApplyZoneRule(std::string_view rule, int64_t since, int64_t unix_seconds);

}  // namespace headgate::templating::helm
