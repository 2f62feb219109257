#include "templating/helm/functions/yaml_node.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "templating/helm/functions/base_encoding.h"
#include "templating/helm/strconv.h"
#include "templating/helm/unicode.h"
#include "templating/yaml/key_order.h"
#include "templating/yaml/resolve.h"
#include "templating/yaml/value_of.h"

namespace headgate::templating::helm {
namespace {

using yaml::Node;
using yaml::Style;
using yaml::Tag;

bool IsUtf8(std::string_view text) {
  while (!text.empty()) {
    size_t bytes = 0;
    if (TakeRune(&text, &bytes) == kRuneError && bytes == 1) return false;
  }
  return true;
}

// "1:30", "-12:59:01.5": numbers of base 60 to older readers.
bool IsBase60(std::string_view text) {
  if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
  const auto take = [&text](std::string_view set) {
    const size_t size = std::min(text.find_first_not_of(set), text.size());
    text.remove_prefix(size);
    return size;
  };
  if (text.empty() || text[0] < '0' || text[0] > '9') return false;
  take("0123456789_");
  size_t groups = 0;
  while (text.size() > 1 && text[0] == ':') {
    const size_t digits = std::min(text.find_first_not_of("0123456789", 1), text.size()) - 1;
    if (digits == 0 || digits > 2 || (digits == 2 && text[1] > '5')) return false;
    text.remove_prefix(digits + 1);
    ++groups;
  }
  if (groups > 0 && text.starts_with('.')) {
    text.remove_prefix(1);
    take("0123456789_");
  }
  return groups > 0 && text.empty();
}

bool IsOldBool(std::string_view text) {
  static constexpr std::string_view kWords[] = {"y", "Y", "yes", "Yes", "YES", "on",  "On",  "ON",
                                                "n", "N", "no",  "No",  "NO",  "off", "Off", "OFF"};
  return std::find(std::begin(kWords), std::end(kWords), text) != std::end(kWords);
}

class NodeMaker {
 public:
  NodeMaker(Heap* heap, yaml::Arena* arena, Encoding encoding, size_t bytes_max, std::string* error)
      : heap_(heap), arena_(*arena), encoding_(encoding), bytes_max_(bytes_max), error_(error) {}

  Node* Make(const Value& given, int depth);

 private:
  Node* Fail(std::string text) {
    *error_ = std::move(text);
    return nullptr;
  }
  Node* Text(std::string_view text);
  Node* Float(double number);
  Node* Items(const Value& value, int depth);
  Node* Entries(const Value& value, int depth);

  Heap* heap_;
  yaml::Arena& arena_;
  const Encoding encoding_;
  const size_t bytes_max_;
  std::string* error_;
  size_t bytes_ = 0;
};

// JSON replaces what is no UTF-8; go-yaml 3 makes Base64 of all of it.
Node* NodeMaker::Text(std::string_view text) {
  bytes_ += text.size();
  if (!IsUtf8(text)) {
    if (encoding_ == Encoding::kYaml3) {
      Node* node = arena_.NewScalar(arena_.Copy(EncodeBase64(text)), Tag::kBinary);
      node->explicit_tag = true;
      return node;
    }
    std::string repaired;
    while (!text.empty()) AppendRune(&repaired, TakeRune(&text));
    return arena_.NewScalar(arena_.Copy(repaired));
  }
  Node* node = arena_.NewScalar(text);
  if (encoding_ == Encoding::kYaml3 && text.find('\n') == std::string_view::npos &&
      (IsOldBool(text) || IsBase60(text))) {
    node->style = Style::kDoubleQuoted;
  }
  return node;
}

Node* NodeMaker::Float(double number) {
  if (encoding_ == Encoding::kYaml3) {
    std::string text = FormatFloat(number);
    if (!std::isfinite(number)) text = std::isnan(number) ? ".nan" : number < 0 ? "-.inf" : ".inf";
    return arena_.NewScalar(arena_.Copy(text), Tag::kNone);
  }
  if (!std::isfinite(number)) return Fail("json: unsupported value: " + FormatFloat(number));
  // What its digits are to a reader: beyond int64 no float, but an unsigned integer.
  const Tag tag = number >= 0x1p63 && number < 0x1p64 ? Tag::kInt : Tag::kFloat;
  return arena_.NewScalar(arena_.Copy(yaml::JsonFloat(number)), tag);
}

Node* NodeMaker::Items(const Value& value, int depth) {
  Node* node = arena_.NewSequence(value.size());
  for (size_t i = 0; i < value.size(); ++i) {
    Node* item = Make(value.At(i), depth + 1);
    if (!item) return nullptr;
    node->Append(&arena_, item);
  }
  return node;
}

Node* NodeMaker::Entries(const Value& value, int depth) {
  std::vector<Map::Entry> entries;
  if (value.map()) {
    const std::span<const Map::Entry> sorted = value.map()->entries();
    entries.assign(sorted.begin(), sorted.end());
  }
  if (encoding_ == Encoding::kYaml3) {  // the other printer sorts them itself
    std::stable_sort(entries.begin(), entries.end(),
                     [](const auto& a, const auto& b) { return yaml::KeyLessIn3(a.key, b.key); });
  }
  Node* node = arena_.NewMapping(entries.size());
  for (const Map::Entry& entry : entries) {
    Node* key = Text(entry.key);
    Node* item = Make(entry.value, depth + 1);
    if (!item) return nullptr;
    node->AppendEntry(&arena_, key, item);
  }
  return node;
}

Node* NodeMaker::Make(const Value& given, int depth) {
  bytes_ += sizeof(Node);
  if (bytes_ > bytes_max_) return Fail("");
  if (depth > kPrintedDepthMax) {
    return Fail("json: unsupported value: encountered a cycle via " + std::string(TypeName(given)));
  }
  const std::optional<Value> value = PlainForm(heap_, given, encoding_, error_);
  if (!value) return nullptr;
  const bool empty_for_nil = encoding_ == Encoding::kYaml3 && (value->is_list() || value->is_map());
  if (value->is_nil() || (value->is_null_reference() && !empty_for_nil)) {
    return arena_.NewScalar("null", Tag::kNull);
  }
  // A time is written as it is, without quotes.
  if (given.type() == Type::kTime && encoding_ == Encoding::kYaml3) {
    return arena_.NewScalar(value->text(), Tag::kNone);
  }
  if (value->is_bool()) return arena_.NewBool(value->boolean());
  if (value->is_float()) return Float(value->number());
  if (value->is_string()) return Text(value->text());
  if (value->is_list()) return Items(*value, depth);
  if (value->is_map()) return Entries(*value, depth);
  if (value->kind() != Kind::kUint64) return arena_.NewInt(value->integer());
  const auto number = static_cast<uint64_t>(value->integer());
  return arena_.NewScalar(arena_.Copy(std::to_string(number)), Tag::kInt);
}

}  // namespace

Node* ToYamlNode(Heap* heap, yaml::Arena* arena, const Value& value, Encoding encoding,
                 size_t bytes_max, std::string* error) {
  return NodeMaker(heap, arena, encoding, bytes_max, error).Make(value, 0);
}

}  // namespace headgate::templating::helm
