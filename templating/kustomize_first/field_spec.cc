#include "templating/kustomize_first/field_spec.h"

#include <fmt/format.h>

#include <span>

#include "core/object.h"

namespace headgate::templating {
namespace {

std::vector<std::string> SplitPath(std::string_view path) {
  std::vector<std::string> parts(1);
  for (size_t at = 0; at < path.size(); ++at) {
    if (path[at] == '\\' && at + 1 < path.size() && path[at + 1] == '/') {
      parts.back() += path[++at];
    } else if (path[at] == '/') {
      parts.emplace_back();
    } else {
      parts.back() += path[at];
    }
  }
  if (parts.size() > 1 && parts.front().empty()) parts.erase(parts.begin());
  return parts;
}

struct Walk {
  const FieldSpec& spec;
  Made made;
  const Setter& set;

  // As deep as the path is long, plus lists in lists of the object itself.
  core::Status Visit(std::span<const std::string> path, core::Value* value) const {
    if (path.empty()) return set(value);
    if (value->is_null()) return core::Ok();
    if (core::List* list = value->AsList()) {
      for (core::Value& item : *list) {
        core::Status done = Visit(path, &item);
        if (!done) return done;
      }
      return core::Ok();
    }
    if (core::Map* map = value->AsMap()) return VisitField(path, map);
    return core::Invalid(
        fmt::format("{}: a mapping or a list expected before \"{}\"", spec.path, path.front()));
  }

  core::Status VisitField(std::span<const std::string> path, core::Map* map) const {
    std::string_view name = path.front();
    const bool list = name.ends_with("[]");
    if (list) name.remove_suffix(2);
    core::Value* field = map->Find(name);
    const bool make = spec.create && !list;
    if (!field && !make) return core::Ok();
    if (!field) field = &map->Append(std::string(name), nullptr);
    if (field->is_null() && make) {
      const core::Mark mark = field->mark();
      const bool scalar = path.size() == 1 && made == Made::kScalar;
      *field = scalar ? core::Value("") : core::Value(core::Map());
      field->set_mark(mark);
    }
    return Visit(path.subspan(1), field);
  }
};

}  // namespace

bool Fits(const FieldSpec& spec, const core::Value& body) {
  if (!spec.kind.empty() && spec.kind != body.StringAt("kind")) return false;
  if (spec.group.empty() && spec.version.empty()) return true;
  const core::GroupVersion version = core::ParseApiVersion(body.StringAt("apiVersion"));
  return (spec.group.empty() || spec.group == version.group) &&
         (spec.version.empty() || spec.version == version.version);
}

core::Status Apply(const FieldSpec& spec, Made made, const Setter& set, core::Value* body) {
  if (!Fits(spec, *body)) return core::Ok();
  return Walk{spec, made, set}.Visit(SplitPath(spec.path), body);
}

core::Status Apply(const FieldSpecs& specs, Made made, const Setter& set, core::Value* body) {
  for (const FieldSpec& spec : specs) {
    core::Status done = Apply(spec, made, set, body);
    if (!done) return done;
  }
  return core::Ok();
}

}  // namespace headgate::templating
