#include <fmt/format.h>

#include "templating/yaml/parser.h"

namespace headgate::templating::yaml {

bool Parser::BlockToken() {
  const Spot spot = scanner_.spot();
  const char c = *spot.at;
  if (!Is(c, kIndicator) && c != '%') return ScalarToken();
  switch (c) {
    case '-':
      return IsSpace(spot.at + 1) ? Dash() : ScalarToken();
    case '?':
      return IsSpace(spot.at + 1) ? Question() : ScalarToken();
    case ':':
      return IsSpace(spot.at + 1) ? BlockColon() : ScalarToken();
    case '\'':
    case '"':
      return ScalarToken();
    case '|':
    case '>':
      return TextBlock();
    case '[':
    case '{':
      return OpenFlow();
    case '&':
    case '!':
      return PropertyToken();
    case '*':
      return AliasToken();
    case '\t':
      return scanner_.Complain(spot, "spaces expected as indentation, a tab found");
    case '@':
    case '`':
    case '%':
      return scanner_.Complain(
          spot,
          fmt::format("a value or a key expected; a text that begins with \"{}\" needs quotes", c));
    default:
      return Unexpected(spot, fmt::format("\"{}\"", c));
  }
}

// Ends the blocks that are indented further than `column`.
bool Parser::Unroll(int column) {
  while (indent_ > column) {
    if (!CloseIndentless() || !EndEntry()) return false;
    indent_ = top().outer_indent;
    if (!Close()) return false;
  }
  return true;
}

// Places what is missing in an entry of a block: "key:", "? key", "-".
bool Parser::EndEntry() {
  switch (top().wait) {
    case Wait::kKeyNode:
      if (!PlaceEmpty()) return false;
      top().wait = Wait::kValue;
      return PlaceEmpty();
    case Wait::kColon:
      if (inner_.any() || outer_.any()) break;
      top().wait = Wait::kValue;
      return PlaceEmpty();
    case Wait::kNode:
    case Wait::kValue:
      return PlaceEmpty();
    case Wait::kKey:
    case Wait::kSeparator:
      if (!inner_.any() && !outer_.any()) return true;
      break;
  }
  return Unexpected(inner_.any() ? inner_.spot : outer_.spot, "a tag or an anchor");
}

bool Parser::CloseIndentless() {
  if (top().block != Block::kIndentless) return true;
  return EndEntry() && Close();
}

bool Parser::OpenBlock(Block block, const Spot& spot) {
  if (!Expects()) {
    return Unexpected(spot, block == Block::kSequence ? "a list" : "a mapping");
  }
  const int outer = indent_;
  const Spot start = outer_.any() ? outer_.spot : spot;
  if (!Open(block, start) || !Apply(&outer_, top().node)) return false;
  top().outer_indent = outer;
  if (block != Block::kIndentless) indent_ = spot.indent();
  return true;
}

bool Parser::Dash() {
  const Spot spot = scanner_.spot();
  if (!DropKey()) return false;
  if (!key_allowed_) {
    return scanner_.Complain(
        spot,
        "no list can begin on this line; put it below, or a text that begins with \"- \" in "
        "quotes");
  }
  const int column = spot.indent();
  // What stood before it on earlier lines belongs to the list.
  if (indent_ < column || (top().block == Block::kMapping && Expects())) {
    if (!JoinProperties()) return false;
    if (!OpenBlock(indent_ < column ? Block::kSequence : Block::kIndentless, spot)) return false;
  } else if (top().block == Block::kMapping || top().block == Block::kDocument) {
    return Unexpected(spot, "\"-\"");
  } else if (!EndEntry()) {
    return false;
  }
  top().wait = Wait::kNode;
  top().indicator = spot;
  key_allowed_ = true;
  scanner_.Skip(1);
  Took(TokenKind::kItem, spot);
  return true;
}

bool Parser::Question() {
  const Spot spot = scanner_.spot();
  if (!DropKey()) return false;
  if (!key_allowed_) {
    return scanner_.Complain(
        spot, "no mapping can begin on this line; put a text that begins with \"? \" in quotes");
  }
  if (indent_ < spot.indent()) {
    if (!JoinProperties() || !OpenBlock(Block::kMapping, spot)) return false;
  } else if (!CloseIndentless()) {
    return false;
  } else if (top().block != Block::kMapping) {
    return Unexpected(spot, "\"?\"");
  } else if (!EndEntry()) {
    return false;
  }
  top().wait = Wait::kKeyNode;
  top().explicit_key = true;
  top().indicator = spot;
  key_allowed_ = true;
  scanner_.Skip(1);
  Took(TokenKind::kKey, spot);
  PassTabsBeforeComment();
  return true;
}

// A ":" that no scalar or alias of its line precedes: behind a flow collection, behind nothing but
// a tag or anchor, or behind "? key".
bool Parser::BlockColon() {
  const Spot spot = scanner_.spot();
  if (KeyIsValid() && inner_.any()) {
    Node* key = NewScalar(inner_.spot, {});
    return Apply(&inner_, key) && BlockKey(key);
  }
  if (key_.possible && key_.required && !DropKey()) return false;
  if (!key_allowed_) {
    return scanner_.Complain(
        spot,
        "no mapping can begin here; put a text that holds \": \" in quotes, and a key on one "
        "line");
  }
  if (indent_ < spot.indent()) return Unexpected(spot, "\":\" without a key");
  if (!CloseIndentless()) return false;
  if (top().wait == Wait::kKeyNode && top().block == Block::kMapping && !PlaceEmpty()) return false;
  if (top().wait != Wait::kColon || inner_.any() || outer_.any()) {
    return Unexpected(spot, "\":\" without a key");
  }
  top().wait = Wait::kValue;
  top().indicator = spot;
  key_allowed_ = true;
  scanner_.Skip(1);
  Took(TokenKind::kValue, spot);
  PassTabsBeforeComment();
  return true;
}

void Parser::PassTabsBeforeComment() {
  const char* at = scanner_.at();
  while (Is(*at, kBlank)) ++at;
  if (*at == '#') scanner_.SkipBlanks();
}

// `key` is followed by ":" on its line; its own tag and anchor are applied, those of earlier lines
// belong to what the key begins or ends.
bool Parser::BlockKey(Node* key) {
  const Spot start = key_.spot;
  key_.possible = false;
  if (indent_ < start.indent()) {
    if (!OpenBlock(Block::kMapping, start)) return false;
  } else {
    if (!CloseIndentless()) return false;
    if (top().block != Block::kMapping) return Unexpected(start, "a key");
    if (!EndEntry()) return false;
  }
  top().explicit_key = false;
  if (!PushKey(key)) return false;
  scanner_.SkipBlanks();
  top().wait = Wait::kValue;
  top().indicator = scanner_.spot();
  key_allowed_ = false;
  scanner_.Skip(1);
  Took(TokenKind::kValue, top().indicator, true);
  return true;
}

}  // namespace headgate::templating::yaml
