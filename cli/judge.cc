#include "rollout/analysis/judge.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <unordered_map>

#include "cli/commands.h"
#include "core/fields.h"
#include "core/json.h"
#include "core/rollout_analysis.h"
#include "rollout/analysis/evidence.h"
#include "templating/yaml/yaml.h"

namespace headgate::cli {
namespace {

using rollout::analysis::Bounds;
using rollout::analysis::Comparison;
using rollout::analysis::Interval;
using rollout::analysis::Judge;

constexpr size_t kRolloutBytesMax = 4 * 1024 * 1024;
constexpr size_t kLineBytesMax = 64 * 1024 * 1024;

struct CloseFile {
  void operator()(std::FILE* file) const {
    if (file != stdin) std::fclose(file);
  }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

core::Result<File> Open(const std::string& path) {
  if (path == "-") return File(stdin);
  File file(std::fopen(path.c_str(), "rb"));
  if (!file) return core::Invalid(fmt::format("{}: {}", path, std::strerror(errno)));
  return file;
}

core::Result<std::string> ReadWhole(const std::string& path) {
  core::Result<File> file = Open(path);
  if (!file) return file.error();
  std::string text(kRolloutBytesMax + 1, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file->get()));
  if (std::ferror(file->get())) return core::Invalid(path + ": cannot be read");
  if (text.size() > kRolloutBytesMax)
    return core::Invalid(fmt::format("{}: more than {} bytes", path, kRolloutBytesMax));
  return text;
}

// Without where to ask, which says nothing about counts.
core::Value RulesOfCounts(const core::Value* analysis) {
  core::Value rules = analysis ? *analysis : core::Value(core::Map());
  if (core::Map* map = rules.AsMap()) map->Erase("prometheus");
  return rules;
}

// spec.analysis of the one Rollout in the file; what else it says does not matter here.
core::Result<core::Analysis> ReadRules(const std::string& path) {
  core::Result<std::string> text = ReadWhole(path);
  if (!text) return text.error();
  const std::string name = path == "-" ? "standard input" : path;
  core::Result<std::vector<core::Value>> documents = templating::ParseYaml(*text, name);
  if (!documents) return documents.error();
  const core::Value* rollout = nullptr;
  for (const core::Value& document : *documents) {
    if (document.StringAt("kind") != "Rollout") continue;
    if (rollout) return core::Invalid(name + ": has more than one Rollout");
    rollout = &document;
  }
  if (!rollout) return core::Invalid(name + ": has no object of kind Rollout");
  core::Reading reading{name, std::nullopt};
  const core::Value rules = RulesOfCounts(rollout->Find("spec", "analysis"));
  core::Analysis analysis = core::ReadAnalysis(core::Fields(&rules, "spec.analysis", &reading));
  if (reading.error) return *reading.error;
  return analysis;
}

core::Result<const core::Metric*> Find(const core::Analysis& analysis, const std::string& name) {
  std::vector<std::string> names;
  for (const core::Metric& metric : analysis.metrics) {
    if (metric.name == name && (!metric.gauge.empty() || !metric.query.empty()))
      return core::Invalid(
          fmt::format("metric {} counts no requests, so there is no evidence of it to read", name));
    if (metric.name == name) return &metric;
    names.push_back(metric.name);
  }
  return core::Invalid(
      fmt::format("the Rollout has no metric {}; it has {}", name,
                  names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", "))));
}

// One run, and what was decided of it.
struct Run {
  std::string name;
  std::unique_ptr<Judge> judge;  // until it is decided
  int64_t at_ms = 0;             // of its last line
  int64_t decided_ms = 0;
  core::Evidence evidence;
  double e = 1;
  Bounds bounds;
};

class Runs {
 public:
  Runs(const core::Metric& metric, const core::Analysis& analysis)
      : metric_(metric), analysis_(analysis) {}

  core::Status Add(std::string_view line) {
    if (core::Status read = ReadEvidence(line, &name_, &interval_); !read) return read;
    auto [at, first] = index_.try_emplace(name_, runs_.size());
    if (first) {
      runs_.push_back({name_, std::make_unique<Judge>(metric_, analysis_, name_)});
    } else if (interval_.at_ms <= runs_[at->second].at_ms) {
      return core::Invalid(fmt::format(
          "run {}: t {} after t {}; give the lines of a run in the order of t, each time once",
          name_, ShowSeconds(interval_.at_ms), ShowSeconds(runs_[at->second].at_ms)));
    }
    Run& run = runs_[at->second];
    run.at_ms = interval_.at_ms;
    if (!run.judge) return core::Ok();
    run.judge->Add(interval_, &scratch_);
    if (Decisive(run.judge->verdict())) Settle(&run);
    return core::Ok();
  }

  const std::vector<Run>& Finished() {
    for (Run& run : runs_) {
      if (run.judge) Settle(&run);
    }
    return runs_;
  }

  static std::string ShowSeconds(int64_t ms) {
    return core::ToJson(ms % 1000 == 0 ? core::Value(ms / 1000)
                                       : core::Value(static_cast<double>(ms) / 1000));
  }

 private:
  // That no harm was found may still change; a proof of either kind may not.
  bool Decisive(core::Verdict verdict) const {
    const bool proves = analysis_.require == core::Analysis::Require::kNonInferiority &&
                        metric_.compare.has_value();
    return verdict == core::Verdict::kFail || (proves && verdict == core::Verdict::kPass);
  }
  static void Settle(Run* run) {
    run->decided_ms = run->at_ms;
    run->evidence = run->judge->Now();
    run->e = run->judge->EValue();
    run->bounds = run->judge->ShownBounds();
    run->judge.reset();
  }

  const core::Metric& metric_;
  const core::Analysis& analysis_;
  std::unordered_map<std::string, size_t> index_;
  std::vector<Run> runs_;
  std::string name_;
  Interval interval_;
  Comparison::Scratch scratch_;
};

// Four digits are enough for people, and equal everywhere.
std::string Short(double number) { return fmt::format("{:.4g}", number); }

std::string ShowJson(const Run& run) {
  return fmt::format(
      "{{\"run\": {}, \"verdict\": \"{}\", \"t\": {}, \"e\": {}, \"requests\": {}, \"bounds\": "
      "[{}, "
      "{}], \"why\": {}}}\n",
      run.name, core::Show(run.evidence.verdict), Runs::ShowSeconds(run.decided_ms), Short(run.e),
      run.evidence.requests, Short(run.bounds.low), Short(run.bounds.high),
      core::ToJson(run.evidence.why));
}

void Print(const std::vector<Run>& runs, Output output) {
  std::string text;
  if (output == Output::kTable)
    text = fmt::format("{:<12} {:<8} {:>8} {:>10}  {}\n", "RUN", "VERDICT", "T", "REQUESTS", "WHY");
  for (const Run& run : runs) {
    if (output == Output::kTable) {
      text +=
          fmt::format("{:<12} {:<8} {:>8} {:>10}  {}\n", run.name, core::Show(run.evidence.verdict),
                      Runs::ShowSeconds(run.decided_ms), run.evidence.requests, run.evidence.why);
    } else {
      if (output == Output::kYaml) text += "---\n";
      text += ShowJson(run);
    }
  }
  std::fwrite(text.data(), 1, text.size(), stdout);
}

// A growing line buffer of getline(3).
struct Line {
  ~Line() { std::free(data); }
  char* data = nullptr;
  size_t capacity = 0;
};

core::Status ReadAll(std::FILE* file, const std::string& name, Runs* runs) {
  Line line;
  for (int64_t number = 1;; ++number) {
    const ssize_t size = getline(&line.data, &line.capacity, file);
    if (size < 0) break;
    const std::string_view text(line.data, static_cast<size_t>(size));
    if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) continue;
    core::Status added = text.size() > kLineBytesMax
                             ? core::Status(core::Invalid("the line is too long"))
                             : runs->Add(text);
    if (!added) return added.error().In(fmt::format("{}:{}", name, number));
  }
  if (std::ferror(file)) return core::Invalid(name + ": cannot be read to its end");
  return core::Ok();
}

}  // namespace

core::Status RolloutJudge(const RolloutJudgeOptions& options) {
  if (options.rollout == "-" && options.evidence == "-")
    return core::Invalid(
        "standard input is either the Rollout or the evidence; name a file for one");
  core::Result<core::Analysis> analysis = ReadRules(options.rollout);
  if (!analysis) return analysis.error();
  core::Result<const core::Metric*> metric = Find(*analysis, options.metric);
  if (!metric) return metric.error();
  core::Result<File> file = Open(options.evidence);
  if (!file) return file.error();
  Runs runs(**metric, *analysis);
  const std::string name = options.evidence == "-" ? "standard input" : options.evidence;
  if (core::Status read = ReadAll(file->get(), name, &runs); !read) return read;
  Print(runs.Finished(), options.output);
  return core::Ok();
}

}  // namespace headgate::cli
