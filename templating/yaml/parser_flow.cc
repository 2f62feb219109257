#include <fmt/format.h>

#include "templating/yaml/parser.h"

namespace headgate::templating::yaml {

bool Parser::FlowToken() {
  const Spot spot = scanner_.spot();
  const char c = *spot.at;
  if (!Is(c, kIndicator) && c != '%') return ScalarToken();
  switch (c) {
    case '[':
    case '{':
      return OpenFlow();
    case ']':
    case '}':
      return CloseFlow();
    case ',':
      return Comma();
    case '?':
      return FlowQuestion();
    case ':':
      return FlowColon();
    case '-':
      return IsSpace(spot.at + 1) ? Unexpected(spot, "\"-\"") : ScalarToken();
    case '\'':
    case '"':
      return ScalarToken();
    case '&':
    case '!':
      return PropertyToken();
    case '*':
      return AliasToken();
    default:
      return scanner_.Complain(
          spot,
          fmt::format("a value or a key expected; a text that begins with \"{}\" needs quotes", c));
  }
}

bool Parser::OpenFlow() {
  const Spot spot = scanner_.spot();
  const bool mapping = *spot.at == '{';
  // In a block it may turn out to be a key; that is seen behind its end.
  const bool saved = key_allowed_, key = saved && !in_flow();
  if (!SaveKey()) return false;
  if (!Expects() && !key) {
    return Unexpected(spot, mapping ? "a mapping" : "a list");
  }
  if (!in_flow()) held_ = std::exchange(outer_, {});
  if (!Open(mapping ? Block::kFlowMapping : Block::kFlowSequence,
            inner_.any() ? inner_.spot : spot)) {
    return false;
  }
  Frame& frame = top();
  frame.node->style = Style::kFlow;
  frame.wait = mapping ? Wait::kKey : Wait::kNode;
  frame.indicator = spot;
  if (!Apply(&inner_, frame.node)) return false;
  outer_keys_.push_back(key_);
  key_ = {};
  ++flow_level_;
  key_allowed_ = true;
  scanner_.Skip(1);
  Took(mapping ? TokenKind::kFlowMapping : TokenKind::kFlowSequence, spot, saved);
  return true;
}

bool Parser::CloseFlow() {
  const Spot spot = scanner_.spot();
  if (top().block == Block::kFlowPair && !EndFlowEntry()) return false;
  if (*spot.at != (top().block == Block::kFlowMapping ? '}' : ']')) {
    return Unexpected(spot, fmt::format("\"{}\"", *spot.at));
  }
  // Behind "[" and "," there need not be anything.
  const Wait wait = top().wait;
  const bool empty = (wait == Wait::kNode || wait == Wait::kKey) && !inner_.any();
  if (!empty && !EndFlowEntry()) return false;
  key_ = outer_keys_.back();
  outer_keys_.pop_back();
  --flow_level_;
  key_allowed_ = false;
  scanner_.Skip(1);
  Took(*spot.at == '}' ? TokenKind::kFlowMappingEnd : TokenKind::kFlowSequenceEnd, spot);
  if (in_flow()) return Close();
  outer_ = std::exchange(held_, {});
  if (!ColonFollows() || !key_.possible) {
    if (key_.possible && key_.required) return DropKey();
    if (!Apply(&outer_, top().node)) return false;
    return Close();
  }
  scanner_.SkipBlanks();
  if (!KeyIsValid()) {
    return scanner_.Complain(scanner_.spot(),
                             "a key on one line, and of at most 1024 characters, "
                             "expected before \":\"");
  }
  return BlockKey(Detach());
}

// Places what is missing before "," or an end.
bool Parser::EndFlowEntry() {
  if (top().block == Block::kFlowPair) {
    if (top().wait == Wait::kKeyNode) {
      return Unexpected(scanner_.spot(), "\"?\" without a key");
    }
    if (top().wait == Wait::kColon) top().wait = Wait::kValue;
    return (top().wait == Wait::kValue ? PlaceEmpty() : true) && Close();
  }
  switch (top().wait) {
    case Wait::kSeparator:
      return true;
    case Wait::kNode:
      if (!inner_.any()) break;
      return PlaceEmpty();
    case Wait::kKey:
      if (!inner_.any()) break;
      [[fallthrough]];
    case Wait::kKeyNode:
      if (!PlaceEmpty()) return false;
      [[fallthrough]];
    case Wait::kColon:
      top().wait = Wait::kValue;
      [[fallthrough]];
    case Wait::kValue:
      return PlaceEmpty();
  }
  return Unexpected(scanner_.spot(), fmt::format("\"{}\"", *scanner_.at()));
}

bool Parser::Comma() {
  const Spot spot = scanner_.spot();
  key_.possible = false;
  if (top().block == Block::kFlowPair && !EndFlowEntry()) return false;
  if (!EndFlowEntry()) return false;
  top().wait = top().block == Block::kFlowMapping ? Wait::kKey : Wait::kNode;
  key_allowed_ = true;
  scanner_.Skip(1);
  Took(TokenKind::kSeparator, spot);
  return true;
}

bool Parser::OpenPair(const Spot& spot) {
  if (!Open(Block::kFlowPair, spot)) return false;
  top().node->style = Style::kFlow;
  return true;
}

bool Parser::FlowQuestion() {
  const Spot spot = scanner_.spot();
  key_.possible = false;
  key_allowed_ = false;
  const bool starts = top().block == Block::kFlowSequence && top().wait == Wait::kNode;
  if ((!starts && top().wait != Wait::kKey) || inner_.any()) return Unexpected(spot, "\"?\"");
  if (starts && !OpenPair(spot)) return false;
  top().wait = Wait::kKeyNode;
  top().explicit_key = true;
  top().indicator = spot;
  scanner_.Skip(1);
  Took(TokenKind::kKey, spot);
  return true;
}

bool Parser::FlowColon() {
  const Spot spot = scanner_.spot();
  const bool valid = KeyIsValid();
  key_.possible = false;
  key_allowed_ = false;
  if (inner_.any() && Expects() && top().wait != Wait::kValue && !PlaceEmpty()) return false;
  if (top().block == Block::kFlowSequence && top().wait == Wait::kSeparator && valid) {
    // The item was a key.
    Node* key = items_.back();
    items_.pop_back();
    top().wait = Wait::kNode;
    if (!OpenPair(spot)) return false;
    top().node->line = key->line;
    top().node->column = key->column;
    top().wait = Wait::kKeyNode;
    if (!PushKey(key)) return false;
    top().wait = Wait::kColon;
  } else if (top().wait == Wait::kKeyNode && top().block == Block::kFlowMapping) {
    if (!PlaceEmpty()) return false;
  } else if (top().wait != Wait::kColon) {
    return Unexpected(spot, "\":\"");
  } else if (!top().explicit_key && !valid) {
    return scanner_.Complain(spot,
                             "a key on one line, and of at most 1024 characters, expected "
                             "before \":\"");
  }
  top().wait = Wait::kValue;
  top().indicator = spot;
  scanner_.Skip(1);
  Took(TokenKind::kValue, spot, valid);
  return true;
}

}  // namespace headgate::templating::yaml
