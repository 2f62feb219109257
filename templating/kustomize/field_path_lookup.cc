#include <fmt/format.h>

#include <string>
#include <utility>

#include "templating/kustomize/field_path.h"
#include "templating/kustomize/field_path_parts.h"

namespace headgate::templating::kustomize {
namespace {

using yaml::Node;

// The whole path, for errors.
std::string ShowPath(std::span<const std::string_view> path) {
  return fmt::format("{}", fmt::join(path, "."));
}

struct Step {
  std::span<const std::string_view> path;
  std::string_view part, next;
  Make make;
  yaml::Arena* arena;

  core::Result<Node*> From(Node* node) const {
    if (part == "*") {
      return core::Invalid(fmt::format("{}: \"*\" cannot be looked up", ShowPath(path)));
    }
    if (part == "-") return LastItem(node);
    if (const std::optional<int64_t> index = ParseIndex(part)) return Item(*index, node);
    return IsBracketed(part) ? Selected(node) : Entry(node);
  }

 private:
  core::Result<Node*> LastItem(Node* node) const {
    if (!node->is_sequence() && !node->is_null()) {
      return Unexpected(ShowPath(path), "a list", *node);
    }
    if (node->children().empty()) {
      return core::Invalid(fmt::format("{}: the list has no last item", ShowPath(path)));
    }
    return node->children().back();
  }

  core::Result<Node*> Item(int64_t index, Node* node) const {
    if (index < 0) {
      return core::Invalid(fmt::format("{}: index {} is negative", ShowPath(path), index));
    }
    if (!node->is_sequence() && !node->is_null()) {
      return Unexpected(ShowPath(path), "a list", *node);
    }
    const auto items = node->children();
    return static_cast<size_t>(index) < items.size() ? items[static_cast<size_t>(index)] : nullptr;
  }

  core::Result<Node*> Selected(Node* node) const {
    core::Result<ItemSelector> selector = ParseItemSelector(part);
    if (!selector) return selector.error().In(ShowPath(path));
    if (!node->is_sequence() && !node->is_null()) {
      return Unexpected(ShowPath(path), "a list", *node);
    }
    for (Node* item : node->children()) {
      if (Fits(*selector, *item)) return item;
    }
    if (make == Make::kNothing) return nullptr;
    Node* made = arena->NewScalar(selector->value, yaml::Tag::kNone);
    if (!selector->name.empty()) {
      Node* value = std::exchange(made, arena->NewMapping(1));
      made->AppendEntry(arena, NewKey(selector->name, arena), value);
    }
    if (node->is_sequence()) node->Append(arena, made);
    return made;
  }

  static bool Fits(const ItemSelector& selector, const Node& item) {
    if (selector.name.empty()) return item.text() == selector.value;
    const Node* field = item.is_mapping() ? item.Find(selector.name) : nullptr;
    return field && field->text() == selector.value;
  }

  core::Result<Node*> Entry(Node* node) const {
    if (node->is_null()) return nullptr;
    if (!node->is_mapping()) return Unexpected(ShowPath(path), "a mapping", *node);
    if (Node* found = node->Find(part)) return found;
    if (make == Make::kNothing) return nullptr;
    Node* made = MakeNode(KindBefore(next, make), arena);
    node->AppendEntry(arena, NewKey(part, arena), made);
    return made;
  }
};

}  // namespace

core::Result<Node*> Lookup(std::span<const std::string_view> path, Make make, yaml::Arena* arena,
                           Node* root) {
  std::vector<std::string_view> parts;  // blanks around and between them do not count
  for (std::string_view part : path) {
    if (part = TrimSpace(part); !part.empty()) parts.push_back(part);
  }
  Node* at = root;
  for (size_t i = 0; i < parts.size(); ++i) {
    const std::string_view next = i + 1 < parts.size() ? parts[i + 1] : std::string_view();
    core::Result<Node*> found = Step{path, parts[i], next, make, arena}.From(at);
    if (!found || !*found) return found;
    at = *found;
  }
  return at;
}

}  // namespace headgate::templating::kustomize
