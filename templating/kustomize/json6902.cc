#include "templating/kustomize/json6902.h"

#include <fmt/format.h>

#include <string>
#include <unordered_set>
#include <utility>

#include "templating/kustomize/field_path.h"
#include "templating/kustomize/field_path_parts.h"
#include "templating/kustomize/json6902_settle.h"
#include "templating/yaml/emit.h"

namespace headgate::templating::kustomize {
namespace {

using yaml::Node;
using Kind = JsonOperation::Kind;

// All that the copies of one patch may hold together.
constexpr size_t kCopiedNodesMax = 1'000'000;

// "~1" is a slash and "~0" a tilde.
std::string_view Unescape(std::string_view part, yaml::Arena* arena) {
  if (part.find('~') == std::string_view::npos) return part;
  std::string text;
  for (size_t i = 0; i < part.size(); ++i) {
    const char next = part[i] == '~' && i + 1 < part.size() ? part[i + 1] : '\0';
    const bool escaped = next == '0' || next == '1';
    text += escaped ? (next == '1' ? '/' : '~') : part[i];
    i += escaped ? 1 : 0;
  }
  return arena->Copy(text);
}

class Patcher {
 public:
  Patcher(const JsonPatch& patch, yaml::Arena* arena, Node* body)
      : raw_(patch.raw), arena_(arena), root_(body) {}

  core::Status Apply(const JsonOperation& operation);
  Node* root() const { return root_; }

 private:
  // A mapping or a list, and a key in it.
  struct Place {
    Node* container = nullptr;
    std::string_view key;
  };

  core::Result<Place> Find(std::optional<std::string_view> path, std::string_view field) const;
  core::Result<size_t> Index(const Place& place, size_t size) const;
  core::Result<Node*> Get(const Place& place) const;
  core::Status Add(const Place& place, Node* value);
  core::Status Remove(const Place& place);
  core::Status Replace(const JsonOperation& operation);
  core::Status Move(const JsonOperation& operation);
  core::Status Copy(const JsonOperation& operation);
  core::Status Test(const JsonOperation& operation);

  Node* ValueOf(const JsonOperation& operation);
  Node* Clone(const Node& node);
  void KeepRaw(const Node& from, const Node& to);
  bool Equal(const Node& seen, const Node& wanted) const;
  std::string Written(const Node& scalar) const;
  bool IsNull(const Node* node) const { return !node || node->is_null(); }

  decltype(JsonPatch::raw) raw_;
  std::unordered_set<const Node*> nulls_;  // that operations put in; not those that were there
  yaml::Arena* arena_;
  Node* root_;
  size_t copied_ = 0;
};

core::Error Missing(std::string_view what) {
  return core::Invalid(fmt::format("{} is missing", what));
}

core::Result<Patcher::Place> Patcher::Find(std::optional<std::string_view> path,
                                           std::string_view field) const {
  if (!path) return core::Invalid(fmt::format("{}: a string expected, found none", field));
  std::string_view rest = *path;
  const size_t slash = rest.find('/');
  if (slash == std::string_view::npos) {
    return core::Invalid(fmt::format("{}: \"/...\" expected, found \"{}\"", field, rest));
  }
  rest.remove_prefix(slash + 1);
  Place place{root_, {}};
  while (true) {
    const size_t end = rest.find('/');
    place.key = Unescape(rest.substr(0, end), arena_);
    if (end == std::string_view::npos) return place;
    core::Result<Node*> next = Get(place);
    const std::string_view seen = path->substr(0, path->size() - (rest.size() - end));
    if (!next || IsNull(*next)) return Missing(seen);
    if ((*next)->is_scalar()) return Unexpected(seen, "a mapping or a list", **next);
    place.container = *next;
    rest.remove_prefix(end + 1);
  }
}

// A place in a list of `size` items, or behind its last one.
core::Result<size_t> Patcher::Index(const Place& place, size_t size) const {
  const std::optional<int64_t> index = ParseIndex(place.key);
  if (!index) return core::Invalid(fmt::format("an index expected, found \"{}\"", place.key));
  const int64_t at = *index < 0 ? *index + static_cast<int64_t>(size) : *index;
  if (at < 0 || at >= static_cast<int64_t>(size)) {
    const uint32_t items = place.container->size;
    return core::Invalid(fmt::format("index {} is outside of the list, which has {} item{}", *index,
                                     items, items == 1 ? "" : "s"));
  }
  return static_cast<size_t>(at);
}

// nullptr where a mapping has no such key.
core::Result<Node*> Patcher::Get(const Place& place) const {
  if (place.container->is_mapping()) return place.container->Find(place.key);
  core::Result<size_t> index = Index(place, place.container->size);
  if (!index) return index.error();
  return place.container->items[*index];
}

core::Status Patcher::Add(const Place& place, Node* value) {
  if (place.container->is_mapping()) {
    place.container->Set(arena_, place.key, value);
    return core::Ok();
  }
  size_t position = place.container->size;
  if (place.key != "-") {
    core::Result<size_t> index = Index(place, position + 1);
    if (!index) return index.error();
    position = *index;
  }
  place.container->Insert(arena_, position, value);
  return core::Ok();
}

core::Status Patcher::Remove(const Place& place) {
  if (place.container->is_mapping()) {
    return place.container->Erase(place.key) ? core::Ok() : core::Status(Missing(place.key));
  }
  core::Result<size_t> index = Index(place, place.container->size);
  if (!index) return index.error();
  place.container->EraseItem(*index);
  return core::Ok();
}

core::Status Patcher::Replace(const JsonOperation& operation) {
  if (operation.path == "") {
    if (!operation.value || operation.value->is_scalar()) {
      return core::Invalid("value: a mapping or a list expected for the whole object");
    }
    root_ = ValueOf(operation);
    return core::Ok();
  }
  core::Result<Place> place = Find(operation.path, "path");
  if (!place) return place.error();
  if (place->container->is_mapping()) return Add(*place, ValueOf(operation));
  core::Result<size_t> index = Index(*place, place->container->size);
  if (!index) return index.error();
  place->container->items[*index] = ValueOf(operation);
  return core::Ok();
}

core::Status Patcher::Move(const JsonOperation& operation) {
  core::Result<Place> from = Find(operation.from, "from");
  if (!from) return from.error();
  core::Result<Node*> value = Get(*from);
  if (!value) return value.error();
  core::Status removed = Remove(*from);
  if (!removed) return removed;
  core::Result<Place> to = Find(operation.path, "path");
  if (!to) return to.error();
  return Add(*to, *value);
}

core::Status Patcher::Copy(const JsonOperation& operation) {
  core::Result<Place> from = Find(operation.from, "from");
  if (!from) return from.error();
  core::Result<Node*> value = Get(*from);
  if (!value) return value.error();
  core::Result<Place> to = Find(operation.path, "path");
  if (!to) return to.error();
  Node* copy = *value ? Clone(**value) : arena_->NewNull();
  if (copied_ > kCopiedNodesMax) {
    return core::Invalid(fmt::format("copies of at most {} values expected", kCopiedNodesMax));
  }
  return Add(*to, copy);
}

core::Status Patcher::Test(const JsonOperation& operation) {
  core::Result<Node*> seen = root_;
  if (operation.path != "") {
    core::Result<Place> place = Find(operation.path, "path");
    if (!place) return place.error();
    seen = Get(*place);
    if (!seen) return seen.error();
  }
  const Node* wanted = operation.value;
  const bool nothing = IsNull(*seen) && (wanted || nulls_.count(*seen) == 0);
  if (nothing ? IsNull(wanted) : wanted && Equal(**seen, *wanted)) return core::Ok();
  const auto show = [this](const Node* node) {
    constexpr size_t kShownBytesMax = 80;
    std::string text;
    if (node && node->is_scalar()) {
      text = Written(*node);
    } else if (!node || !yaml::EmitJson(*node, &text)) {
      return std::string("nothing");
    }
    return text.size() > kShownBytesMax ? text.substr(0, kShownBytesMax) + "..." : text;
  };
  return core::Invalid(fmt::format("{} expected, found {}", show(wanted), show(*seen)));
}

Node* Patcher::ValueOf(const JsonOperation& operation) {
  if (!operation.value) return arena_->NewNull();
  Node* value = Clone(*operation.value);
  if (value->is_null()) nulls_.insert(value);
  return value;
}

Node* Patcher::Clone(const Node& node) {
  Node* clone = arena_->Clone(node);
  KeepRaw(node, *clone);
  return clone;
}

void Patcher::KeepRaw(const Node& from, const Node& to) {
  ++copied_;
  if (from.is_scalar()) {
    const auto found = raw_.find(&from);
    if (found != raw_.end()) raw_.emplace(&to, found->second);
  }
  for (uint32_t i = 0; i < from.children().size(); ++i) KeepRaw(*from.items[i], *to.items[i]);
}

// What a scalar says in JSON.
std::string Patcher::Written(const Node& scalar) const {
  const auto found = raw_.find(&scalar);
  if (found != raw_.end()) return std::string(found->second);
  std::string text;
  return yaml::EmitJson(scalar, &text) ? text : std::string();
}

bool Patcher::Equal(const Node& seen, const Node& wanted) const {
  if (seen.kind != wanted.kind) return false;
  if (seen.is_scalar()) return Written(seen) == Written(wanted);
  if (seen.size != wanted.size) return false;
  if (seen.is_sequence()) {
    for (uint32_t i = 0; i < seen.size; ++i) {
      const Node &a = *seen.items[i], &b = *wanted.items[i];
      if (a.is_null() || b.is_null() || !Equal(a, b)) return false;
    }
    return true;
  }
  for (size_t i = 0; i < seen.entries(); ++i) {
    const Node* a = seen.value(i);
    const Node* b = wanted.Find(seen.key(i)->text());
    if (!b) return false;
    if (a->is_null() || b->is_null()) {
      if (!a->is_null() || !b->is_null() || nulls_.count(a) > 0) return false;
    } else if (!Equal(*a, *b)) {
      return false;
    }
  }
  return true;
}

core::Status Patcher::Apply(const JsonOperation& operation) {
  switch (operation.kind) {
    case Kind::kReplace:
      return Replace(operation);
    case Kind::kMove:
      return Move(operation);
    case Kind::kCopy:
      return Copy(operation);
    case Kind::kTest:
      return Test(operation);
    case Kind::kUnknown:
      return core::Invalid("op: add, remove, replace, move, copy or test expected");
    case Kind::kAdd:
    case Kind::kRemove:
      break;
  }
  core::Result<Place> place = Find(operation.path, "path");
  if (!place) return place.error();
  return operation.kind == Kind::kRemove ? Remove(*place) : Add(*place, ValueOf(operation));
}

core::Error Explain(const core::Error& error, const JsonOperation& operation, size_t number) {
  const std::string line = operation.line > 0 ? fmt::format(", line {}", operation.line) : "";
  const std::string_view path = operation.path.value_or("?");
  return error.In(fmt::format("operation {} ({} {}{})", number, operation.name,
                              path.empty() ? "\"\"" : path, line));
}

}  // namespace

core::Status ApplyJsonPatch(const JsonPatch& patch, yaml::Arena* arena, Node* body) {
  Patcher patcher(patch, arena, body);
  for (size_t i = 0; i < patch.operations.size(); ++i) {
    core::Status done = patcher.Apply(patch.operations[i]);
    if (!done) return Explain(done.error(), patch.operations[i], i + 1);
  }
  Node* root = patcher.root();
  if (!root->is_mapping()) return Unexpected("object", "a mapping", *root);
  if (root != body) body->Assign(*root);
  return ThroughJson(arena, body);
}

}  // namespace headgate::templating::kustomize
