#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "templating/yaml/emit.h"
#include "templating/yaml/key_order.h"
#include "templating/yaml/resolve.h"
#include "templating/yaml/text_writer.h"
#include "templating/yaml/utf8.h"
#include "templating/yaml/value_of.h"

namespace headgate::templating::yaml {
namespace {

constexpr size_t kJsonKeyCharacters = 1024;  // the reader of the JSON takes none beyond

// A number of JSON as it is printed: integers as far as 64 bits go.
std::string ShowNumber(std::string_view json) {
  const Number number = *ParseNumber(json);
  if (const auto* integer = std::get_if<int64_t>(&number)) return fmt::format("{}", *integer);
  if (const auto* integer = std::get_if<uint64_t>(&number)) return fmt::format("{}", *integer);
  return ShowFloat(std::get<double>(number));
}

bool IsAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x7F; });
}

// U+0085 in JSON is a line break to its reader, and folded.
std::string FoldNextLines(std::string_view text) {
  constexpr std::string_view kNextLine = "\xC2\x85";
  std::string out;
  while (true) {
    const size_t found = text.find(kNextLine);
    out.append(text.substr(0, found));
    if (found == std::string_view::npos) return out;
    text.remove_prefix(found);
    while (out.ends_with(' ')) out.pop_back();
    size_t breaks = 0;
    while (true) {
      if (text.starts_with(kNextLine)) {
        ++breaks;
        text.remove_prefix(kNextLine.size());
      } else if (text.starts_with(' ')) {
        text.remove_prefix(1);
      } else {
        break;
      }
    }
    out.append(breaks == 1 ? " " : std::string(breaks - 1, '\n'));
  }
}

// A string as it comes out of JSON; nothing changes but in odd corners.
core::Result<std::string_view> ThroughJson(const Node& node, std::string_view text,
                                           std::string* scratch) {
  if (IsAscii(text)) return text;
  bool next_line = false;
  for (std::string_view rest = text; !rest.empty();) {
    const std::optional<char32_t> rune = TakeRune(&rest);
    if (!rune) return AtNode(node, "a text in UTF-8 expected");
    next_line |= *rune == 0x85;
    if (*rune == 0x7F || (*rune > 0x7F && *rune < 0xA0 && *rune != 0x85) || *rune == 0xFFFE ||
        *rune == 0xFFFF) {
      return AtNode(node, fmt::format("text expected, the control character U+{:04X} found",
                                      static_cast<uint32_t>(*rune)));
    }
  }
  if (!next_line) return text;
  *scratch = FoldNextLines(text);
  return std::string_view(*scratch);
}

// Characters of a key in JSON, its quotes included.
size_t JsonLength(std::string_view text) {
  size_t length = 2;
  while (!text.empty()) {
    const char32_t rune = TakeRune(&text).value_or(0xFFFD);
    const bool short_escape =
        rune == '"' || rune == '\\' || (rune >= 8 && rune <= 13 && rune != 11);
    const bool long_escape = rune < 0x20 || rune == '<' || rune == '>' || rune == '&' ||
                             rune == 0x2028 || rune == 0x2029;
    length += short_escape ? 2 : long_escape ? 6 : 1;
  }
  return length;
}

struct Entry {
  std::string_view key;
  const Node* key_node;
  const Node* value;
};

bool HasDigit(const Entry& entry) {
  return std::any_of(entry.key.begin(), entry.key.end(),
                     [](char c) { return c >= '0' && c <= '9'; });
}

// Keys with numbers may stand in a circle: a2 before a10 before a1b before a2. The reference prints
// them in any order then. Here the order depends on nothing but the keys, and the sorts are such
// that circles do not lead out of bounds.
void SortEntries(std::vector<Entry>::iterator first, std::vector<Entry>::iterator last) {
  const auto less = [](const Entry& a, const Entry& b) { return KeyLess(a.key, b.key); };
  if (std::any_of(first, last, HasDigit)) {
    std::sort(first, last, [](const Entry& a, const Entry& b) { return a.key < b.key; });
  }
  constexpr ptrdiff_t kFew = 16;
  if (last - first > kFew) return std::stable_sort(first, last, less);
  for (auto each = first; each != last; ++each) {
    const Entry entry = *each;
    auto at = each;
    for (; at != first && less(entry, *(at - 1)); --at) *at = *(at - 1);
    *at = entry;
  }
}

class Printer {
 public:
  explicit Printer(std::string* out) : writer_(out) {}

  core::Status Document(const Node& node) {
    if (node.is_scalar()) {
      if (node.is_null()) {
        writer_.Put("{}\n");
        return core::Ok();
      }
      return AtNode(node, "a resource expected, a mapping");
    }
    core::Status done = Value(node, -2, false, true);
    if (done) writer_.NewLine(0);
    return done;
  }

  // What was never written has nothing to be read again, as in a flow collection.
  core::Status MadeDocument(const Node& node) {
    in_flow_ = true;
    writer_.Put("");  // something was begun: the first line break counts
    core::Status done = node.is_scalar() ? Scalar(node, 2) : Value(node, -2, false, true);
    if (done) writer_.NewLine(0);
    return done;
  }

 private:
  // A value inside a block at column `indent`; its own lines stand two further right. `compact`:
  // "- " or ": " was just written, so that a block may begin on this line.
  core::Status Value(const Node& node, int indent, bool compact, bool top = false) {
    compact = compact || indent < 0;
    if (!node.is_scalar() && node.size > 0) {
      const bool outer_flow = std::exchange(in_flow_, in_flow_ || node.style == Style::kFlow);
      core::Status done = node.is_mapping()
                              ? Mapping(node, indent + 2, compact, top)
                              : Sequence(node, compact ? indent + 2 : indent, compact);
      in_flow_ = outer_flow;
      return done;
    }
    if (!compact) writer_.Put(" ");
    if (node.is_scalar()) return Scalar(node, indent + 2);
    writer_.Put(node.is_mapping() ? "{}" : "[]");
    return core::Ok();
  }

  // Its entries, sorted, at the end of entries_.
  core::Status Sort(const Node& node, bool top) {
    const size_t start = entries_.size();
    for (size_t i = 0; i < node.entries(); ++i) {
      const Node* key = node.key(i);
      std::string_view text = key->text();
      if (!key->is_string() || !IsPlainWord(text)) {
        std::string scratch;
        const core::Result<PlainValue> value = KeyOf(*key, top, &scratch);
        if (!value) return value.error();
        std::string folded;
        const core::Result<std::string_view> through = ThroughJson(*key, value->text, &folded);
        if (!through) return through.error();
        if (through->data() == folded.data()) {
          return AtNode(*key, "a key on one line expected, the line break U+0085 found");
        }
        text = Keep(*through, key->text());
      }
      if (text.size() > kJsonKeyCharacters / 6 && JsonLength(text) > kJsonKeyCharacters) {
        return AtNode(
            *key, fmt::format("a key of at most {} characters expected", kJsonKeyCharacters - 2));
      }
      entries_.push_back({text, key, node.value(i)});
    }
    SortEntries(entries_.begin() + static_cast<ptrdiff_t>(start), entries_.end());
    return core::Ok();
  }

  // `text`, living as long as the printer; `node` may be where it is viewed.
  std::string_view Keep(std::string_view text, std::string_view node) {
    if (text.data() == node.data()) return text;
    kept_.push_back(std::make_unique<std::string>(text));
    return *kept_.back();
  }

  core::Status Mapping(const Node& node, int indent, bool compact, bool top) {
    const size_t start = entries_.size();
    if (core::Status sorted = Sort(node, top); !sorted) return sorted;
    const size_t end = entries_.size();
    if (start == end) writer_.Put(compact ? "{}" : " {}");
    for (size_t i = start; i < end; ++i) {
      const Entry entry = entries_[i];
      if (!compact) writer_.NewLine(indent);
      compact = false;
      const bool simple = IsSimpleKey(entry.key);
      if (!simple) writer_.Put("? ");
      PutString(entry.key, indent + 2, simple, &writer_);
      if (!simple) writer_.NewLine(indent);
      writer_.Put(simple ? ":" : ": ");
      if (core::Status done = Value(*entry.value, indent, !simple); !done) return done;
    }
    entries_.resize(start);
    return core::Ok();
  }

  core::Status Sequence(const Node& node, int indent, bool compact) {
    for (const Node* item : node.children()) {
      if (!compact) writer_.NewLine(indent);
      compact = false;
      writer_.Put("- ");
      if (core::Status done = Value(*item, indent, true); !done) return done;
    }
    return core::Ok();
  }

  core::Status Scalar(const Node& node, int indent) {
    std::string scratch, again, folded;
    core::Result<PlainValue> value = ValueOf(node, in_flow_, &scratch);
    if (!value) return value.error();
    switch (value->kind) {
      case Plain::kNull:
        writer_.Put("null");
        break;
      case Plain::kBool:
        writer_.Put(value->text);
        break;
      case Plain::kNumber:
        if (value->text.data() == node.text().data()) {
          writer_.Put(value->text);
        } else {
          writer_.Put(ShowNumber(value->text));
        }
        break;
      case Plain::kString: {
        core::Result<std::string_view> text = value->text;
        if (!in_flow_) text = ReadAgain(node, *text, &again);
        if (text) text = ThroughJson(node, *text, &folded);
        if (!text) return text.error();
        PutString(*text, indent, false, &writer_);
      }
    }
    return core::Ok();
  }

  TextWriter writer_;
  std::vector<Entry> entries_;
  bool in_flow_ = false;  // in what was a flow collection
  std::vector<std::unique_ptr<std::string>> kept_;
};

}  // namespace

core::Status EmitResource(const Node& node, std::string* out) {
  return Printer(out).Document(node);
}

core::Status EmitValue(const Node& node, std::string* out) {
  return Printer(out).MadeDocument(node);
}

}  // namespace headgate::templating::yaml
