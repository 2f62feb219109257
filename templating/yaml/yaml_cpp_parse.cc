#include <fmt/format.h>
#include <yaml-cpp/depthguard.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <istream>
#include <streambuf>
#include <unordered_map>

#include "core/hash.h"
#include "templating/yaml/scalar.h"
#include "templating/yaml/yaml.h"

namespace headgate::templating {
namespace {

constexpr std::string_view kTagPrefix = "tag:yaml.org,2002:";
constexpr size_t kValueBytes = sizeof(core::Value);
// Below this many keys a mapping is searched, from there on its keys are hashed.
constexpr size_t kFewKeys = 16;

core::Mark MarkOf(const YAML::Mark& mark) {
  return {static_cast<uint32_t>(mark.line + 1), static_cast<uint32_t>(mark.column + 1)};
}

// Leaves the handler's calls; yaml-cpp lets exceptions pass. Caught in ParseYaml.
struct Refused {
  core::Mark mark;
  std::string text;
};

// What a subtree costs to copy: an alias may be small and stand for a lot.
struct Cost {
  size_t bytes = kValueBytes;
  int depth = 1;
};

struct Anchored {
  core::Value value;
  Cost cost;
};

// A list or mapping whose end has not come yet.
struct Frame {
  core::Value value;
  YAML::anchor_t anchor = 0;
  Cost cost;
  bool has_key = false;  // of a mapping: `key` waits for its value
  std::string key;
  core::Mark key_mark;
  bool plain_key = false;                           // an unquoted "<<" is the merge key
  core::List merged;                                // what "<<" brought; earlier ones win
  std::unordered_map<std::string, uint32_t> lines;  // of keys, once there are more than a few
};

// Builds values from yaml-cpp's events with a stack of its own.
class Builder : public YAML::EventHandler {
 public:
  std::vector<core::Value> TakeDocuments() { return std::move(documents_); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    // yaml-cpp leaves a token that can begin no node where it is, and would go on for ever.
    if (mark.pos == document_start_) throw Refused{MarkOf(mark), "a value or a key expected"};
    document_start_ = mark.pos;
    frames_.clear();
    anchors_.clear();
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (TakesKey()) return SetKey("null", MarkOf(mark), false);
    Place({}, MarkOf(mark), anchor, {});
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const core::Mark at = MarkOf(mark);
    auto found = anchors_.find(anchor);
    if (found == anchors_.end()) throw Refused{at, "an alias cannot stand inside its own anchor"};
    const Anchored& anchored = found->second;
    if (TakesKey()) {
      const std::string* key = anchored.value.AsString();
      if (!key) throw Refused{at, "a key must be a string"};
      return SetKey(*key, at, false);
    }
    alias_bytes_ += anchored.cost.bytes;
    if (alias_bytes_ > kYamlAliasBytesMax) {
      throw Refused{at, fmt::format("aliases expand to more than {} MiB; write the values out, or "
                                    "use fewer aliases",
                                    kYamlAliasBytesMax >> 20)};
    }
    if (static_cast<int>(frames_.size()) + anchored.cost.depth > kYamlDepthMax) throw TooDeep(at);
    Place(anchored.value, anchored.value.mark(), 0, anchored.cost);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& text) override {
    const core::Mark at = MarkOf(mark);
    if (TakesKey()) {
      if (anchor != 0) anchors_[anchor] = {core::Value(text), {kValueBytes + text.size(), 1}};
      return SetKey(text, at, tag == "?");
    }
    Place(ValueOf(tag, text, at), at, anchor, {kValueBytes + text.size(), 1});
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    Open(core::Value(core::List()), mark, tag, anchor);
  }
  void OnSequenceEnd() override { Close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    Open(core::Value(core::Map()), mark, tag, anchor);
  }
  void OnMapEnd() override {
    Merge(&frames_.back());
    Close();
  }

 private:
  static Refused TooDeep(core::Mark at) {
    return {at, fmt::format("nested deeper than {} levels", kYamlDepthMax)};
  }

  bool TakesKey() const {
    return !frames_.empty() && frames_.back().value.is_map() && !frames_.back().has_key;
  }

  void Open(core::Value value, const YAML::Mark& mark, const std::string& tag,
            YAML::anchor_t anchor) {
    const core::Mark at = MarkOf(mark);
    if (TakesKey()) throw Refused{at, "a key must be a string, not a mapping or a list"};
    const std::string wanted = std::string(kTagPrefix) + (value.is_map() ? "map" : "seq");
    if (tag.starts_with(kTagPrefix) && tag != wanted) {
      throw Refused{at, fmt::format("a value that fits its tag !!{} expected",
                                    tag.substr(kTagPrefix.size()))};
    }
    if (static_cast<int>(frames_.size()) >= kYamlDepthMax) throw TooDeep(at);
    value.set_mark(at);
    Frame& frame = frames_.emplace_back();
    frame.value = std::move(value);
    frame.anchor = anchor;
  }

  void Close() {
    Frame frame = std::move(frames_.back());
    frames_.pop_back();
    const core::Mark mark = frame.value.mark();
    Place(std::move(frame.value), mark, frame.anchor, frame.cost);
  }

  void SetKey(const std::string& key, core::Mark mark, bool plain) {
    Frame& frame = frames_.back();
    frame.has_key = true;
    frame.key = key;
    frame.key_mark = mark;
    frame.plain_key = plain;
    frame.cost.bytes += sizeof(core::Map::Entry) - kValueBytes + key.size();
    if (plain && key == "<<") return;
    if (const uint32_t line = LineOfKey(&frame); line != 0) {
      throw Refused{
          mark, fmt::format("key \"{}\" is given twice; it stands in line {} already", key, line)};
    }
  }

  // The line in which the key that just came was given before; 0 where it is new.
  static uint32_t LineOfKey(Frame* frame) {
    core::Map& map = *frame->value.AsMap();
    if (map.size() < kFewKeys) {
      const core::Value* before = map.Find(frame->key);
      return before ? std::max(before->mark().line, 1u) : 0;
    }
    if (frame->lines.empty()) {
      for (const core::Map::Entry& entry : map) {
        frame->lines.emplace(entry.first, std::max(entry.second.mark().line, 1u));
      }
    }
    auto [at, added] = frame->lines.emplace(frame->key, frame->key_mark.line);
    return added ? 0 : at->second;
  }

  void Place(core::Value value, core::Mark mark, YAML::anchor_t anchor, Cost cost) {
    value.set_mark(mark);
    if (anchor != 0) anchors_[anchor] = {value, cost};
    if (frames_.empty()) {
      if (!value.is_null()) documents_.push_back(std::move(value));
      return;
    }
    Frame& frame = frames_.back();
    frame.cost.bytes += cost.bytes;
    frame.cost.depth = std::max(frame.cost.depth, cost.depth + 1);
    if (core::List* list = frame.value.AsList()) {
      list->push_back(std::move(value));
      return;
    }
    frame.has_key = false;
    // A block below its key is better named by the line of the key.
    if (mark.line > frame.key_mark.line) value.set_mark(frame.key_mark);
    if (frame.plain_key && frame.key == "<<") return AddMerge(&frame, std::move(value));
    frame.value.AsMap()->Append(std::move(frame.key), std::move(value));
  }

  static void AddMerge(Frame* frame, core::Value value) {
    if (value.is_map()) {
      frame->merged.push_back(std::move(value));
      return;
    }
    core::List* list = value.AsList();
    if (!list) throw Refused{frame->key_mark, "\"<<\" takes a mapping or a list of mappings"};
    for (core::Value& each : *list) {
      if (!each.is_map()) {
        throw Refused{frame->key_mark, "\"<<\" takes a mapping or a list of mappings"};
      }
      frame->merged.push_back(std::move(each));
    }
  }

  // Adds what "<<" brought and the mapping itself does not say.
  static void Merge(Frame* frame) {
    if (frame->merged.empty()) return;
    for (core::Value& source : frame->merged) {
      for (core::Map::Entry& entry : *source.AsMap()) {
        frame->key = entry.first;
        frame->key_mark = entry.second.mark();
        if (LineOfKey(frame) == 0) frame->value.AsMap()->Append(entry.first, entry.second);
      }
    }
  }

  static core::Value ValueOf(std::string_view tag, const std::string& text, core::Mark mark) {
    if (tag == "?") return ResolvePlain(text);
    if (!tag.starts_with(kTagPrefix)) return text;  // quoted, or a tag of an application
    const std::string_view type = tag.substr(kTagPrefix.size());
    if (type == "str") return text;
    if (type == "binary") {
      core::Result<std::string> bytes = core::FromBase64(text);
      if (!bytes) throw Refused{mark, "base64 expected after !!binary"};
      return *bytes;
    }
    const core::Value value = ResolvePlain(text);
    if (type == "float" && value.is_int()) return static_cast<double>(*value.AsInt());
    const bool fits = (type == "int" && value.is_int()) || (type == "float" && value.is_float()) ||
                      (type == "bool" && value.is_bool()) || (type == "null" && value.is_null()) ||
                      (type == "timestamp" && ResolveTimestamp(text).has_value());
    if (!fits) throw Refused{mark, fmt::format("a value that fits its tag !!{} expected", type)};
    return value;
  }

  std::vector<core::Value> documents_;
  std::vector<Frame> frames_;
  std::unordered_map<YAML::anchor_t, Anchored> anchors_;
  size_t alias_bytes_ = 0;
  int document_start_ = -1;  // in bytes, of the document before
};

// A stream over bytes that it does not copy.
class ViewBuffer : public std::streambuf {
 public:
  explicit ViewBuffer(std::string_view text) {
    char* start = const_cast<char*>(text.data());
    setg(start, start, start + text.size());
  }
};

// yaml-cpp's messages that say too little to whoever has to mend the file.
std::string Explain(const std::string& message) {
  static constexpr std::pair<std::string_view, std::string_view> kTexts[] = {
      {"end of map not found",
       "a key at the column of the mapping's other keys expected, or the end of the mapping"},
      {"end of sequence not found",
       "\"- \" at the column of the list's other items expected, or the end of the list"},
      {"illegal map value",
       "no mapping can begin here; indent with spaces, and put a text that holds \": \" in quotes"},
      {"illegal block entry", "no list can begin here; put it in a line of its own"},
      {"the referenced anchor is not defined", "an anchor (&name) of this alias expected above it"},
  };
  for (const auto& [theirs, ours] : kTexts) {
    if (message == theirs) return std::string(ours);
  }
  return message;
}

core::Error At(std::string_view file, core::Mark mark, std::string_view text) {
  return core::Invalid(fmt::format("{}:{}:{}: {}", file, mark.line, mark.column, text));
}

}  // namespace

core::Result<std::vector<core::Value>> ParseYaml(std::string_view text, std::string_view file) {
  if (text.size() > kYamlBytesMax) {
    return core::Invalid(fmt::format("{}: a YAML file of at most {} MiB expected, this one has {}",
                                     file, kYamlBytesMax >> 20, text.size() >> 20));
  }
  ViewBuffer buffer(text);
  std::istream stream(&buffer);
  Builder builder;
  try {
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const Refused& refused) {
    return At(file, refused.mark, refused.text);
  } catch (const YAML::DeepRecursion& error) {
    return At(file, MarkOf(error.mark), fmt::format("nested deeper than {} levels", kYamlDepthMax));
  } catch (const YAML::Exception& error) {
    return At(file, MarkOf(error.mark), Explain(error.msg));
  }
  return builder.TakeDocuments();
}

}  // namespace headgate::templating
