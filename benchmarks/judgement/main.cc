// How often rules for canaries judge wrongly, and how fast they judge rightly: the table of
// docs/judgement.md. `judgement --help` says how.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "judgement/peers.h"
#include "judgement/truths.h"
#include "rollout/analysis/draw.h"
#include "rollout/analysis/judge.h"
#include "rollout/analysis/log_gamma.h"

namespace headgate::benchmarks {
namespace {

using namespace rollout::analysis;  // NOLINT: a program, and its subject

constexpr const char* kHelp =
    R"(judgement [--runs N] [--rows TEXT] [--no-peers] [--evidence | --trace]

  --runs N       hours a row (2000)
  --rows TEXT    only rows whose name contains it
  --no-peers     Headgate's columns only
  --evidence     prints the rows' evidence for `headgate rollout judge`, and judges nothing
  --trace        prints minute, e-value and row of each interval of the rows' first hours, for plot.py

A cell: share of runs that end in a rollback, and the median minute of it. One canary pod beside ten stable pods.
exit 1: a row misses what it has to reach.
)";

struct Options {
  int runs = 2000;
  std::string rows;
  bool peers = true;
  bool evidence = false;
  bool trace = false;
};

core::Analysis RulesOf(double times, double points) {
  core::Analysis rules;
  core::Metric metric{"errors", "bad", "total"};
  metric.compare = core::Compare{times, points, 0.99};
  rules.metrics = {metric};
  return rules;
}

int Headgate(const Hour& hour, const core::Analysis& rules, int run, Comparison::Scratch* scratch) {
  Judge judge(rules.metrics.front(), rules, std::to_string(run));
  for (size_t t = 0; t < hour.size(); ++t) {
    judge.Add(hour[t], scratch);
    if (judge.verdict() == core::Verdict::kFail) return static_cast<int>(t + 1);
  }
  return 0;
}

// One rule's outcomes in a row.
class Column {
 public:
  void Add(int fell) {
    ++runs_;
    if (fell > 0) minutes_.push_back(static_cast<double>(fell) / kPerMinute);
  }
  int fallen() const { return static_cast<int>(minutes_.size()); }
  double share() const { return static_cast<double>(minutes_.size()) / std::max(runs_, 1); }
  double Median() const {
    if (minutes_.empty()) return INFINITY;
    std::vector<double> sorted = minutes_;
    std::sort(sorted.begin(), sorted.end());
    const size_t n = sorted.size();
    return (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
  }
  std::string Show() const {
    std::string text = fmt::format("{:5.1f} %", 100 * share());
    return text + (minutes_.empty() ? std::string(9, ' ') : fmt::format(" {:6.2f} m", Median()));
  }
  // Whether the binomial lower bound (97.5 %) of its share is at most `most`.
  bool AtMost(double most) const {
    double tail = 0;
    for (int k = fallen(); k <= runs_; ++k) {
      const auto n = static_cast<double>(runs_);
      const auto x = static_cast<double>(k);
      tail += std::exp(LogGamma(n + 1) - LogGamma(x + 1) - LogGamma(n - x + 1) +
                       x * std::log(most) + (n - x) * std::log1p(-most));
    }
    return fallen() == 0 || tail > 0.025;
  }

 private:
  int runs_ = 0;
  std::vector<double> minutes_;
};

// ln(1/alpha) / KL a minute: no sequential test that knew both rates is faster (Wald 1945).
double WaldMinutes(const Row& row) {
  const double p = ShareOf(row.truth);
  const double kl = p * std::log(p / kStableShare) - (p - kStableShare);
  return kl <= 1e-9 ? 0 : std::log(100) / (row.per_minute * kl);
}

struct Cells {
  Column threshold, five, u_test, binomial, fitted, headgate, margin;
};

Cells Measure(const Row& row, const Options& options) {
  static const core::Analysis kPlain = RulesOf(1, 0);
  static const core::Analysis kMargin = RulesOf(1.5, 0);
  Cells cells;
  Comparison::Scratch scratch;
  std::mt19937_64 random(Mixed(HashOf(row.truth.name), static_cast<uint64_t>(row.per_minute)));
  for (int run = 0; run < options.runs; ++run) {
    const Hour hour = HourOf(row.truth, row.per_minute, &random);
    cells.headgate.Add(Headgate(hour, kPlain, run, &scratch));
    cells.margin.Add(Headgate(hour, kMargin, run, &scratch));
    if (!options.peers) continue;
    cells.threshold.Add(Threshold(hour, 0));
    cells.five.Add(Threshold(hour, 4));
    cells.u_test.Add(UTest(hour));
    cells.binomial.Add(Binomial(hour));
    cells.fitted.Add(Fitted(hour, static_cast<uint64_t>(run)));
  }
  return cells;
}

// What the row misses; "" where it reaches all it has to.
std::string Missed(const Row& row, const Cells& cells, const Options& options) {
  if (row.wanted == Wanted::kHealthy && !(cells.headgate.AtMost(0.01) && cells.margin.AtMost(0.01)))
    return "false rollbacks above 1 %";
  if (row.wanted == Wanted::kUneven && !cells.margin.AtMost(0.03))
    return "false rollbacks above 3 % with a margin of 1.5";
  if (row.wanted != Wanted::kDetect && row.wanted != Wanted::kBound) return "";
  if (cells.headgate.share() < 0.99) return "detection below 99 %";
  if (row.wanted == Wanted::kBound)
    return cells.headgate.Median() > 2 * std::max(WaldMinutes(row), 1.0 / kPerMinute)
               ? "slower than twice the bound"
               : "";
  // Medians are whole intervals; half of one is chance.
  if (options.peers && cells.headgate.Median() > cells.fitted.Median() + 0.13)
    return "slower than fitted";
  return "";
}

bool PrintRow(const Row& row, const Options& options) {
  const Cells cells = Measure(row, options);
  const std::string missed = Missed(row, cells, options);
  std::string text = fmt::format("{:28} {:5} |", row.truth.name, row.per_minute);
  if (options.peers) {
    for (const Column* column :
         {&cells.threshold, &cells.five, &cells.u_test, &cells.binomial, &cells.fitted})
      text += fmt::format(" {} |", column->Show());
  }
  text += fmt::format(" {} | {} | {:>6} | {}", cells.headgate.Show(), cells.margin.Show(),
                      WaldMinutes(row) > 0 ? fmt::format("{:.2f}", WaldMinutes(row)) : "",
                      !missed.empty()                ? missed
                      : row.wanted == Wanted::kShown ? ""
                                                     : "ok");
  fmt::print("{}\n", text);
  std::fflush(stdout);
  return missed.empty();
}

void PrintEvidence(const Row& row, const Options& options) {
  std::mt19937_64 random(Mixed(HashOf(row.truth.name), static_cast<uint64_t>(row.per_minute)));
  for (int run = 0; run < options.runs; ++run) {
    for (const Interval& interval : HourOf(row.truth, row.per_minute, &random)) {
      std::string pods;
      for (const PodCount& pod : interval.pods) {
        pods += fmt::format("{}{{\"pod\": \"{}\", \"track\": \"{}\", \"bad\": {}, \"total\": {}}}",
                            pods.empty() ? "" : ", ", pod.pod,
                            pod.track == Track::kCanary ? "canary" : "stable", pod.bad, pod.total);
      }
      fmt::print("{{\"run\": \"{} at {}, {}\", \"t\": {}, \"pods\": [{}]}}\n", row.truth.name,
                 row.per_minute, run, interval.at_ms / 1000, pods);
    }
  }
}

// The e-value after each interval, of so many hours of a row.
void PrintTrace(const Row& row, const Options& options) {
  static const core::Analysis kRules = RulesOf(1, 0);
  std::mt19937_64 random(Mixed(HashOf(row.truth.name), static_cast<uint64_t>(row.per_minute)));
  Comparison::Scratch scratch;
  for (int run = 0; run < options.runs; ++run) {
    const Hour hour = HourOf(row.truth, row.per_minute, &random);
    Judge judge(kRules.metrics.front(), kRules, std::to_string(run));
    for (size_t t = 0; t < hour.size(); ++t) {
      judge.Add(hour[t], &scratch);
      fmt::print("{}\t{:.6g}\t{} at {}, {}\n", static_cast<double>(t + 1) / kPerMinute,
                 judge.EValue(), row.truth.name, row.per_minute, run);
      if (judge.verdict() == core::Verdict::kFail) break;
    }
  }
}

int Main(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const bool more = i + 1 < argc;
    if (!std::strcmp(argv[i], "--runs") && more) {
      options.runs = std::max(1, std::atoi(argv[++i]));
    } else if (!std::strcmp(argv[i], "--rows") && more) {
      options.rows = argv[++i];
    } else if (!std::strcmp(argv[i], "--no-peers")) {
      options.peers = false;
    } else if (!std::strcmp(argv[i], "--evidence")) {
      options.evidence = true;
    } else if (!std::strcmp(argv[i], "--trace")) {
      options.trace = true;
    } else {
      fmt::print("{}", kHelp);
      return std::strcmp(argv[i], "--help") ? 2 : 0;
    }
  }
  if (!options.evidence && !options.trace) {
    fmt::print("{:28} {:>5} |{}{:>17} | {:>17} | {:>6} |\n", "truth (stable 1 %)", "/min",
               options.peers ? fmt::format(" {:>16} | {:>16} | {:>16} | {:>16} | {:>16} |",
                                           "threshold", "five", "u-test", "binomial", "fitted")
                             : "",
               "headgate", "headgate, 1.5", "bound");
  }
  bool all = true;
  for (const Row& row : Rows()) {
    if (row.truth.name.find(options.rows) == std::string::npos) continue;
    if (options.trace) {
      PrintTrace(row, options);
    } else if (options.evidence) {
      PrintEvidence(row, options);
    } else {
      all = PrintRow(row, options) && all;
    }
  }
  return all ? 0 : 1;
}

}  // namespace
}  // namespace headgate::benchmarks

int main(int argc, char** argv) { return headgate::benchmarks::Main(argc, argv); }
