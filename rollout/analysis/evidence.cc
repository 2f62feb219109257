#include "rollout/analysis/evidence.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <vector>

namespace headgate::rollout::analysis {
namespace {

// A reader of just this shape: a tree of values for each line would cost more than judging it.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  bool Take(char c) {
    SkipSpace();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool Sees(char c) {
    SkipSpace();
    return at_ < text_.size() && text_[at_] == c;
  }
  bool AtEnd() {
    SkipSpace();
    return at_ == text_.size();
  }
  // A text, its escapes undone but for \u, which stays as it is written.
  bool TakeText(std::string* to) {
    to->clear();
    if (!Take('"')) return false;
    while (at_ < text_.size()) {
      const char c = text_[at_++];
      if (c == '"') return true;
      if (static_cast<unsigned char>(c) < ' ') return false;
      if (c != '\\') {
        to->push_back(c);
        continue;
      }
      if (at_ >= text_.size() || !Unescape(text_[at_++], to)) return false;
    }
    return false;
  }
  bool TakeNumber(double* to) {
    SkipSpace();
    const char* begin = text_.data() + at_;
    const char* end = text_.data() + text_.size();
    const auto [stop, error] = std::from_chars(begin, end, *to);
    if (error != std::errc() || stop == begin || !std::isfinite(*to)) return false;
    if (*begin != '-' && (*begin < '0' || *begin > '9')) return false;
    at_ += static_cast<size_t>(stop - begin);
    return true;
  }
  // As it is written, between here and there.
  size_t at() const { return at_; }
  std::string_view From(size_t begin) const { return text_.substr(begin, at_ - begin); }
  void SkipSpace() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\r' || text_[at_] == '\n'))
      ++at_;
  }

 private:
  static bool Unescape(char c, std::string* to) {
    static constexpr std::string_view kFrom = "\"\\/bfnrt";
    static constexpr std::string_view kTo = "\"\\/\b\f\n\r\t";
    if (c == 'u') {
      *to += "\\u";
      return true;
    }
    const size_t which = kFrom.find(c);
    if (which == std::string_view::npos) return false;
    to->push_back(kTo[which]);
    return true;
  }
  std::string_view text_;
  size_t at_ = 0;
};

core::Error Malformed(const Reader& reader, std::string_view expected) {
  return core::Invalid(fmt::format("column {}: expected {}", reader.at() + 1, expected));
}

core::Status ReadCount(Reader* reader, const char* name, int64_t* to) {
  double number = 0;
  if (!reader->TakeNumber(&number) || number < 0 || number != std::floor(number) ||
      number > static_cast<double>(kCountMax))
    return Malformed(*reader, fmt::format("{} to be a count: a whole number from 0 on", name));
  *to = static_cast<int64_t>(number);
  return core::Ok();
}

core::Status ReadTrack(Reader* reader, std::string* scratch, Track* to) {
  if (!reader->TakeText(scratch)) return Malformed(*reader, "track to be a text");
  if (*scratch == "canary") {
    *to = Track::kCanary;
  } else if (*scratch == "stable") {
    *to = Track::kStable;
  } else if (*scratch == "baseline") {
    *to = Track::kBaseline;
  } else {
    return core::Invalid(
        fmt::format("track \"{}\" is not known; expected canary, stable or baseline", *scratch));
  }
  return core::Ok();
}

// {"key": value, ...}; `read` takes the value of a key, or says that there is no such one.
template <class Read>
core::Status ReadMap(Reader* reader, std::string* key, Read read) {
  if (!reader->Take('{')) return Malformed(*reader, "{");
  if (reader->Take('}')) return core::Ok();
  do {
    if (!reader->TakeText(key)) return Malformed(*reader, "a field's name in quotes");
    if (!reader->Take(':')) return Malformed(*reader, ": after a field's name");
    if (core::Status status = read(*key); !status) return status;
  } while (reader->Take(','));
  if (!reader->Take('}')) return Malformed(*reader, ", or }");
  return core::Ok();
}

struct Scratch {
  std::string key, text;
};

core::Status ReadPod(Reader* reader, Scratch* scratch, PodCount* to) {
  bool track = false;
  bool bad = false;
  bool total = false;
  to->pod.clear();
  to->workload.clear();
  const auto read = [&](const std::string& key) -> core::Status {
    if (key == "pod") {
      if (!reader->TakeText(&to->pod)) return Malformed(*reader, "pod to be a text");
      return core::Ok();
    }
    if (key == "workload") {
      if (!reader->TakeText(&to->workload)) return Malformed(*reader, "workload to be a text");
      return core::Ok();
    }
    if (key == "track") {
      track = true;
      return ReadTrack(reader, &scratch->text, &to->track);
    }
    if (key == "bad") {
      bad = true;
      return ReadCount(reader, "bad", &to->bad);
    }
    if (key == "total") {
      total = true;
      return ReadCount(reader, "total", &to->total);
    }
    return core::Invalid(
        fmt::format("no such field: {}; known of a pod: pod, track, bad, total, workload", key));
  };
  if (core::Status status = ReadMap(reader, &scratch->key, read); !status) return status;
  if (!track || !bad || !total)
    return core::Invalid(fmt::format("{} is missing", !track ? "track" : !bad ? "bad" : "total"));
  if (to->bad > to->total)
    return core::Invalid(fmt::format("bad, {}, is more than total, {}", to->bad, to->total));
  return core::Ok();
}

core::Status ReadPods(Reader* reader, Scratch* scratch, std::vector<PodCount>* to) {
  if (!reader->Take('[')) return Malformed(*reader, "pods to be a list");
  size_t count = 0;
  while (!reader->Sees(']')) {
    if (count > 0 && !reader->Take(',')) return Malformed(*reader, ", or ]");
    if (count == kEvidencePodsMax)
      return core::Invalid(fmt::format("more than {} pods", kEvidencePodsMax));
    if (to->size() <= count) to->emplace_back();
    if (core::Status status = ReadPod(reader, scratch, &(*to)[count]); !status)
      return status.error().In(fmt::format("pods[{}]", count));
    ++count;
  }
  reader->Take(']');
  to->resize(count);
  return core::Ok();
}

core::Status RefuseDoubles(const std::vector<PodCount>& pods) {
  std::vector<const PodCount*> sorted;
  sorted.reserve(pods.size());
  for (const PodCount& pod : pods) sorted.push_back(&pod);
  const auto less = [](const PodCount* a, const PodCount* b) {
    if (const int order = a->pod.compare(b->pod); order != 0) return order < 0;
    if (const int order = a->workload.compare(b->workload); order != 0) return order < 0;
    return !a->pod.empty() ? false : a->track < b->track;
  };
  std::sort(sorted.begin(), sorted.end(), less);
  for (size_t i = 1; i < sorted.size(); ++i) {
    if (less(sorted[i - 1], sorted[i])) continue;
    return core::Invalid(sorted[i]->pod.empty()
                             ? "a track's total stands twice; give pods their names"
                             : fmt::format("pod {} stands twice", sorted[i]->pod));
  }
  return core::Ok();
}

}  // namespace

core::Status ReadEvidence(std::string_view line, std::string* run, Interval* to) {
  Reader reader(line);
  Scratch scratch;
  bool has_t = false;
  bool has_pods = false;
  run->clear();
  const auto read = [&](const std::string& key) -> core::Status {
    if (key == "run") {
      reader.SkipSpace();
      const size_t begin = reader.at();
      double number = 0;
      if (!(reader.Sees('"') ? reader.TakeText(&scratch.text) : reader.TakeNumber(&number)))
        return Malformed(reader, "run to be a number or a text");
      *run = reader.From(begin);
      return core::Ok();
    }
    if (key == "t") {
      has_t = true;
      double seconds = 0;
      if (!reader.TakeNumber(&seconds) || std::abs(seconds) > kEvidenceSecondsMax)
        return Malformed(reader, "t to be a number of seconds");
      to->at_ms = std::llround(seconds * 1000);
      return core::Ok();
    }
    if (key == "pods") {
      has_pods = true;
      return ReadPods(&reader, &scratch, &to->pods);
    }
    return core::Invalid(fmt::format("no such field: {}; known here: run, t, pods", key));
  };
  if (core::Status status = ReadMap(&reader, &scratch.key, read); !status) return status;
  if (!reader.AtEnd()) return Malformed(reader, "nothing after the closing }");
  if (run->empty() || !has_t || !has_pods)
    return core::Invalid(fmt::format("{} is missing", run->empty() ? "run"
                                                      : !has_t     ? "t"
                                                                   : "pods"));
  return RefuseDoubles(to->pods);
}

}  // namespace headgate::rollout::analysis
