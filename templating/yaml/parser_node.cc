#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "templating/yaml/parser.h"

namespace headgate::templating::yaml {
namespace {

constexpr ptrdiff_t kKeyCharactersMax = 1024;  // of a key without "?"
// From this many keys on they are hashed, to find one that is given twice.
constexpr size_t kManyKeys = 16;
constexpr std::string_view kTagPrefix = "tag:yaml.org,2002:";

constexpr std::pair<std::string_view, Tag> kTags[] = {
    {"null", Tag::kNull},     {"bool", Tag::kBool},   {"int", Tag::kInt},
    {"float", Tag::kFloat},   {"str", Tag::kString},  {"timestamp", Tag::kTimestamp},
    {"binary", Tag::kBinary}, {"merge", Tag::kMerge}, {"map", Tag::kMapping},
    {"seq", Tag::kSequence},
};

bool FitsKind(Tag tag, Kind kind) {
  if (kind == Kind::kScalar) return tag != Tag::kMapping && tag != Tag::kSequence;
  return tag == (kind == Kind::kMapping ? Tag::kMapping : Tag::kSequence);
}

}  // namespace

bool Parser::Expects() const {
  switch (top().wait) {
    case Wait::kNode:
    case Wait::kKeyNode:
    case Wait::kValue:
      return true;
    case Wait::kKey:
      return top().block == Block::kFlowMapping;
    default:
      return false;
  }
}

bool Parser::Unexpected(const Spot& spot, std::string_view found) {
  const auto expected = [this]() -> std::string_view {
    switch (top().block) {
      case Block::kDocument:
        return top().wait == Wait::kNode ? "a value" : "the end of the document";
      case Block::kMapping:
        if (top().wait == Wait::kValue) return "a value, further to the right than its key";
        return "a key at the column of the mapping's other keys, or the end of the mapping";
      case Block::kSequence:
      case Block::kIndentless:
        if (top().wait == Wait::kNode) return "an item";
        return "\"- \" at the column of the list's other items, or the end of the list";
      case Block::kFlowMapping:
        return top().wait == Wait::kSeparator || top().wait == Wait::kColon
                   ? "\",\" or \"}\""
                   : "a key, a value or \"}\"";
      default:
        return top().wait == Wait::kSeparator ? "\",\" or \"]\"" : "an item or \"]\"";
    }
  };
  if (in_flow() && top().indicator.line != spot.line) {
    return scanner_.Complain(spot, fmt::format("{} expected in what begins in line {}, {} found",
                                               expected(), top().node->line, found));
  }
  return scanner_.Complain(spot, fmt::format("{} expected, {} found", expected(), found));
}

// Notes that a key may begin here.
bool Parser::NoteKey() {
  if (!DropKey()) return false;
  if (inner_.any() && !JoinProperties()) return false;
  const Spot spot = scanner_.spot();
  key_ = {true, !in_flow() && spot.indent() == indent_, spot};
  key_allowed_ = false;
  return true;
}

bool Parser::DropKey() {
  if (key_.possible && key_.required && !in_flow()) {
    return scanner_.Complain(key_.spot,
                             "a key with \":\" and its value on the same line expected; "
                             "a text of several lines stands further to the right");
  }
  key_.possible = false;
  return true;
}

bool Parser::KeyIsValid() {
  const Spot spot = scanner_.spot();
  if (!key_.possible || key_.spot.line != spot.line) return false;
  if (spot.at - key_.spot.at <= kKeyCharactersMax) return true;
  return std::count_if(key_.spot.at, spot.at, [](char c) { return (c & 0xC0) != 0x80; }) <=
         kKeyCharactersMax;
}

// In a block.
bool Parser::ColonFollows() const {
  const char* at = scanner_.at();
  if (scanner_.at_end()) return false;
  while (Is(*at, kBlank)) ++at;
  return *at == ':' && IsSpace(at + 1);
}

Node* Parser::NewScalar(const Spot& spot, const Scalar& scalar) {
  Node* node = arena_->NewScalar(scalar.text, Tag::kString, scalar.style);
  if (scalar.style == Style::kPlain) node->tag = ResolvePlain(scalar.text);
  node->line = spot.line;
  node->column = scanner_.ColumnOf(spot);
  return node;
}

bool Parser::ScalarToken() {
  const Spot spot = scanner_.spot();
  const bool saved = key_allowed_;
  if (!SaveKey()) return false;
  Scalar scalar;
  const bool quoted = *spot.at == '"' || *spot.at == '\'';
  if (quoted ? !scanner_.ScanQuoted(&scalar) : !scanner_.ScanPlain(indent_, in_flow(), &scalar)) {
    return false;
  }
  Took(TokenKind::kScalar, spot, saved);
  Node* node = NewScalar(spot, scalar);
  if (scalar.past_break) key_allowed_ = true;
  return Finish(node);
}

// A scalar or alias has been read: it is a key, or placed.
bool Parser::Finish(Node* node) {
  if (!in_flow() && !key_allowed_ && ColonFollows()) {
    scanner_.SkipBlanks();
    if (KeyIsValid()) return Apply(&inner_, node) && BlockKey(node);
    if (key_.possible) {
      return scanner_.Complain(scanner_.spot(),
                               "a key on one line, and of at most 1024 "
                               "characters, expected before \":\"");
    }
    return scanner_.Complain(scanner_.spot(),
                             "no mapping can begin here; indent with spaces, and put a text that "
                             "holds \": \" in quotes");
  }
  if (key_.possible && key_.required) return DropKey();
  return JoinProperties() && Apply(&outer_, node) && Place(node);
}

bool Parser::TextBlock() {
  const Spot spot = scanner_.spot();
  if (!DropKey()) return false;
  Scalar scalar;
  if (!Expects()) return Unexpected(spot, "a text block");
  if (!scanner_.ScanBlock(indent_, &scalar)) return false;
  Took(TokenKind::kScalar, spot);
  key_allowed_ = true;
  Node* node = NewScalar(spot, scalar);
  return JoinProperties() && Apply(&outer_, node) && Place(node);
}

bool Parser::AliasToken() {
  const Spot spot = scanner_.spot();
  const bool saved = key_allowed_;
  if (!SaveKey()) return false;
  std::string_view name;
  if (!scanner_.ScanName(&name)) return false;
  Took(TokenKind::kAlias, spot, saved);
  if (inner_.any() || (outer_.any() && (in_flow() || !ColonFollows()))) {
    return scanner_.Complain(spot, "no tag or anchor expected before an alias");
  }
  const auto found = anchors_.find(name);
  if (found == anchors_.end()) {
    return scanner_.Complain(spot, fmt::format("an anchor \"&{}\" expected above its alias", name));
  }
  for (const Frame& frame : frames_) {
    if (frame.node == found->second) {
      return scanner_.Complain(spot, "an alias cannot stand inside its own anchor");
    }
  }
  Node* copy = Expand(*found->second, frames_.size());
  if (copy && options_.keep_comments) ExtraOf(copy)->alias = name;
  return copy && Finish(copy);
}

bool Parser::PropertyToken() {
  const Spot spot = scanner_.spot();
  const bool saved = key_allowed_, key = saved && !in_flow();
  if (!SaveKey()) return false;
  if (!Expects() && !key) return Unexpected(spot, "a tag or an anchor");
  if (!inner_.any()) inner_.spot = spot;
  if (*spot.at == '!') {
    std::string_view handle, suffix;
    if (!scanner_.ScanTag(&handle, &suffix) || !ResolveTag(spot, handle, suffix)) return false;
    Took(TokenKind::kProperty, spot, saved);
    return true;
  }
  if (inner_.has_anchor) return scanner_.Complain(spot, "one anchor expected, a second found");
  inner_.has_anchor = true;
  if (!scanner_.ScanName(&inner_.anchor)) return false;
  Took(TokenKind::kProperty, spot, saved);
  return true;
}

bool Parser::ResolveTag(const Spot& spot, std::string_view handle, std::string_view suffix) {
  if (inner_.has_tag) return scanner_.Complain(spot, "one tag expected, a second found");
  inner_.has_tag = true;
  std::string tag;
  if (!handle.empty()) {
    const auto known = std::find_if(handles_.begin(), handles_.end(),
                                    [&](const auto& entry) { return entry.first == handle; });
    if (known != handles_.end()) {
      tag = known->second;
    } else if (handle == "!") {
      tag = handle;
    } else if (handle == "!!") {
      tag = kTagPrefix;
    } else {
      return scanner_.Complain(spot, fmt::format("a directive \"%TAG {} ...\" expected before a "
                                                 "tag that begins so",
                                                 handle));
    }
  }
  tag += suffix;
  inner_.tag = Tag::kOther;
  if (tag == "!") return true;
  if (tag.starts_with(kTagPrefix)) {
    tag.replace(0, kTagPrefix.size(), "!!");
    for (const auto& [name, known] : kTags) {
      if (std::string_view(tag).substr(2) == name) inner_.tag = known;
    }
  }
  inner_.other_tag = arena_->Copy(tag);
  return true;
}

// What stands before a node on earlier lines and on its own belongs to the same node.
bool Parser::JoinSome() {
  if ((inner_.has_anchor && outer_.has_anchor) || (inner_.has_tag && outer_.has_tag)) {
    return scanner_.Complain(inner_.spot, "one tag and one anchor expected, a second found");
  }
  if (!outer_.any()) {
    outer_ = std::exchange(inner_, {});
    return true;
  }
  if (inner_.has_anchor) {
    outer_.has_anchor = true;
    outer_.anchor = inner_.anchor;
  }
  if (inner_.has_tag) {
    outer_.has_tag = true;
    outer_.tag = inner_.tag;
    outer_.other_tag = inner_.other_tag;
  }
  inner_ = {};
  return true;
}

bool Parser::ApplySome(Properties* properties, Node* node) {
  if (properties->has_anchor) {
    anchors_[properties->anchor] = node;
    if (options_.keep_comments) ExtraOf(node)->anchor = properties->anchor;
  }
  // "!" alone says nothing.
  if (properties->has_tag && !properties->other_tag.empty()) {
    node->explicit_tag = true;
    node->tag = FitsKind(properties->tag, node->kind) ? properties->tag : Tag::kOther;
    if (node->tag == Tag::kOther) {
      ExtraOf(node)->tag = properties->other_tag;
    }
  }
  node->line = properties->spot.line;
  node->column = scanner_.ColumnOf(properties->spot);
  *properties = {};
  return true;
}

Extra* Parser::ExtraOf(Node* node) const {
  if (!node->extra) node->extra = arena_->NewExtra();
  return node->extra;
}

bool Parser::PlaceEmpty() {
  if (!JoinProperties()) return false;
  Spot spot = top().indicator;
  if (in_flow() || top().block == Block::kDocument) {
    spot = scanner_.spot();
  } else {
    ++spot.at;
  }
  Node* node = NewScalar(spot, {});
  return Apply(&outer_, node) && Place(node);
}

bool Parser::Place(Node* node) {
  Frame& frame = top();
  switch (frame.wait) {
    case Wait::kNode:
      items_.push_back(node);
      frame.wait = Wait::kSeparator;
      return true;
    case Wait::kKey:
      if (frame.block != Block::kFlowMapping) break;
      frame.explicit_key = false;
      [[fallthrough]];
    case Wait::kKeyNode:
      if (!PushKey(node)) return false;
      frame.wait = Wait::kColon;
      return true;
    case Wait::kValue:
      items_.push_back(node);
      frame.wait = frame.block == Block::kMapping ? Wait::kKey : Wait::kSeparator;
      return true;
    default:
      break;
  }
  const Spot spot = scanner_.spot();
  return Unexpected(spot, "a further value");
}

// The line where the key that comes stands already; 0 where it is new.
bool Parser::PushKey(Node* key) {
  Frame& frame = top();
  const std::string_view text = key->text();
  frame.has_merge |= text == "<<";
  uint32_t line = 0;
  const size_t size = items_.size() - frame.first_item;
  if (!options_.unique_keys) {
    items_.push_back(key);
    return true;
  }
  if (size < 2 * kManyKeys) {
    for (size_t i = frame.first_item; i < items_.size(); i += 2) {
      if (items_[i]->text() == text && items_[i]->kind == key->kind) line = items_[i]->line;
    }
  } else {
    if (!frame.lines) {
      frame.lines = std::make_unique<std::unordered_map<std::string_view, uint32_t>>();
      for (size_t i = frame.first_item; i < items_.size(); i += 2) {
        if (items_[i]->is_scalar()) frame.lines->emplace(items_[i]->text(), items_[i]->line);
      }
    }
    if (key->is_scalar()) {
      const auto [known, added] = frame.lines->emplace(text, key->line);
      if (!added) line = known->second;
    }
  }
  items_.push_back(key);
  if (line == 0) return true;
  return scanner_.ComplainAt(
      key->line, key->column,
      fmt::format("key \"{}\" is given twice; it stands in line {} already", text, line));
}

bool Parser::Open(Block block, const Spot& spot) {
  if (frames_.size() > options_.limits.depth) {
    return scanner_.Complain(
        spot, fmt::format("at most {} levels of nesting expected", options_.limits.depth));
  }
  const bool sequence =
      block == Block::kSequence || block == Block::kIndentless || block == Block::kFlowSequence;
  Node* node = sequence ? arena_->NewSequence() : arena_->NewMapping();
  node->line = spot.line;
  node->column = scanner_.ColumnOf(spot);
  Frame& frame = frames_.emplace_back();
  frame.block = block;
  frame.wait = sequence ? Wait::kSeparator : Wait::kKey;
  frame.first_item = static_cast<uint32_t>(items_.size());
  frame.node = node;
  frame.indicator = spot;
  return true;
}

// The innermost collection, its items in place; its frame goes.
Node* Parser::Detach() {
  Frame& frame = top();
  Node* node = frame.node;
  const size_t count = items_.size() - frame.first_item;
  if (count > 0) {
    node->items = static_cast<Node**>(arena_->Allocate(count * sizeof(Node*)));
    std::copy(items_.begin() + frame.first_item, items_.end(), node->items);
    node->size = node->capacity = static_cast<uint32_t>(count);
    items_.resize(frame.first_item);
  }
  const bool merge = frame.has_merge && options_.merge_keys && !options_.keep_comments;
  frames_.pop_back();
  return !merge || MergeEntries(node) ? node : nullptr;
}

bool Parser::Close() {
  Node* node = Detach();
  return node && Place(node);
}

}  // namespace headgate::templating::yaml
