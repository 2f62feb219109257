#include "templating/kustomize/generate.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/hash.h"
#include "templating/kustomize/field_path.h"
#include "templating/kustomize/generate_sources.h"
#include "templating/yaml/parse.h"
#include "templating/yaml/utf8.h"

namespace headgate::templating::kustomize {
namespace {

using yaml::Node;

// kustomize breaks long base64 texts, in lines of 70.
std::string InLines(std::string_view base64) {
  constexpr size_t kLine = 70;
  if (base64.size() < kLine) return std::string(base64);
  std::string lines;
  for (; !base64.empty(); base64.remove_prefix(std::min(kLine, base64.size()))) {
    lines += base64.substr(0, kLine);
    lines += '\n';
  }
  return lines;
}

Node* NewText(std::string_view text, yaml::Arena* arena) {
  const bool lines = text.find('\n') != text.npos;
  return arena->NewScalar(text, yaml::Tag::kString,
                          lines ? yaml::Style::kLiteral : yaml::Style::kPlain);
}

// A key without a tag, as kustomize makes it: one that looks like a number is one when printed.
Node* NewKey(std::string_view text, yaml::Arena* arena) {
  return arena->NewScalar(text, yaml::Tag::kNone);
}

void AddData(Generated kind, const StringPairs& pairs, Node* body, yaml::Arena* arena) {
  if (kind == Generated::kSecret) body->MakeMapping(arena, "data");
  for (const auto& [key, value] : pairs) {
    const bool text = kind == Generated::kConfigMap && IsUtf8(value);
    const bool binary = kind == Generated::kConfigMap && !text;
    Node* data = body->MakeMapping(arena, binary ? "binaryData" : "data");
    const std::string_view shown = text ? value : arena->Keep(InLines(core::ToBase64(value)));
    data->AppendEntry(arena, NewKey(key, arena), NewText(shown, arena));
  }
}

void AddMetadata(std::string_view field, const StringPairs& pairs, Node* body, yaml::Arena* arena) {
  if (pairs.empty()) return;
  Node* to = body->MakeMapping(arena, "metadata")->MakeMapping(arena, field);
  for (const auto& [key, value] : pairs) {
    to->AppendEntry(arena, NewKey(key, arena), arena->NewScalar(value));
  }
}

Behavior ParseBehavior(std::string_view word) {
  for (Behavior behavior : {Behavior::kCreate, Behavior::kReplace, Behavior::kMerge}) {
    if (Show(behavior) == word) return behavior;
  }
  return Behavior::kUnspecified;
}

core::Status CheckPairs(const StringPairs& pairs) {
  size_t bytes = 0;
  for (const auto& [key, value] : pairs) bytes += value.size();
  if (bytes > kDataBytesMax) {
    return core::Invalid(
        fmt::format("{} bytes of data; the API server takes at most {}", bytes, kDataBytesMax));
  }
  for (size_t i = 1; i < pairs.size(); ++i) {
    if (pairs[i].first == pairs[i - 1].first) {
      return core::Invalid(fmt::format("key {} is given twice", pairs[i].first));
    }
  }
  return core::Ok();
}

Node* NewObject(std::string_view kind, yaml::Arena* arena) {
  Node* body = arena->NewMapping(6);
  body->AppendEntry(arena, arena->NewScalar("apiVersion"), arena->NewScalar("v1"));
  body->AppendEntry(arena, arena->NewScalar("kind"), arena->NewScalar(kind));
  body->AppendEntry(arena, arena->NewScalar("metadata"), arena->NewMapping(4));
  return body;
}

void Override(const StringPairs& general, StringPairs* own) {
  for (const auto& pair : general) {
    const auto same = [&](const auto& each) { return each.first == pair.first; };
    if (std::none_of(own->begin(), own->end(), same)) own->push_back(pair);
  }
  std::sort(own->begin(), own->end());
}

}  // namespace

std::optional<GeneratorOptions> MergeOptions(std::optional<GeneratorOptions> own,
                                             const std::optional<GeneratorOptions>& general) {
  if (!general) return own;
  if (!own) own.emplace();
  Override(general->labels, &own->labels);
  Override(general->annotations, &own->annotations);
  own->disable_name_suffix_hash |= general->disable_name_suffix_hash;
  own->immutable |= general->immutable;
  return own;
}

core::Result<std::unique_ptr<Resource>> Generate(Generated kind, const At<GeneratorArgs>& args,
                                                 const Loader& loader, std::string_view file,
                                                 std::string_view owner, Build* build) {
  yaml::Arena* arena = build->arena;
  const GeneratorArgs& a = args.value;
  const std::string_view word = kind == Generated::kSecret ? "Secret" : "ConfigMap";
  const auto fail = [&](std::string_view what) {
    return core::Invalid(fmt::format("{}:{}: {}: {}", file, args.line, owner, what));
  };
  if (a.name.empty()) return fail("a name expected, found none");
  core::Result<StringPairs> pairs = ReadSources(a, loader, file, owner);
  if (!pairs) return pairs.error();
  std::stable_sort(pairs->begin(), pairs->end(),
                   [](const auto& x, const auto& y) { return x.first < y.first; });
  if (core::Status fine = CheckPairs(*pairs); !fine) return fail(fine.error().text());

  Node* body = NewObject(word, arena);
  Node* metadata = body->Find("metadata");
  (void)SetEntry("name", a.name, yaml::Tag::kNone, arena, metadata);
  if (!a.namespace_name.empty()) {
    (void)SetEntry("namespace", a.namespace_name, yaml::Tag::kNone, arena, metadata);
  }
  if (kind == Generated::kSecret) {
    body->Set(arena, "type", arena->NewScalar(a.type.empty() ? "Opaque" : a.type));
  }
  AddData(kind, *pairs, body, arena);
  if (a.options) {
    AddMetadata("labels", a.options->labels, body, arena);
    AddMetadata("annotations", a.options->annotations, body, arena);
    if (a.options->immutable) body->Set(arena, "immutable", arena->NewBool(true));
  }
  auto resource = std::make_unique<Resource>();
  resource->body = body;
  ReadHistory(resource.get(), build);
  if (!a.options || !a.options->disable_name_suffix_hash) EnableHash(resource.get(), build);
  SetBehavior(resource.get(), ParseBehavior(a.behavior), build);
  return resource;
}

namespace {

struct Named {
  std::string_view name, namespace_name, project;
};

void Describe(Fields* fields, Named* to) {
  (*fields)("name", &to->name);
  (*fields)("namespace", &to->namespace_name);
  (*fields)("projectId", &to->project);
}

struct IamPolicyArgs {
  std::string_view cloud;
  Named service, account;
};

void Describe(Fields* fields, IamPolicyArgs* to) {
  fields->Embedded("cloud", &to->cloud);
  fields->Embedded("kubernetesService", &to->service);
  fields->Embedded("serviceAccount", &to->account);
}

}  // namespace

core::Result<std::unique_ptr<Resource>> GenerateIamPolicy(const Node& config, std::string_view file,
                                                          Build* build) {
  IamPolicyArgs args;
  Decoder decoder(file, {.old_booleans = false}, build->arena);
  if (core::Status fine = decoder.Into(config, &args); !fine) return fine.error();
  if (args.cloud != "gke") {
    return decoder.At(config, fmt::format("cloud: gke expected, found \"{}\"", args.cloud));
  }
  // kustomize fills a template and parses it, so these texts may be anything.
  const std::string text = fmt::format(
      "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  annotations:\n"
      "    iam.gke.io/gcp-service-account: {}@{}.iam.gserviceaccount.com\n  name: {}\n{}",
      args.account.name, args.account.project, args.service.name,
      args.service.namespace_name.empty()
          ? ""
          : fmt::format("\n  namespace: {}", args.service.namespace_name));
  const core::Result<std::vector<Node*>> parsed =
      yaml::Parse(build->arena->Keep(text), file, build->arena, {.first_only = true});
  if (!parsed) return parsed.error();
  auto resource = std::make_unique<Resource>();
  resource->body = parsed->front();
  ReadHistory(resource.get(), build);
  return resource;
}

}  // namespace headgate::templating::kustomize
