#include "templating/kustomize/resource_history.h"

#include <algorithm>
#include <array>
#include <string>

#include "templating/kustomize/resource.h"

namespace headgate::templating::kustomize {
namespace {

using yaml::Node;

constexpr std::string_view kPreviousNames = "internal.config.kubernetes.io/previousNames";
constexpr std::string_view kPreviousNamespaces = "internal.config.kubernetes.io/previousNamespaces";
constexpr std::string_view kPreviousKinds = "internal.config.kubernetes.io/previousKinds";
constexpr std::string_view kPrefixes = "internal.config.kubernetes.io/prefixes";
constexpr std::string_view kSuffixes = "internal.config.kubernetes.io/suffixes";
constexpr std::string_view kAllowName = "internal.config.kubernetes.io/allowNameChange";
constexpr std::string_view kAllowKind = "internal.config.kubernetes.io/allowKindChange";
constexpr std::string_view kReferrers = "internal.config.kubernetes.io/refBy";
constexpr std::string_view kBehavior = "internal.config.kubernetes.io/generatorBehavior";
constexpr std::string_view kNeedsHash = "internal.config.kubernetes.io/needsHashSuffix";
constexpr std::string_view kEnabled = "enabled";

// Those that a Resource's history is made of.
constexpr std::array kHistoryKeys{kPreviousNames, kPreviousNamespaces, kPreviousKinds,
                                  kPrefixes,      kSuffixes,           kAllowName,
                                  kAllowKind,     kBehavior,           kNeedsHash};

// Further ones that leave with them. Source: kustomize 5.8.1, api/resource and kyaml/kio/kioutil.
constexpr std::array<std::string_view, 10> kReaderKeys{
    kReferrers,
    "internal.config.kubernetes.io/path",
    "internal.config.kubernetes.io/index",
    "internal.config.kubernetes.io/seqindent",
    "internal.config.kubernetes.io/id",
    "internal.config.kubernetes.io/annotations-migration-resource-id",
    "internal.config.kubernetes.io/helm-generated",
    "config.kubernetes.io/path",
    "config.kubernetes.io/index",
    "config.k8s.io/id"};
constexpr std::array<std::string_view, 2> kOriginKeys{"config.kubernetes.io/origin",
                                                      "alpha.config.kubernetes.io/transformations"};

// What the annotation says that stands for all of a history: known by its address.
constexpr std::string_view kMark = "kept beside";

template <class Keys>
bool IsOneOf(const Keys& keys, std::string_view key) {
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

bool IsOriginKey(std::string_view key) {
  return key.size() >= kOriginKeys[0].size() && IsOneOf(kOriginKeys, key);
}

Node* AnnotationsOf(const Node& body) {
  Node* annotations = body.Find("metadata", "annotations");
  return annotations && annotations->is_mapping() ? annotations : nullptr;
}

bool IsMark(const Node& key, const Node& value) {
  return value.is_scalar() && value.scalar.data == kMark.data() && key.text() == kPreviousNames;
}

bool HasMark(const Node& body) {
  const Node* annotations = AnnotationsOf(body);
  for (size_t i = 0; annotations && i < annotations->entries(); ++i) {
    if (IsMark(*annotations->key(i), *annotations->value(i))) return true;
  }
  return false;
}

std::vector<std::string_view> Split(std::string_view text) {
  std::vector<std::string_view> parts;
  for (size_t comma; (comma = text.find(',')) != std::string_view::npos;) {
    parts.push_back(text.substr(0, comma));
    text.remove_prefix(comma + 1);
  }
  parts.push_back(text);
  return parts;
}

Behavior ParseBehavior(std::string_view word) {
  for (Behavior each : {Behavior::kCreate, Behavior::kReplace, Behavior::kMerge}) {
    if (Show(each) == word) return each;
  }
  return Behavior::kUnspecified;
}

// The history that a file's own annotations tell, if any.
bool Import(const Node& annotations, Resource* resource) {
  const auto list = [&](std::string_view key) {
    const Node* found = annotations.Find(key);
    return found ? Split(found->text()) : std::vector<std::string_view>();
  };
  const auto is_enabled = [&](std::string_view key) { return annotations.TextAt(key) == kEnabled; };
  const auto names = list(kPreviousNames), spaces = list(kPreviousNamespaces),
             kinds = list(kPreviousKinds);
  for (size_t i = 0; i < std::min({names.size(), spaces.size(), kinds.size()}); ++i) {
    resource->previous.push_back({spaces[i], names[i], kinds[i]});
  }
  resource->prefixes = list(kPrefixes);
  resource->suffixes = list(kSuffixes);
  resource->generated = annotations.Find(kBehavior) != nullptr;
  resource->behavior = ParseBehavior(annotations.TextAt(kBehavior));
  resource->needs_hash = is_enabled(kNeedsHash);
  resource->allow_name_change = is_enabled(kAllowName);
  resource->allow_kind_change = is_enabled(kAllowKind);
  return std::any_of(kHistoryKeys.begin(), kHistoryKeys.end(),
                     [&](std::string_view key) { return annotations.Find(key) != nullptr; });
}

// What WriteHistory writes of lists.
class Writer {
 public:
  Writer(Node* annotations, yaml::Arena* arena) : annotations_(annotations), arena_(arena) {}

  void Write(std::string_view key, std::string_view text) {
    annotations_->Set(arena_, key, arena_->NewScalar(text));
  }
  void WriteIf(bool enabled, std::string_view key) {
    if (enabled) Write(key, kEnabled);
  }
  template <class Items, class TextOf>
  void WriteList(std::string_view key, const Items& items, TextOf text_of) {
    if (items.empty()) return;
    std::string text;
    for (const auto& item : items) {
      if (!text.empty()) text += ',';
      text += text_of(item);
    }
    Write(key, arena_->Copy(text));
  }

 private:
  Node* annotations_;
  yaml::Arena* arena_;
};

}  // namespace

// Nearly all keys of users are parted from these by their first letters.
bool IsBuildKey(std::string_view key) {
  if (!key.starts_with("internal.config.") && !key.starts_with("config.")) return false;
  return IsOneOf(kHistoryKeys, key) || IsOneOf(kReaderKeys, key);
}

void MarkHistory(Resource* resource, Build* build) {
  if (resource->has_history) return;
  yaml::Arena* arena = build->arena;
  Node* metadata = resource->body->MakeMapping(arena, "metadata");
  if (!metadata) return;
  Node* annotations = metadata->Find("annotations");
  if (annotations && annotations->is_sequence() && annotations->size > 0) return;
  if (!annotations || !annotations->is_mapping()) {
    annotations = arena->NewMapping(2);
    metadata->Set(arena, "annotations", annotations);
  }
  annotations->AppendEntry(arena, arena->NewScalar(kPreviousNames), arena->NewScalar(kMark));
  resource->has_history = true;
}

void ForgetHistory(Resource* resource) {
  resource->previous.clear();
  resource->prefixes.clear();
  resource->suffixes.clear();
  resource->behavior = Behavior::kUnspecified;
  resource->generated = resource->needs_hash = false;
  resource->allow_name_change = resource->allow_kind_change = false;
  resource->has_history = false;
}

void StorePreviousId(Resource* resource, Build* build) {
  // Without a name kustomize keeps lists of different lengths, and reads none of them.
  if (!resource->id.name.empty()) {
    resource->previous.push_back(
        {EffectiveNamespace(resource->id), resource->id.name, resource->id.kind});
  }
  MarkHistory(resource, build);
}

void AddNamePrefix(Resource* resource, std::string_view text, Build* build) {
  if (text.empty()) return;
  resource->prefixes.push_back(text);
  MarkHistory(resource, build);
}

void AddNameSuffix(Resource* resource, std::string_view text, Build* build) {
  if (text.empty()) return;
  resource->suffixes.push_back(text);
  MarkHistory(resource, build);
}

void SetBehavior(Resource* resource, Behavior behavior, Build* build) {
  resource->behavior = behavior;
  resource->generated = true;
  MarkHistory(resource, build);
}

void EnableHash(Resource* resource, Build* build) {
  resource->needs_hash = true;
  MarkHistory(resource, build);
}

void ReadHistory(Resource* resource, Build* build) {
  if (HasMark(*resource->body)) {
    resource->has_history = true;
    return;
  }
  ForgetHistory(resource);
  Node* annotations = AnnotationsOf(*resource->body);
  if (!annotations || !Import(*annotations, resource)) return;
  DropEntries(annotations,
              [](const Node& key, const Node&) { return IsOneOf(kHistoryKeys, key.text()); });
  MarkHistory(resource, build);
}

void WriteHistory(Resource* resource, Build* build) {
  if (!resource->has_history) return;
  Node* annotations = AnnotationsOf(*resource->body);
  if (!annotations) return;
  DropEntries(annotations, IsMark);
  resource->has_history = false;
  Writer writer(annotations, build->arena);
  const auto& previous = resource->previous;
  writer.WriteList(kPreviousNames, previous, [](const auto& each) { return each.name; });
  writer.WriteList(kPreviousNamespaces, previous,
                   [](const auto& each) { return each.namespace_name; });
  writer.WriteList(kPreviousKinds, previous, [](const auto& each) { return each.kind; });
  writer.WriteList(kPrefixes, resource->prefixes, [](std::string_view text) { return text; });
  writer.WriteList(kSuffixes, resource->suffixes, [](std::string_view text) { return text; });
  writer.WriteIf(resource->allow_name_change, kAllowName);
  writer.WriteIf(resource->allow_kind_change, kAllowKind);
  if (resource->generated) writer.Write(kBehavior, Show(resource->behavior));
  writer.WriteIf(resource->needs_hash, kNeedsHash);
}

void FinishAnnotations(Resource* resource, Build* build) {
  Node* metadata = resource->body->Find("metadata");
  Node* annotations = metadata ? metadata->Find("annotations") : nullptr;
  if (!annotations) return;
  if (annotations->is_mapping()) {
    DropEntries(annotations, [](const Node& key, const Node&) {
      return IsBuildKey(key.text()) || IsOriginKey(key.text());
    });
  }
  if (!annotations->is_mapping() || annotations->size == 0) {
    metadata->Erase("annotations");
    return;
  }
  for (size_t i = 0; i < annotations->entries(); ++i) {
    const Node& value = *annotations->value(i);
    if (!value.is_string()) annotations->items[2 * i + 1] = build->arena->NewScalar(value.text());
    // Keys are set anew there, without quotes: one that looks like a number is one.
    Node* key = annotations->key(i);
    if (key->is_string() && key->style != yaml::Style::kPlain) {
      annotations->items[2 * i] = build->arena->NewScalar(key->text(), yaml::Tag::kNone);
    }
  }
}

}  // namespace headgate::templating::kustomize
