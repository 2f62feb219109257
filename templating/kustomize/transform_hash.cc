#include <string>

#include "core/hash.h"
#include "templating/kustomize/transform.h"
#include "templating/kustomize/transform_fields.h"
#include "templating/yaml/emit.h"

namespace headgate::templating::kustomize {
namespace {

using yaml::Node;
using yaml::Tag;

// What counts of a field: a scalar's text, a mapping, or "" where it is missing. A list counts as
// null.
Node* ValueOf(const Node& body, std::string_view field, yaml::Arena* arena) {
  Node* found = body.Find(field);
  if (!found) return arena->NewScalar("");
  if (found->is_scalar()) return arena->NewScalar(found->text());
  return found->is_mapping() ? found : arena->NewNull();
}

// kustomize looks for the key "metadata/name", which is never there: so names do not count.
Node* ContentOf(const Node& body, yaml::Arena* arena) {
  const bool is_secret = body.TextAt("kind") == "Secret";
  Node* content = arena->NewMapping(5);
  const auto set = [&](std::string_view key, Node* value) {
    content->AppendEntry(arena, arena->NewScalar(key), value);
  };
  set("kind", arena->NewScalar(body.TextAt("kind")));
  set("name", ValueOf(body, "metadata/name", arena));
  set("data", ValueOf(body, "data", arena));
  if (is_secret) set("type", ValueOf(body, "type", arena));
  const std::string_view further = is_secret ? "stringData" : "binaryData";
  if (const Node* found = body.Find(further); found && !found->is_scalar()) {
    set(further, ValueOf(body, further, arena));
  }
  return content;
}

char Encode(char digit) {
  switch (digit) {  // so that no words come out
    case '0':
      return 'g';
    case '1':
      return 'h';
    case '3':
      return 'k';
    case 'a':
      return 'm';
    case 'e':
      return 't';
    default:
      return digit;
  }
}

}  // namespace

core::Result<std::string> HashOf(const Node& body) {
  const std::string_view kind = body.TextAt("kind");
  std::string json;
  yaml::Arena arena;
  // Of other kinds kustomize prints the nodes of its parser, with lines and columns; their hashes
  // are not the same here.
  const bool is_known = kind == "ConfigMap" || kind == "Secret";
  core::Status printed = yaml::EmitJson(is_known ? *ContentOf(body, &arena) : body, &json);
  if (!printed) return printed.error();
  std::string hash = core::Sha256(json).substr(0, 10);
  for (char& digit : hash) digit = Encode(digit);
  return hash;
}

core::Status AddHashes(Build* build, ResourceMap* all) {
  for (const auto& each : all->all()) {
    if (!each->needs_hash) continue;
    core::Result<std::string> hash = HashOf(*each->body);
    if (!hash) return In(*each, hash.error());
    StorePreviousId(each.get(), build);
    SetName(each->body, build->arena->Join({each->id.name, "-", *hash}), build->arena);
    all->Reindex(each.get());
  }
  return core::Ok();
}

}  // namespace headgate::templating::kustomize
