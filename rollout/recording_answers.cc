#include "rollout/recording_answers.h"

#include <algorithm>
#include <array>

namespace headgate::rollout {
namespace {

using analysis::MetricAnswers;
using analysis::Sample;
using analysis::Series;
using core::List;
using core::Map;
using core::Value;
using Answer = core::Result<std::vector<Series>>;

constexpr std::array kFaults = {core::Fault::kInvalid,     core::Fault::kNotFound,
                                core::Fault::kConflict,    core::Fault::kForbidden,
                                core::Fault::kUnavailable, core::Fault::kCancelled,
                                core::Fault::kInternal};

Value LabelsOf(const Series& series) {
  List labels;
  for (const auto& [name, value] : series.labels) labels.push_back(List{name, value});
  return labels;
}

// The series with the same labels in an earlier answer; its place, or -1. `hint` is where it stood
// last time: answers keep their order.
int64_t PlaceOf(const Series& series, const std::vector<Series>& before, size_t hint) {
  if (hint < before.size() && before[hint].labels == series.labels)
    return static_cast<int64_t>(hint);
  const auto at = std::find_if(before.begin(), before.end(),
                               [&](const Series& each) { return each.labels == series.labels; });
  return at == before.end() ? -1 : at - before.begin();
}

Value SeriesValue(const Series& series, const std::vector<Series>& before, size_t hint) {
  Map map;
  size_t same = 0;
  const int64_t place = PlaceOf(series, before, hint);
  if (place < 0) {
    map.Set("labels", LabelsOf(series));
  } else {
    map.Set("of", place);
    const std::vector<Sample>& had = before[static_cast<size_t>(place)].samples;
    const auto from = series.samples.empty()
                          ? had.end()
                          : std::find(had.begin(), had.end(), series.samples.front());
    const auto left = static_cast<size_t>(had.end() - from);
    while (same < left && same < series.samples.size() &&
           *(from + static_cast<std::ptrdiff_t>(same)) == series.samples[same])
      ++same;
    if (same > 0) map.Set("from", int64_t{from - had.begin()});
    if (same > 0) map.Set("same", same);
  }
  List more;
  for (size_t i = same; i < series.samples.size(); ++i) {
    more.push_back(int64_t{series.samples[i].at.time_since_epoch().count()});
    more.push_back(series.samples[i].value);
  }
  map.Set("more", std::move(more));
  return map;
}

const Answer* Of(const Answers& answers, const std::string& metric, bool bad) {
  for (const MetricAnswers& each : answers) {
    if (each.metric == metric) return bad ? &each.bad : &each.total;
  }
  return nullptr;
}

const std::vector<Series>& SeriesOf(const Answers& before, const std::string& metric, bool bad) {
  static const std::vector<Series> kNone;
  const Answer* answer = Of(before, metric, bad);
  return answer && *answer ? **answer : kNone;
}

Value AnswerValue(const Answer& answer, const std::vector<Series>& before) {
  if (!answer)
    return Map{{"fault", static_cast<int>(answer.error().fault())},
               {"error", answer.error().text()}};
  List list;
  for (size_t i = 0; i < answer->size(); ++i) list.push_back(SeriesValue((*answer)[i], before, i));
  return Map{{"series", std::move(list)}};
}

core::Error Damaged() { return core::Invalid("the provider's answers cannot be read"); }

core::Result<Series> SeriesFrom(const Value& value, const std::vector<Series>& before) {
  Series series;
  if (const Value* of = value.Find("of")) {
    if (!of->AsInt() || *of->AsInt() < 0 || *of->AsInt() >= static_cast<int64_t>(before.size()))
      return Damaged();
    const Series& had = before[static_cast<size_t>(*of->AsInt())];
    series.labels = had.labels;
    const int64_t from = value.IntAt(0, "from");
    const int64_t same = value.IntAt(0, "same");
    const auto size = static_cast<int64_t>(had.samples.size());
    if (from < 0 || same < 0 || from > size || same > size - from) return Damaged();
    series.samples.assign(had.samples.begin() + from, had.samples.begin() + from + same);
  }
  for (const Value& label : value.ListAt("labels")) {
    const List* pair = label.AsList();
    if (!pair || pair->size() != 2 || !(*pair)[0].AsString() || !(*pair)[1].AsString())
      return Damaged();
    series.labels.emplace_back(*(*pair)[0].AsString(), *(*pair)[1].AsString());
  }
  const List& more = value.ListAt("more");
  if (more.size() % 2 != 0) return Damaged();
  for (size_t i = 0; i < more.size(); i += 2) {
    const Value& number = more[i + 1];
    if (!more[i].AsInt() || !number.is_number()) return Damaged();
    series.samples.push_back(
        {core::Time(core::Duration(*more[i].AsInt())),
         number.AsInt() ? static_cast<double>(*number.AsInt()) : *number.AsFloat()});
  }
  return series;
}

core::Result<Answer> AnswerFrom(const Value* value, const std::vector<Series>& before) {
  if (!value) return Damaged();
  if (value->Find("error")) {
    const int64_t fault = value->IntAt(-1, "fault");
    for (const core::Fault known : kFaults) {
      if (static_cast<int64_t>(known) == fault)
        return Answer(core::Error(known, value->StringAt("error")));
    }
    return Damaged();
  }
  std::vector<Series> all;
  for (const Value& item : value->ListAt("series")) {
    core::Result<Series> series = SeriesFrom(item, before);
    if (!series) return series.error();
    all.push_back(std::move(*series));
  }
  return Answer(std::move(all));
}

}  // namespace

Value ToValue(const Answers& answers, const Answers& before) {
  List list;
  for (const MetricAnswers& each : answers) {
    Map one{{"metric", each.metric},
            {"bad", AnswerValue(each.bad, SeriesOf(before, each.metric, true))},
            {"total", AnswerValue(each.total, SeriesOf(before, each.metric, false))}};
    if (!each.note.empty()) one.Set("note", each.note);
    if (each.by_track) one.Set("byTrack", true);
    if (!each.numbers.empty()) one.Set("numbers", SeriesValue({{}, each.numbers}, {}, 0));
    list.push_back(std::move(one));
  }
  return list;
}

core::Result<Answers> ParseAnswers(const Value& value, const Answers& before) {
  Answers answers;
  if (!value.AsList()) return Damaged();
  for (const Value& item : *value.AsList()) {
    MetricAnswers one;
    one.metric = item.StringAt("metric");
    one.note = item.StringAt("note");
    one.by_track = item.BoolAt(false, "byTrack");
    if (const Value* numbers = item.Find("numbers")) {
      core::Result<Series> series = SeriesFrom(*numbers, {});
      if (!series) return series.error();
      one.numbers = std::move(series->samples);
    }
    for (const bool bad : {true, false}) {
      core::Result<Answer> answer =
          AnswerFrom(item.Find(bad ? "bad" : "total"), SeriesOf(before, one.metric, bad));
      if (!answer) return answer.error();
      (bad ? one.bad : one.total) = std::move(*answer);
    }
    answers.push_back(std::move(one));
  }
  return answers;
}

}  // namespace headgate::rollout
