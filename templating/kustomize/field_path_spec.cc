#include <fmt/format.h>

#include "templating/kustomize/field_path.h"
#include "templating/kustomize/field_path_parts.h"
#include "templating/yaml/resolve.h"

namespace headgate::templating::kustomize {
namespace {

using yaml::Node;
using yaml::Tag;

// What a field spec wants of one field.
struct Field {
  std::string_view name;
  bool may_make = false;
  Make kind = Make::kNothing;  // that it is made of, and that null becomes
};

// kustomize reads a field's name as the part of a path, so that names which look like an item of a
// list do not fit mappings.
bool LooksLikeItem(std::string_view name) {
  return name == "-" || name == "*" || IsBracketed(name) || ParseIndex(name).has_value();
}

// An empty node of a kind where null was; line and comments stay.
void BecomeEmpty(Make kind, Node* node) {
  node->tag = Tag::kNone;
  node->explicit_tag = false;
  if (kind == Make::kScalar) return;
  const bool mapping = kind == Make::kMapping;
  node->kind = mapping ? yaml::Kind::kMapping : yaml::Kind::kSequence;
  node->tag = mapping ? Tag::kMapping : Tag::kSequence;
  node->style = yaml::Style::kBlock;
  node->items = nullptr;
  node->size = node->capacity = 0;
}

struct Walk {
  const FieldSpec& spec;
  Make make;
  const Setter& set;
  yaml::Arena* arena;

  // As deep as the path is long, plus lists in lists of the object itself.
  core::Status Visit(PathParts rest, Node* node) const {
    if (rest.empty()) return set(node);
    if (node->is_null()) return core::Ok();
    if (node->is_sequence()) {
      for (Node* item : node->children()) {
        core::Status done = Visit(rest, item);
        if (!done) return done;
      }
      return core::Ok();
    }
    if (node->is_mapping()) return VisitEntry(rest, node);
    return Unexpected(spec.path, "a mapping or a list", *node);
  }

  core::Status VisitEntry(PathParts rest, Node* mapping) const {
    const std::string_view part = rest.Take(arena);
    const Field field = Wanted(part, rest.empty());
    if (field.name.empty()) {
      return core::Invalid(fmt::format("{}: a field's name expected, found none", spec.path));
    }
    core::Result<Node*> found = Find(field, mapping);
    if (!found) return found.error();
    if (!*found) return core::Ok();
    if ((*found)->is_null() && field.kind != Make::kNothing) BecomeEmpty(field.kind, *found);
    return Visit(rest, *found);
  }

  Field Wanted(std::string_view part, bool last) const {
    if (part.ends_with("[]")) {
      return {part.substr(0, part.size() - 2), false, Make::kSequence};
    }
    if (!spec.create || make == Make::kNothing) return {part};
    return {part, true, last ? make : Make::kMapping};
  }

  core::Result<Node*> Find(const Field& field, Node* mapping) const {
    const std::string_view name = TrimSpace(field.name);
    if (name.empty()) return mapping;  // blanks lead nowhere
    if (LooksLikeItem(name)) return Unexpected(spec.path, "a list", *mapping);
    Node* found = mapping->Find(name);
    if (!found && field.may_make) {
      found = MakeNode(field.kind, arena);
      mapping->AppendEntry(arena, NewKey(name, arena), found);
    }
    return found;
  }
};

}  // namespace

GroupVersion ParseApiVersion(std::string_view api_version) {
  const size_t slash = api_version.find('/');
  if (slash == std::string_view::npos) return {"", api_version};
  return {api_version.substr(0, slash), api_version.substr(slash + 1)};
}

bool Fits(const FieldSpec& spec, std::string_view group, std::string_view version,
          std::string_view kind) {
  return (spec.kind.empty() || spec.kind == kind) && (spec.group.empty() || spec.group == group) &&
         (spec.version.empty() || spec.version == version);
}

bool Fits(const FieldSpec& spec, const Node& body) {
  if (!spec.kind.empty() && spec.kind != body.TextAt("kind")) return false;
  if (spec.group.empty() && spec.version.empty()) return true;
  const auto [group, version] = ParseApiVersion(body.TextAt("apiVersion"));
  return Fits(spec, group, version, spec.kind);
}

core::Status VisitField(const FieldSpec& spec, Make make, const Setter& set, yaml::Arena* arena,
                        Node* body) {
  return Walk{spec, make, set, arena}.Visit(PathParts(spec.path, '/'), body);
}

core::Status SetScalar(std::string_view text, Tag tag, Node* node) {
  if (!node->is_scalar()) return Unexpected("value", "a scalar", *node);
  node->tag = tag;
  node->explicit_tag = false;
  node->extra = nullptr;
  node->set_text(text);
  return core::Ok();
}

core::Status SetEntry(std::string_view name, std::string_view text, Tag tag, yaml::Arena* arena,
                      Node* node) {
  if (name.empty()) return SetScalar(text, tag, node);
  if (node->is_null()) return core::Ok();
  if (!node->is_mapping()) return Unexpected(name, "a mapping around it", *node);
  const bool quoted = tag == Tag::kNone && !text.empty() && yaml::IsSpecialIn11(text);
  Node* entry =
      arena->NewScalar(text, tag, quoted ? yaml::Style::kDoubleQuoted : yaml::Style::kPlain);
  if (Node* found = node->Find(name)) {
    entry->style = found->is_scalar() ? found->style : yaml::Style::kPlain;
    entry->line = found->line;
    entry->column = found->column;
    found->Assign(*entry);
  } else {
    node->AppendEntry(arena, NewKey(name, arena), entry);
  }
  return core::Ok();
}

}  // namespace headgate::templating::kustomize
