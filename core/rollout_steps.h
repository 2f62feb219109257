#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/clock.h"
#include "core/fields.h"

namespace headgate::core {

// What a candidate goes through: spec.canary.steps, or what spec.blueGreen comes to.

struct SetWeight {
  int percent = 0;
  friend bool operator==(const SetWeight&, const SetWeight&) = default;
};
// Without either: until somebody promotes.
struct Pause {
  std::optional<Duration> duration;  // of time in which the controller ran
  std::optional<Time> until;         // on the wall clock
  friend bool operator==(const Pause&, const Pause&) = default;
};
struct Analyze {
  Duration duration{0};  // at least this long observed
  friend bool operator==(const Analyze&, const Analyze&) = default;
};
struct Approve {
  friend bool operator==(const Approve&, const Approve&) = default;
};
// How many canary pods there are from here on; never fewer than the weight needs.
struct SetCanaryScale {
  enum class By { kReplicas, kWeight, kMatchTrafficWeight };
  By by = By::kMatchTrafficWeight;
  int amount = 0;  // pods, or percent of stable's
  friend bool operator==(const SetCanaryScale&, const SetCanaryScale&) = default;
};
struct HeaderMatch {
  enum class How { kExact, kPrefix, kRegex };
  std::string name;
  How how = How::kExact;
  std::string value;
  friend bool operator==(const HeaderMatch&, const HeaderMatch&) = default;
};
// Requests with all of these headers go to the candidate, whatever the weight; no match takes the
// route of that name away again.
struct SetHeaderRoute {
  std::string name;
  std::vector<HeaderMatch> match;
  friend bool operator==(const SetHeaderRoute&, const SetHeaderRoute&) = default;
};
// So many percent of the requests go to the candidate as copies whose answers nobody sees; 0 ends
// it.
struct SetMirror {
  int percentage = 0;
  friend bool operator==(const SetMirror&, const SetMirror&) = default;
};
// Goes on when a webhook answers 2xx to a POST. What it cannot say (no answer, a redirect, 408,
// 429, 5xx) never counts against the candidate, and never lets it through.
struct Gate {
  enum class OnRefusal { kWait, kRollback };
  std::string name;                             // for people
  std::string url;                              // http or https; without credentials
  Duration timeout = std::chrono::seconds(10);  // of one answer
  Value metadata;                               // of strings, sent along; null for none
  OnRefusal on_refusal = OnRefusal::kWait;      // of 4xx
  std::optional<Duration> deadline;  // of refusals while it waits; then the candidate goes back
  friend bool operator==(const Gate&, const Gate&) = default;
};
// Goes on when a Job has succeeded; one that fails sends the candidate back.
struct Job {
  std::string name;
  Value spec;  // of a batch/v1 Job
  friend bool operator==(const Job&, const Job&) = default;
};
// From here on fresh pods of stable, as many and as young as the canary's, get as many requests,
// and the canary is compared with them instead of with stable's own; or no longer.
struct SetBaseline {
  bool enabled = true;
  friend bool operator==(const SetBaseline&, const SetBaseline&) = default;
};
using Step = std::variant<SetWeight, Pause, Analyze, Approve, SetCanaryScale, SetHeaderRoute,
                          SetMirror, Gate, Job, SetBaseline>;

// "setWeight 10 %", "pause 10m", "pause", "analyze 5m", "approve", "setCanaryScale 3 pods",
// "setHeaderRoute beta", "setMirror 20 %", "gate change-freeze", "job smoke", "setBaseline".
std::string Show(const Step& step);

// Whether a step changes pods or traffic; the others only wait.
bool IsChange(const Step& step);

// Of spec.canary; weights rise.
std::vector<Step> ReadSteps(Fields* canary);

// spec.blueGreen as steps: the whole canary beside stable without a request, the analysis before
// the promotion, the approval unless autoPromotionEnabled, everything at once, the analysis after
// it, and the time in which the old pods stay.
struct BlueGreen {
  std::string preview_service;  // "" for none
  std::vector<Step> steps;
};
BlueGreen ReadBlueGreen(Fields blue_green);

}  // namespace headgate::core
