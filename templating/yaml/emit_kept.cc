#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "templating/yaml/characters.h"
#include "templating/yaml/emit.h"
#include "templating/yaml/parse.h"
#include "templating/yaml/text_writer.h"
#include "templating/yaml/utf8.h"
#include "templating/yaml/value_of.h"

namespace headgate::templating::yaml {
namespace {

constexpr int kIndent = 2;
constexpr size_t kSimpleKeyBytes = 128;  // longer keys are written as "? key"

// Where a node stands: decides how far its content is indented, and its style.
enum class Role { kRoot, kItem, kFlowItem, kKey, kLongKey, kValue };

struct Comments {
  std::string head, line, foot, tail;
};

// A node's tag as it is to be written; empty where the text says it anyway.
struct ShownTag {
  std::string handle, rest;
  bool quotes = false;  // the text would be read as something else than a string
  bool empty() const { return handle.empty() && rest.empty(); }
  size_t size() const { return handle.size() + rest.size(); }
};

constexpr std::pair<Tag, std::string_view> kNames[] = {
    {Tag::kNull, "null"},     {Tag::kBool, "bool"},   {Tag::kInt, "int"},
    {Tag::kFloat, "float"},   {Tag::kString, "str"},  {Tag::kTimestamp, "timestamp"},
    {Tag::kBinary, "binary"}, {Tag::kMerge, "merge"}, {Tag::kMapping, "map"},
    {Tag::kSequence, "seq"},
};

ShownTag Written(const Node& node) {
  ShownTag tag;
  if (node.tag != Tag::kOther) {
    tag.handle = "!!";
    for (const auto& [known, name] : kNames) {
      if (known == node.tag) tag.rest = name;
    }
    return tag;
  }
  const std::string_view text = node.extra ? node.extra->tag : std::string_view();
  const size_t handle = text.starts_with("!!") ? 2 : text.starts_with('!') ? 1 : 0;
  tag.handle = text.substr(0, handle);
  tag.rest = text.substr(handle);
  return tag;
}

ShownTag TagOf(const Node& node) {
  if (node.tag == Tag::kNone) return {};
  if (node.explicit_tag || node.tag == Tag::kOther) return Written(node);
  if (!node.is_scalar()) {
    const bool fits = node.tag == (node.is_mapping() ? Tag::kMapping : Tag::kSequence);
    return fits ? ShownTag{} : Written(node);
  }
  if (node.tag == Tag::kString && node.style != Style::kPlain) return {};
  const Tag read = node.text() == "<<" ? Tag::kString : ResolvePlain(node.text());
  if (read == node.tag) return {};
  if (node.tag == Tag::kString) return {{}, {}, true};
  return Written(node);
}

// Writes what go-yaml 3 would, event by event: comments wait until the state comes in which they
// are written.
class KeptPrinter {
 public:
  KeptPrinter(std::string* out, bool compact) : writer_(out), compact_(compact) {}

  core::Status Document(const Node& root) {
    const Extra* extra = root.extra;
    if (extra) waiting_.head = extra->document_head;
    if (!waiting_.head.empty()) {
      PutHead();
      LineBreak();
    }
    Note(root, {});
    PutHead();
    if (core::Status done = Start(root, Role::kRoot); !done) return done;
    PutLine();
    PutFoot();
    if (core::Status done = Content(root, Role::kRoot); !done) return done;
    if (extra && !extra->document_foot.empty()) waiting_.foot = extra->document_foot;
    foot_indent_ = 0;
    PutFoot();
    foot_indent_ = -1;
    Indent();
    return core::Ok();
  }

 private:
  // The comments of a node that is about to be written; what waits still is replaced.
  void Note(const Node& node, std::string_view tail) {
    if (!tail.empty()) waiting_.tail = tail;
    if (!node.extra) return;
    if (!node.extra->head_comment.empty()) waiting_.head = node.extra->head_comment;
    if (!node.is_scalar()) return;  // the others come with its end
    NoteEnd(node);
  }
  void NoteEnd(const Node& node) {
    if (!node.extra) return;
    if (!node.extra->line_comment.empty()) waiting_.line = node.extra->line_comment;
    if (!node.extra->foot_comment.empty()) waiting_.foot = node.extra->foot_comment;
  }
  bool CommentFollows() const {
    return !waiting_.line.empty() || !waiting_.foot.empty() || !waiting_.tail.empty();
  }

  void LineBreak() {
    writer_.LineBreak();
    indention_ = true;
  }
  size_t column() const { return writer_.column(); }

  // To the column where things begin at this depth, on a line of its own where there is more than
  // indentation before.
  void Indent() {
    const int indent = std::max(indent_, 0);
    const auto wanted = static_cast<size_t>(indent);
    if (!indention_ || column() > wanted || (column() == wanted && !whitespace_)) LineBreak();
    if (foot_indent_ == indent) LineBreak();
    if (column() < wanted) writer_.Put(std::string(wanted - column(), ' '));
    whitespace_ = true;
    foot_indent_ = -1;
  }

  void Indicator(std::string_view text, bool blank_before, bool whitespace, bool indention) {
    if (blank_before && !whitespace_) writer_.Put(" ");
    writer_.Put(text);
    whitespace_ = whitespace;
    indention_ = indention_ && indention;
  }

  void PutComment(std::string* comment) {
    bool breaks = false, pound = false;
    const std::string& text = *comment;
    for (size_t at = 0; at < text.size(); ++at) {
      if (text[at] == '\n') {
        LineBreak();
        breaks = true;
        pound = false;
        continue;
      }
      if (breaks) Indent();
      if (!pound && text[at] != '#') writer_.Put("# ");
      pound = true;
      writer_.Put(std::string_view(text).substr(at, 1));
      indention_ = breaks = false;
    }
    if (!breaks) LineBreak();
    whitespace_ = true;
    comment->clear();
  }

  void PutHead() {
    if (!waiting_.tail.empty()) {
      Indent();
      PutComment(&waiting_.tail);
      foot_indent_ = std::max(indent_, 0);
    }
    if (waiting_.head.empty()) return;
    Indent();
    PutComment(&waiting_.head);
  }
  void PutLine() {
    if (waiting_.line.empty()) return;
    if (!whitespace_) writer_.Put(" ");
    PutComment(&waiting_.line);
  }
  void PutFoot() {
    if (waiting_.foot.empty()) return;
    Indent();
    PutComment(&waiting_.foot);
    foot_indent_ = std::max(indent_, 0);
  }

  // The indentation of what is inside; the caller restores the one before.
  int Deeper(bool flow, Role role, bool compact) const {
    if (indent_ < 0) return flow ? kIndent : 0;
    if (role == Role::kItem) return indent_ + kIndent;
    return kIndent * ((indent_ + kIndent) / kIndent) - (compact ? kIndent : 0);
  }

  static bool IsBlock(const Node& node) {
    return !node.is_scalar() && node.size > 0 && node.style != Style::kFlow;
  }
  static bool IsAlias(const Node& node) { return node.extra && !node.extra->alias.empty(); }

  // All of a scalar; of a collection what comes before its items.
  core::Status Start(const Node& node, Role role) {
    if (IsAlias(node)) {
      Indicator("*", true, false, false);
      writer_.Put(node.extra->alias);
      return core::Ok();
    }
    if (node.extra && !node.extra->anchor.empty()) {
      Indicator("&", true, false, false);
      writer_.Put(node.extra->anchor);
      whitespace_ = indention_ = false;
    }
    const ShownTag tag = TagOf(node);
    if (!node.is_scalar()) {
      PutTag(tag);
      return core::Ok();
    }
    return Scalar(node, tag, role);
  }

  void PutTag(const ShownTag& tag) {
    if (tag.empty()) return;
    if (tag.handle.empty()) {
      Indicator("!<", true, false, false);
    } else {
      if (!whitespace_) writer_.Put(" ");
      writer_.Put(tag.handle);
    }
    for (char c : tag.rest) {
      if (Is(c, kWord) ||
          std::string_view(";/?:@&=+$,.~*'()[]").find(c) != std::string_view::npos) {
        writer_.Put(std::string_view(&c, 1));
      } else {
        writer_.Put(fmt::format("%{:02X}", static_cast<unsigned char>(c)));
      }
    }
    if (tag.handle.empty()) writer_.Put(">");
    whitespace_ = indention_ = false;
  }

  Style StyleOf(const Node& node, const ShownTag& tag, const TextStyles& styles, Role role) const {
    Style style = node.style;
    if (style == Style::kBlock || style == Style::kFlow) style = Style::kPlain;
    if (style == Style::kPlain && node.text().find('\n') != std::string_view::npos) {
      style = Style::kLiteral;
    } else if (style == Style::kPlain && tag.quotes) {
      style = Style::kDoubleQuoted;
    }
    const bool key = role == Role::kKey, in_flow = flow_level_ > 0;
    if (key && styles.multiline) style = Style::kDoubleQuoted;
    if (style == Style::kPlain) {
      const bool allowed = in_flow ? styles.flow_plain : styles.plain;
      if (!allowed || (node.text().empty() && (in_flow || key))) style = Style::kSingleQuoted;
    }
    if (style == Style::kSingleQuoted && !styles.single_quoted) style = Style::kDoubleQuoted;
    const bool block = style == Style::kLiteral || style == Style::kFolded;
    if (block && (!styles.block || in_flow || key)) style = Style::kDoubleQuoted;
    return style;
  }

  core::Status Scalar(const Node& node, const ShownTag& tag, Role role) {
    const std::string_view text = node.text();
    if (!IsUtf8(text)) return AtNode(node, "a text in UTF-8 expected");
    const Style style = StyleOf(node, tag, StylesOf(text, true), role);
    PutTag(tag);
    const int indent = Deeper(true, role, false);
    if (style == Style::kPlain) {
      if (text.empty()) {
        indention_ = false;
        return core::Ok();
      }
      Indicator("", true, false, false);
      writer_.Plain(text, indent, false);
    } else {
      Indicator("", true, false, false);
    }
    switch (style) {
      case Style::kSingleQuoted:
        writer_.SingleQuoted(text, indent, false);
        break;
      case Style::kDoubleQuoted:
        writer_.DoubleQuoted(text, indent, false);
        break;
      case Style::kLiteral:
      case Style::kFolded:
        TextBlock(style, text, indent);
        break;
      default:
        break;
    }
    return core::Ok();
  }

  void TextBlock(Style style, std::string_view text, int indent) {
    writer_.BlockHeader(style == Style::kLiteral ? '|' : '>', text);
    if (waiting_.line.empty()) {
      LineBreak();
    } else {
      PutLine();
    }
    if (style == Style::kLiteral) {
      writer_.Literal(text, indent);
    } else {
      writer_.Folded(text, indent);
    }
    whitespace_ = true;
    indention_ = writer_.fresh();
  }

  // The items of a collection and its end.
  core::Status Content(const Node& node, Role role) {
    if (node.is_scalar() || IsAlias(node)) return core::Ok();
    const int outer = indent_;
    const bool block = IsBlock(node) && flow_level_ == 0;
    core::Status done = core::Ok();
    if (!block) {
      done = node.is_mapping() ? FlowMapping(node, role) : FlowSequence(node, role);
    } else {
      done = node.is_mapping() ? BlockMapping(node, role) : BlockSequence(node, role);
      indent_ = outer;
    }
    return done;
  }

  core::Status BlockSequence(const Node& node, Role role) {
    const bool in_mapping = role == Role::kValue || role == Role::kLongKey;
    const bool compact = compact_ && in_mapping && (column() == 0 || !indention_);
    indent_ = Deeper(false, role, compact);
    for (const Node* item : node.children()) {
      Note(*item, {});
      PutHead();
      Indent();
      Indicator("-", true, false, true);
      if (core::Status done = Start(*item, Role::kItem); !done) return done;
      PutLine();
      PutFoot();
      if (core::Status done = Content(*item, Role::kItem); !done) return done;
    }
    NoteEnd(node);
    return core::Ok();
  }

  static bool IsSimpleKey(const Node& key) {
    if (IsAlias(key)) return key.extra->alias.size() <= kSimpleKeyBytes;
    if (!key.is_scalar() && key.size > 0) return false;
    if (key.is_scalar() && StylesOf(key.text(), true).multiline) return false;
    const size_t anchor = key.extra ? key.extra->anchor.size() : 0;
    return anchor + TagOf(key).size() + key.text().size() <= kSimpleKeyBytes;
  }

  core::Status BlockMapping(const Node& node, Role role) {
    indent_ = Deeper(false, role, false);
    std::string_view tail;
    for (size_t i = 0; i < node.entries(); ++i) {
      const Node &key = *node.key(i), &value = *node.value(i);
      NoteKey(key, &tail);
      PutHead();
      Indent();
      if (!waiting_.line.empty()) key_line_ = std::exchange(waiting_.line, {});
      if (core::Status done = BlockKey(key); !done) return done;
      Note(value, {});
      PutKeyLine(value);
      if (core::Status done = Start(value, Role::kValue); !done) return done;
      PutLine();
      PutFoot();
      if (core::Status done = Content(value, Role::kValue); !done) return done;
    }
    if (!tail.empty()) waiting_.tail = tail;
    NoteEnd(node);
    PutHead();
    return core::Ok();
  }

  // As Note, its foot comment aside: that becomes the tail of the next key.
  void NoteKey(const Node& key, std::string_view* tail) {
    const std::string_view foot = key.extra ? key.extra->foot_comment : std::string_view();
    if (foot.empty()) {
      Note(key, *tail);
    } else {
      Node bare = key;
      Extra extra = *key.extra;
      extra.foot_comment = {};
      bare.extra = &extra;
      Note(bare, *tail);
    }
    *tail = foot;
  }

  core::Status BlockKey(const Node& key) {
    const bool simple = IsSimpleKey(key);
    const Role role = simple ? Role::kKey : Role::kLongKey;
    if (!simple) Indicator("?", true, false, true);
    if (core::Status done = Start(key, role); !done) return done;
    if (core::Status done = Content(key, role); !done) return done;
    if (!simple) Indent();
    Indicator(":", !simple, false, !simple);
    return core::Ok();
  }

  // A line comment behind a key whose value does not begin on its line.
  void PutKeyLine(const Node& value) {
    if (key_line_.empty()) return;
    if (value.is_scalar() && !IsAlias(value)) {
      if (waiting_.line.empty()) waiting_.line = std::exchange(key_line_, {});
    } else if (value.style != Style::kFlow && !IsAlias(value)) {
      std::swap(waiting_.line, key_line_);
      PutLine();
      std::swap(waiting_.line, key_line_);
    }
  }

  core::Status FlowSequence(const Node& node, Role role) {
    const int outer = indent_;
    Indicator("[", true, true, false);
    indent_ = Deeper(true, role, false);
    ++flow_level_;
    bool trail = true;
    for (const Node* item : node.children()) {
      Note(*item, {});
      if (!trail) Indicator(",", false, false, false);
      PutHead();
      if (column() == 0) Indent();
      trail = CommentFollows();
      if (core::Status done = Start(*item, Role::kFlowItem); !done) return done;
      if (CommentFollows()) Indicator(",", false, false, false);
      PutLine();
      PutFoot();
      if (core::Status done = Content(*item, Role::kFlowItem); !done) return done;
    }
    NoteEnd(node);
    --flow_level_;
    indent_ = outer;
    if (column() == 0) Indent();
    Indicator("]", false, false, false);
    PutLine();
    PutFoot();
    return core::Ok();
  }

  core::Status FlowMapping(const Node& node, Role role) {
    const int outer = indent_;
    Indicator("{", true, true, false);
    indent_ = Deeper(true, role, false);
    ++flow_level_;
    bool trail = true;
    std::string_view tail;
    for (size_t i = 0; i < node.entries(); ++i) {
      const Node &key = *node.key(i), &value = *node.value(i);
      NoteKey(key, &tail);
      if (!trail) Indicator(",", false, false, false);
      PutHead();
      if (column() == 0) Indent();
      if (core::Status done = FlowKey(key); !done) return done;
      Note(value, {});
      trail = CommentFollows();
      if (core::Status done = Start(value, Role::kValue); !done) return done;
      if (CommentFollows()) Indicator(",", false, false, false);
      PutLine();
      PutFoot();
      if (core::Status done = Content(value, Role::kValue); !done) return done;
    }
    if (!tail.empty()) waiting_.tail = tail;
    NoteEnd(node);
    const bool more = !waiting_.head.empty() || !waiting_.foot.empty() || !waiting_.tail.empty();
    if (more && !trail) Indicator(",", false, false, false);
    PutHead();
    --flow_level_;
    indent_ = outer;
    Indicator("}", false, false, false);
    PutLine();
    PutFoot();
    return core::Ok();
  }

  core::Status FlowKey(const Node& key) {
    const bool simple = IsSimpleKey(key);
    const Role role = simple ? Role::kKey : Role::kLongKey;
    if (!simple) Indicator("?", true, false, false);
    if (core::Status done = Start(key, role); !done) return done;
    if (core::Status done = Content(key, role); !done) return done;
    Indicator(":", !simple, false, false);
    return core::Ok();
  }

  TextWriter writer_;
  const bool compact_;
  Comments waiting_;
  std::string key_line_;
  int indent_ = -1;
  int foot_indent_ = -1;  // a line is left empty before what begins there
  int flow_level_ = 0;
  bool whitespace_ = true;  // what was written last is a blank, or nothing
  bool indention_ = true;   // nothing but indentation and "-", "?", ":" on this line so far
};

}  // namespace

core::Status EmitKept(const Node& node, std::string* out, bool compact) {
  return KeptPrinter(out, compact).Document(node);
}

}  // namespace headgate::templating::yaml
