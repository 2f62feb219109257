#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "templating/kustomize/field_path.h"
#include "templating/kustomize/origin.h"
#include "templating/kustomize/replacements_structured.h"
#include "templating/kustomize/transform.h"
#include "templating/kustomize/transform_fields.h"

namespace headgate::templating::kustomize {
namespace {

using yaml::Node;
using yaml::Tag;

constexpr std::string_view kDefaultPath = "metadata.name";

std::string_view PathOf(std::string_view path) { return path.empty() ? kDefaultPath : path; }

// An id as replacements see it: nothing is known to be cluster-scoped.
Id Plain(Id id) {
  id.cluster_scoped = false;
  return id;
}

template <class Fits>
bool AnyId(const Resource& resource, const Fits& fits) {
  return fits(Plain(resource.id)) ||
         std::any_of(resource.previous.begin(), resource.previous.end(),
                     [&](const auto& each) { return fits(PreviousId(resource, each)); });
}

std::vector<Resource*> Candidates(std::string_view plain_name, const ResourceMap& all) {
  if (!plain_name.empty()) return all.FindNamed(plain_name);
  std::vector<Resource*> candidates;
  candidates.reserve(all.size());
  for (const auto& each : all.all()) candidates.push_back(each.get());
  return candidates;
}

std::vector<std::string_view> Split(std::string_view text, std::string_view delimiter) {
  std::vector<std::string_view> parts;
  for (size_t at; (at = text.find(delimiter)) != std::string_view::npos;) {
    parts.push_back(text.substr(0, at));
    text.remove_prefix(at + delimiter.size());
  }
  parts.push_back(text);
  return parts;
}

std::string ShowSource(const ReplacementSource& source) {
  return Show(Id{source.group, source.version, source.kind, source.namespace_name, source.name});
}

core::Result<Resource*> FindSource(const ReplacementSource& source, const ResourceMap& all) {
  const Id wanted{source.group, source.version, source.kind, source.namespace_name, source.name};
  Resource* found = nullptr;
  for (Resource* each : Candidates(source.name, all)) {
    const bool fits = AnyId(*each, [&](const Id& id) {
      return (wanted.name.empty() || wanted.name == id.name) &&
             (wanted.namespace_name.empty() ||
              EffectiveNamespace(wanted) == EffectiveNamespace(id)) &&
             IsOf(id, wanted.group, wanted.version, wanted.kind);
    });
    if (!fits) continue;
    if (found) {
      return core::Invalid(fmt::format("source {} may be {} or {}", ShowSource(source),
                                       Show(found->id), Show(each->id)));
    }
    found = each;
  }
  if (!found) return core::Invalid(fmt::format("no object is the source {}", ShowSource(source)));
  return found;
}

// Copies a value to fields.
class Replacer {
 public:
  Replacer(Build* build, ResourceMap* all) : build_(build), arena_(build->arena), all_(*all) {}

  core::Status Apply(const Replacement& replacement) {
    if (!replacement.targets || (!replacement.source && !replacement.source_value)) {
      return core::Invalid("a source (or sourceValue) and targets expected");
    }
    core::Result<Node*> value = FindValue(replacement);
    if (!value) return value.error();
    value_ = *value;
    for (const ReplacementTarget& target : *replacement.targets) {
      core::Status done = ApplyTo(target);
      if (!done) return done;
    }
    return core::Ok();
  }

 private:
  core::Result<Node*> FindValue(const Replacement& replacement) {
    if (replacement.source_value) {
      if (replacement.source) return core::Invalid("either source or sourceValue expected");
      return arena_->NewScalar(*replacement.source_value, Tag::kNone);
    }
    const ReplacementSource& source = *replacement.source;
    core::Result<Resource*> resource = FindSource(source, all_);
    if (!resource) return resource.error();
    Node* body = (*resource)->body;
    const std::string_view path = PathOf(source.field_path);
    core::Result<Node*> found = Lookup(SplitPath(path, arena_), Make::kNothing, arena_, body);
    if (!found) return In(**resource, found.error());
    Node* value = *found;
    if (!value || value->is_null() || (!value->is_scalar() && value->size == 0)) {
      return In(**resource, core::Invalid(fmt::format("a value expected at {}, found none", path)));
    }
    if (value == body->Find("metadata") || value == body->Find("metadata", "annotations")) {
      value = WithHistory(*resource, value);
    }
    return source.options ? Refine(*source.options, value) : value;
  }

  // What a copy of all annotations shows of kustomize's own.
  Node* WithHistory(Resource* resource, Node* value) {
    WriteHistory(resource, build_);
    Node* copy = arena_->Clone(*value);
    ReadHistory(resource, build_);
    return copy;
  }

  core::Result<Node*> Refine(const FieldOptions& options, Node* value) {
    if (options.delimiter.empty()) return value;
    if (!value->is_scalar()) return Unexpected("delimiter", "a text to part", *value);
    const auto parts = Split(value->text(), options.delimiter);
    if (options.index < 0 || static_cast<size_t>(options.index) >= parts.size()) {
      return core::Invalid(fmt::format("index {} is beyond the {} parts of \"{}\"", options.index,
                                       parts.size(), value->text()));
    }
    Node* copy = arena_->Clone(*value);
    copy->set_text(parts[static_cast<size_t>(options.index)]);
    return copy;
  }

  core::Status ApplyTo(const ReplacementTarget& target) {
    if (!target.select) return core::Invalid("target: select expected");
    core::Result<Selector> select = Selector::Compile(*target.select);
    if (!select) return select.error().In("select");
    std::vector<Selector> reject;
    for (const SelectorFields& fields : target.reject) {
      core::Result<Selector> selector = Selector::Compile(fields);
      if (!selector) return selector.error().In("reject");
      reject.push_back(*std::move(selector));
    }
    const auto name = select->HasPlainName() ? target.select->name : std::string_view();
    for (Resource* each : Candidates(name, all_)) {
      core::Result<bool> fits = Fits(*select, reject, *each);
      if (!fits) return In(*each, fits.error());
      if (!*fits) continue;
      core::Status set = SetFields(target, each);
      if (!set) return In(*each, set.error());
    }
    return core::Ok();
  }

  static core::Result<bool> Fits(const Selector& select, const std::vector<Selector>& reject,
                                 const Resource& resource) {
    core::Result<bool> labels = select.FitsLabels(*resource.body);
    if (!labels || !*labels) return labels;
    for (const Selector& each : reject) {
      const SelectorFields& fields = each.fields();
      if (fields.annotation_selector.empty() && fields.label_selector.empty()) continue;
      core::Result<bool> rejected = each.FitsLabels(*resource.body);
      if (!rejected || *rejected) return rejected ? core::Result<bool>(false) : rejected;
    }
    const auto is_of = [&](const Selector& selector) {
      return AnyId(resource, [&](const Id& id) {
        return selector.FitsGvk(id) && selector.FitsName(id.name) &&
               selector.FitsNamespace(id.namespace_name);
      });
    };
    const auto says_id = [](const SelectorFields& fields) {
      return !(fields.group.empty() && fields.version.empty() && fields.kind.empty() &&
               fields.name.empty() && fields.namespace_name.empty());
    };
    for (const Selector& each : reject) {
      if (says_id(each.fields()) && is_of(each)) return false;
    }
    return is_of(select);
  }

  core::Status SetFields(const ReplacementTarget& target, Resource* resource) {
    static const std::vector<std::string_view> default_paths{kDefaultPath};
    const auto& paths = target.field_paths.empty() ? default_paths : target.field_paths;
    for (std::string_view path : paths) {
      core::Status set = SetField(path, target.options.value_or(FieldOptions()), resource);
      if (!set) return set;
    }
    // What was replaced may be part of the id, and all annotations with the history.
    if (resource->has_history) {
      ReadHistory(resource, build_);
      DropLostOrigin(resource);
    }
    if (resource->id != IdOf(*resource->body, *build_)) all_.Reindex(resource);
    return core::Ok();
  }

  core::Status SetField(std::string_view path, const FieldOptions& options, Resource* resource) {
    const Make make = options.create ? KindOf(*value_) : Make::kNothing;
    const auto parts = SplitPath(path, arena_);
    if (SetInStructuredText(parts, make, *value_, arena_, resource->body)) return core::Ok();
    core::Result<std::vector<Node*>> found = Match(parts, make, arena_, resource->body);
    if (found && found->empty()) {
      found = core::Invalid(fmt::format("a field expected at {}, found none", path));
    }
    if (!found) return found.error();
    for (Node* node : *found) {
      core::Status set = SetValue(options, node);
      if (!set) return set.error().In(path);
    }
    return core::Ok();
  }

  static Make KindOf(const Node& node) {
    return node.is_mapping()    ? Make::kMapping
           : node.is_sequence() ? Make::kSequence
                                : Make::kScalar;
  }

  // A scalar keeps its tag and its style: only the text is copied.
  core::Status SetValue(const FieldOptions& options, Node* node) {
    if (!options.delimiter.empty() && !node->is_scalar()) {
      return Unexpected("delimiter", "a text to part", *node);
    }
    if (!node->is_scalar()) {
      node->Assign(*arena_->Clone(*value_));
    } else if (options.delimiter.empty()) {
      node->set_text(value_->text());
    } else {
      node->set_text(arena_->Copy(WithPart(node->text(), options)));
    }
    return core::Ok();
  }

  std::string WithPart(std::string_view text, const FieldOptions& options) const {
    auto parts = Split(text, options.delimiter);
    const std::string_view value = value_->is_null() ? std::string_view() : value_->text();
    if (options.index < 0) {
      parts.insert(parts.begin(), value);
    } else if (static_cast<size_t>(options.index) >= parts.size()) {
      parts.push_back(value);
    } else {
      parts[static_cast<size_t>(options.index)] = value;
    }
    return fmt::format("{}", fmt::join(parts, options.delimiter));
  }

  Build* build_;
  yaml::Arena* arena_;
  ResourceMap& all_;
  const Node* value_ = nullptr;  // where it stands: a target may change it for the next ones
};

}  // namespace

core::Status Replace(const std::vector<Replacement>& replacements, Build* build, ResourceMap* all) {
  Replacer replacer(build, all);
  for (size_t i = 0; i < replacements.size(); ++i) {
    core::Status done = replacer.Apply(replacements[i]);
    if (!done) return done.error().In(fmt::format("replacements[{}]", i));
  }
  return core::Ok();
}

}  // namespace headgate::templating::kustomize
