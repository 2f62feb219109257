#include <fmt/format.h>

#include <string>
#include <utility>

#include "templating/kustomize/field_path.h"
#include "templating/kustomize/field_path_parts.h"
#include "templating/kustomize/pattern.h"
#include "templating/yaml/emit.h"
#include "templating/yaml/parse.h"

namespace headgate::templating::kustomize {
namespace {

using yaml::Node;
using Path = std::span<const std::string_view>;

// A value as it is printed, which is what kustomize's expressions are matched with: quotes,
// comments and all.
std::string Printed(const Node& node) {
  std::string text;
  return yaml::EmitKept(node, &text) ? text : std::string(node.text());
}

class Matcher {
 public:
  Matcher(Path path, Make make, yaml::Arena* arena) : path_(path), make_(make), arena_(arena) {}

  // As deep as the path is long.
  core::Status Visit(Path rest, Node* node) {
    if (rest.empty()) {
      found_.push_back(node);
      return core::Ok();
    }
    const std::string_view part = rest.front();
    if (const auto index = ParseIndex(part); index && *index >= 0) {
      return VisitItem(static_cast<size_t>(*index), rest, node);
    }
    if (IsBracketed(part)) return VisitSelected(rest, node);
    return part == "*" ? VisitEvery(rest, node) : VisitEntry(rest, node);
  }

  std::vector<Node*> Take() { return std::move(found_); }

 private:
  bool may_make() const { return make_ != Make::kNothing; }
  std::string ShowPath() const { return fmt::format("{}", fmt::join(path_, ".")); }
  core::Status WantList(const Node& node) const {
    if (node.is_sequence() || node.is_null()) return core::Ok();
    return Unexpected(ShowPath(), "a list", node);
  }

  core::Status VisitEvery(Path rest, Node* node) {
    if (core::Status list = WantList(*node); !list) return list;
    for (Node* item : node->children()) {
      core::Status done = Visit(rest.subspan(1), item);
      if (!done) return done;
    }
    return core::Ok();
  }

  core::Status VisitItem(size_t index, Path rest, Node* node) {
    if (core::Status list = WantList(*node); !list) return list;
    const size_t size = node->children().size();
    if (index == size && may_make()) {
      Node* made = MakeNode(KindBefore(Next(rest), make_), arena_);
      if (node->is_sequence()) node->Append(arena_, made);
      return Visit(rest.subspan(1), made);
    }
    if (index >= size) {
      return core::Invalid(fmt::format("{}: index {} is beyond the list's {} item{}", ShowPath(),
                                       index, size, size == 1 ? "" : "s"));
    }
    return Visit(rest.subspan(1), node->children()[index]);
  }

  static std::string_view Next(Path rest) { return rest.size() > 1 ? rest[1] : std::string_view(); }

  core::Status VisitSelected(Path rest, Node* node) {
    core::Result<ItemSelector> selector = ParseItemSelector(rest.front());
    if (!selector) return selector.error().In(ShowPath());
    if (core::Status list = WantList(*node); !list) return list;
    core::Result<Pattern> compiled = Pattern::Compile(selector->value, Pattern::Extent::kPart);
    if (!compiled && !node->children().empty()) return compiled.error().In(ShowPath());
    const Pattern pattern = compiled ? *std::move(compiled) : Pattern();
    const size_t before = found_.size();
    for (Node* item : node->children()) {
      core::Status done = VisitIfFits(selector->name, pattern, rest, item);
      if (!done) return done;
    }
    if (found_.size() > before || !may_make()) return core::Ok();

    Node* made = MakeSelected(*selector);
    if (node->is_sequence()) node->Append(arena_, made);
    core::Status done = VisitIfFits(selector->name, pattern, rest, made);
    if (!done || found_.size() > before) return done;
    return core::Invalid(fmt::format("{}: what is made for \"{}\" does not fit it itself",
                                     ShowPath(), rest.front()));
  }

  core::Status VisitIfFits(std::string_view name, const Pattern& pattern, Path rest, Node* item) {
    const auto fits = [&](const Node& value) { return pattern.Fits(TrimSpace(Printed(value))); };
    if (name.empty()) {
      if (fits(*item)) found_.push_back(item);
      return core::Ok();
    }
    const Node* field = item->is_mapping() ? item->Find(name) : nullptr;
    return field && fits(*field) ? Visit(rest.subspan(1), item) : core::Ok();
  }

  Node* MakeSelected(const ItemSelector& selector) {
    Node* value = arena_->NewScalar(selector.value, yaml::Tag::kNone);
    if (selector.name.empty()) return value;
    Node* made = arena_->NewMapping(1);
    made->AppendEntry(arena_, NewKey(selector.name, arena_), value);
    return made;
  }

  core::Status VisitEntry(Path rest, Node* node) {
    const std::string_view name = rest.front();
    if (!node->is_null() && (name.empty() || !node->is_mapping())) {
      return Unexpected(ShowPath(), name.empty() ? "a key before the next dot" : "a mapping",
                        *node);
    }
    Node* field = node->Find(name);
    if (!field) {
      if (!may_make()) return core::Ok();
      field = MakeNode(KindBefore(Next(rest), make_), arena_);
      // Into null nothing can be set, and kustomize does not mind.
      if (node->is_mapping()) node->AppendEntry(arena_, NewKey(name, arena_), field);
    }
    if (field->is_scalar() && rest.size() > 1) return VisitStructured(rest, *field);
    return Visit(rest.subspan(1), field);
  }

  // A text may hold a document of its own. What is found in it is not a part of the object: setting
  // it changes nothing, and kustomize does not mind.
  core::Status VisitStructured(Path rest, const Node& field) {
    yaml::ParseOptions options;
    options.unique_keys = false;
    options.first_only = true;
    core::Result<std::vector<Node*>> documents = yaml::Parse(field.text(), "", arena_, options);
    if (!documents) return documents.error().In(ShowPath());
    if (TrimSpace(field.text()).empty() || documents->empty()) {
      return Unexpected(ShowPath(), fmt::format("a mapping at \"{}\"", rest.front()), field);
    }
    return Visit(rest.subspan(1), documents->front());
  }

  Path path_;
  Make make_;
  yaml::Arena* arena_;
  std::vector<Node*> found_;
};

}  // namespace

core::Result<std::vector<Node*>> Match(Path path, Make make, yaml::Arena* arena, Node* root) {
  Matcher matcher(path, make, arena);
  core::Status done = matcher.Visit(path, root);
  if (!done) return done.error();
  return matcher.Take();
}

}  // namespace headgate::templating::kustomize
