#include "templating/helm/chart/manifest.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <unordered_map>

#include "templating/helm/chart/paths.h"
#include "templating/helm/chart/struct_reader.h"
#include "templating/helm/chart/text.h"
#include "templating/helm/yaml_read.h"

namespace headgate::templating::helm {
namespace {

constexpr std::string_view kSeparator = "---";

// Helm's releaseutil.InstallOrder; other kinds come behind, by name.
constexpr std::string_view kInstallOrder[] = {
    "PriorityClass",
    "Namespace",
    "NetworkPolicy",
    "ResourceQuota",
    "LimitRange",
    "PodSecurityPolicy",
    "PodDisruptionBudget",
    "ServiceAccount",
    "Secret",
    "SecretList",
    "ConfigMap",
    "StorageClass",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "CustomResourceDefinition",
    "ClusterRole",
    "ClusterRoleList",
    "ClusterRoleBinding",
    "ClusterRoleBindingList",
    "Role",
    "RoleList",
    "RoleBinding",
    "RoleBindingList",
    "Service",
    "DaemonSet",
    "Pod",
    "ReplicationController",
    "ReplicaSet",
    "Deployment",
    "HorizontalPodAutoscaler",
    "StatefulSet",
    "Job",
    "CronJob",
    "IngressClass",
    "Ingress",
    "APIService",
    "MutatingWebhookConfiguration",
    "ValidatingWebhookConfiguration",
};

bool IsSpaceByte(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r'; }

// A kind's place in the order; known ones first.
size_t PlaceOf(std::string_view kind) {
  static const auto* const kPlaces = [] {
    auto* places = new std::unordered_map<std::string_view, size_t>;
    for (const std::string_view known : kInstallOrder) places->emplace(known, places->size());
    return places;
  }();
  const auto found = kPlaces->find(kind);
  return found == kPlaces->end() ? kPlaces->size() : found->second;
}

bool LessByKind(const Manifest& a, const Manifest& b) {
  const size_t first = PlaceOf(a.kind), second = PlaceOf(b.kind);
  if (first != second) return first < second;
  return first == std::size(kInstallOrder) && a.kind < b.kind;
}

// What Helm looks at in a manifest.
struct Head {
  std::string_view api_version, kind, name;
  Map* annotations = nullptr;
};

core::Result<Head> ReadHead(std::string_view text, std::string_view path, uint32_t first_line,
                            Heap* heap) {
  core::Result<Value> value =
      ReadYaml(text, path, heap, {.keep_numbers = true, .first_line = first_line});
  if (!value) return value.error();
  Head head;
  StructReader reader(path, heap);
  reader.Struct(
      *value, "the document",
      {{"apiVersion", [&](const Value& v) { reader.Text(v, "apiVersion", &head.api_version); }},
       {"kind", [&](const Value& v) { reader.Text(v, "kind", &head.kind); }},
       {"metadata", [&](const Value& v) {
          reader.Struct(
              v, "metadata",
              {{"name", [&](const Value& name) { reader.Text(name, "metadata.name", &head.name); }},
               {"annotations", [&](const Value& annotations) {
                  reader.TextMap(annotations, "metadata.annotations", &head.annotations);
                }}});
        }}});
  if (core::Status read = reader.status(); !read) return read.error();
  return head;
}

// The events of a hook. Nothing where Helm does not know one of them: it leaves the hook out.
struct Events {
  bool known = true;
  bool test = false;
};
Events EventsOf(std::string_view annotation) {
  constexpr std::array<std::string_view, 8> kKnown = {
      "pre-install", "post-install", "pre-delete",   "post-delete",
      "pre-upgrade", "post-upgrade", "pre-rollback", "post-rollback"};
  Events events;
  for (bool more = true; more;) {
    const size_t comma = annotation.find(',');
    std::string event(TrimSpace(annotation.substr(0, comma)));
    std::transform(event.begin(), event.end(), event.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    more = comma != std::string_view::npos;
    if (more) annotation.remove_prefix(comma + 1);
    const bool test = event == "test" || event == "test-success";
    events.test = events.test || test;
    events.known =
        events.known && (test || std::find(kKnown.begin(), kKnown.end(), event) != kKnown.end());
  }
  return events;
}

core::Status AddPiece(const std::string& path, const std::string& file, std::string_view text,
                      Heap* heap, Manifests* sorted) {
  core::Result<Head> head = ReadHead(text, path, 1, heap);
  if (!head) {
    const auto line = std::count(file.data(), text.data(), '\n') + 1;
    return ReadHead(text, path, static_cast<uint32_t>(line), heap).error().In("rendered file");
  }
  Manifest manifest{path, std::string(text), std::string(head->kind)};
  const Value* hook = head->annotations ? head->annotations->Find("helm.sh/hook") : nullptr;
  if (!hook) {
    sorted->ordinary.push_back(std::move(manifest));
    return core::Ok();
  }
  const Events events = EventsOf(hook->text());
  if (events.known) sorted->hooks.push_back({std::move(manifest), events.test});
  return core::Ok();
}

}  // namespace

std::vector<std::string_view> SplitManifests(std::string_view text) {
  text = TrimSpace(text);
  std::vector<std::string_view> pieces;
  const auto add = [&pieces](std::string_view piece) {
    if (!piece.empty()) pieces.push_back(TrimSpace(piece));
  };
  size_t start = 0;  // behind the last separator and the white space that it takes with it
  for (size_t at = 0; (at = text.find(kSeparator, at)) != std::string_view::npos;) {
    const bool separates = at == 0 || (at > start && text[at - 1] == '\n');
    if (!separates) {
      ++at;
      continue;
    }
    size_t end = at;
    while (end > start && IsSpaceByte(text[end - 1])) --end;
    add(text.substr(start, end - start));
    start = at + kSeparator.size();
    while (start < text.size() && IsSpaceByte(text[start])) ++start;
    at = start;
  }
  add(text.substr(start));
  return pieces;
}

core::Result<Manifests> SortManifests(const std::map<std::string, std::string>& files,
                                      const ChartLimits& limits) {
  Manifests sorted;
  Heap heap;
  size_t pieces = 0;
  for (const auto& [path, text] : files) {
    if (PathBase(path).starts_with('_') || TrimSpace(text).empty()) continue;
    for (const std::string_view piece : SplitManifests(text)) {
      const Heap::Mark mark = heap.Begin();
      core::Status added = AddPiece(path, text, piece, &heap, &sorted);
      heap.Release(mark);
      if (!added) return added.error();
      if (++pieces > limits.manifests) {
        return core::Invalid(fmt::format("{}: more than {} manifests", path, limits.manifests));
      }
    }
  }
  std::stable_sort(sorted.ordinary.begin(), sorted.ordinary.end(), LessByKind);
  std::stable_sort(sorted.hooks.begin(), sorted.hooks.end(),
                   [](const Hook& a, const Hook& b) { return LessByKind(a.manifest, b.manifest); });
  return sorted;
}

}  // namespace headgate::templating::helm
