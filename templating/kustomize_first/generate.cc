#include "templating/kustomize_first/generate.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "core/hash.h"
#include "core/json.h"
#include "templating/yaml/utf8.h"

namespace headgate::templating {
namespace {

using Data = std::map<std::string, std::string>;

constexpr size_t kBase64Line = 70;  // from this length on base64 is broken into lines
constexpr size_t kKeyBytesMax = 253;

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool IsKeyChar(char c) {
  return IsLetter(c) || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}
bool IsKey(std::string_view key) {
  return !key.empty() && key.size() <= kKeyBytesMax && key != "." && !key.starts_with("..") &&
         std::all_of(key.begin(), key.end(), IsKeyChar);
}
bool IsVariable(std::string_view name) {
  return IsKey(name) && !(name[0] >= '0' && name[0] <= '9');
}

std::string Base64Lines(std::string_view bytes) {
  const std::string flat = core::ToBase64(bytes);
  if (flat.size() < kBase64Line) return flat;
  std::string lines;
  for (size_t at = 0; at < flat.size(); at += kBase64Line) {
    lines += flat.substr(at, kBase64Line) + "\n";
  }
  return lines;
}

std::string Unquoted(std::string_view text) {
  if (text.size() >= 2 && text.front() == text.back() && (text[0] == '"' || text[0] == '\'')) {
    text = text.substr(1, text.size() - 2);
  }
  return std::string(text);
}

// One entry of configMapGenerator or secretGenerator.
class Generator {
 public:
  Generator(const core::FileTree& files, const Kustomization& kustomization, std::string field,
            const core::Value& entry)
      : files_(files), kustomization_(kustomization), field_(std::move(field)), entry_(entry) {}

  core::Result<Resource> Make() {
    if (entry_.StringAt("name").empty()) return Fail(entry_, "name is missing");
    core::Status read = ReadAll();
    if (!read) return read.error();

    Resource resource;
    core::Value& body = resource.object.body;
    body.set_mark(entry_.mark());
    resource.object.file = kustomization_.file;
    const bool secret = field_ == "secretGenerator";
    core::Map& map = body.MakeMap();
    map.Set("apiVersion", "v1");
    map.Set("kind", secret ? "Secret" : "ConfigMap");
    SetName(&body, entry_.StringAt("name"));
    SetNamespace(&body, entry_.StringAt("namespace"));
    if (secret) {
      const std::string& type = entry_.StringAt("type");
      map.Set("type", type.empty() ? "Opaque" : type);
      map.Set("data", core::Map());
    }
    for (const auto& [key, bytes] : data_) {
      const bool binary = secret || !IsUtf8(bytes);
      const char* place = binary && !secret ? "binaryData" : "data";
      map[place].MakeMap().Set(key, binary ? Base64Lines(bytes) : bytes);
    }
    AddOptions(&resource);
    return resource;
  }

 private:
  core::Error Fail(const core::Value& at, std::string_view text) const {
    return kustomization_.At(at, field_, text);
  }

  core::Status ReadAll() {
    for (const core::Value& name : entry_.ListAt("envs")) {
      core::Status read = ReadVariables(name);
      if (!read) return read;
    }
    if (!entry_.StringAt("env").empty()) {
      core::Status read = ReadVariables(*entry_.Find("env"));
      if (!read) return read;
    }
    for (const core::Value& literal : entry_.ListAt("literals")) {
      const std::string& text = *literal.AsString();
      const size_t equals = text.find('=');
      if (equals == 0 || equals == std::string::npos) {
        return Fail(literal, "literals: KEY=VALUE expected");  // not shown: it may be a secret
      }
      core::Status added =
          Add(literal, text.substr(0, equals), Unquoted(std::string_view(text).substr(equals + 1)));
      if (!added) return added;
    }
    for (const core::Value& file : entry_.ListAt("files")) {
      core::Status read = ReadFile(file);
      if (!read) return read;
    }
    return core::Ok();
  }

  // [KEY=]PATH
  core::Status ReadFile(const core::Value& source) {
    const std::string& text = *source.AsString();
    const size_t equals = text.find('=');
    const std::string path = equals == std::string::npos ? text : text.substr(equals + 1);
    if (equals == 0 || path.empty() || path.find('=') != std::string::npos) {
      return Fail(source, text + ": PATH or KEY=PATH expected");
    }
    std::string key = path.substr(path.find_last_of('/') + 1);
    if (equals != std::string::npos) key = text.substr(0, equals);
    core::Value name = path;
    name.set_mark(source.mark());
    core::Result<std::string> bytes = kustomization_.ReadFile(files_, name, field_);
    if (!bytes) return bytes.error();
    return Add(source, key, *std::move(bytes));
  }

  // A file of KEY=VALUE lines; empty ones and comments are left out.
  core::Status ReadVariables(const core::Value& source) {
    core::Result<std::string> bytes = kustomization_.ReadFile(files_, source, field_);
    if (!bytes) return bytes.error();
    std::string_view rest = *bytes;
    if (rest.starts_with("\xEF\xBB\xBF")) rest.remove_prefix(3);
    for (size_t number = 1; !rest.empty(); ++number) {
      const size_t end = std::min(rest.find('\n'), rest.size());
      std::string_view line = rest.substr(0, end);
      rest.remove_prefix(std::min(end + 1, rest.size()));
      if (line.ends_with('\r')) line.remove_suffix(1);
      line.remove_prefix(std::min(line.find_first_not_of(" \t\r\v\f"), line.size()));
      if (line.empty() || line[0] == '#') continue;
      const size_t equals = line.find('=');
      const std::string key(line.substr(0, equals));
      const std::string place = fmt::format("{}:{}: ", *source.AsString(), number);
      if (!IsUtf8(line)) return Fail(source, place + "UTF-8 expected");
      if (!IsVariable(key)) return Fail(source, place + "NAME=VALUE expected");
      core::Status added =
          Add(source, key,
              equals == std::string_view::npos ? "" : std::string(line.substr(equals + 1)));
      if (!added) return added;
    }
    return core::Ok();
  }

  core::Status Add(const core::Value& source, const std::string& key, std::string bytes) {
    if (!IsKey(key)) {
      // The key is not shown: it may be a part of a secret that was written without one.
      return Fail(source, "a key of letters, digits, '-', '_' and '.' expected");
    }
    if (!data_.emplace(key, std::move(bytes)).second) {
      return Fail(source, fmt::format("key \"{}\" is given twice", key));
    }
    return core::Ok();
  }

  // The entry's options, and where they are silent those of all generators.
  void AddOptions(Resource* resource) const {
    const core::Value* all = kustomization_.body.Find("generatorOptions");
    const core::Value* own = entry_.Find("options");
    bool immutable = false;
    resource->needs_hash = true;
    for (const core::Value* options : {all, own}) {
      if (!options) continue;
      for (const auto& [key, text] : SortedStrings(options->Find("labels"))) {
        core::SetLabel(&resource->object.body, key, text);
      }
      for (const auto& [key, text] : SortedStrings(options->Find("annotations"))) {
        core::SetAnnotation(&resource->object.body, key, text);
      }
      if (options->BoolAt(false, "disableNameSuffixHash")) resource->needs_hash = false;
      if (options->BoolAt(false, "immutable")) immutable = true;
    }
    if (immutable) resource->object.body.MakeMap().Set("immutable", true);
  }

  const core::FileTree& files_;
  const Kustomization& kustomization_;
  std::string field_;
  const core::Value& entry_;
  Data data_;
};

// Adds what `old` has at a path and `made` has not.
void MergeStrings(const core::Value& old, std::initializer_list<std::string_view> path,
                  core::Value* made) {
  const core::Value* from = &old;
  for (std::string_view key : path) {
    from = from->Find(key);
    if (!from || !from->is_map()) return;
  }
  if (from->AsMap()->empty()) return;
  core::Value* to = made;
  for (std::string_view key : path) to = &to->MakeMap()[key];
  for (const core::Map::Entry& entry : *from->AsMap()) {
    if (!to->Find(entry.first)) to->MakeMap().Set(entry.first, entry.second);
  }
}

// Puts a generated object in the place of one that is there: it keeps that one's name, history and
// metadata, and with behavior "merge" its data.
void Supersede(Resource made, bool merge, Resource* old) {
  core::Value& body = made.object.body;
  const core::Value& old_body = old->object.body;
  MergeStrings(old_body, {"metadata", "labels"}, &body);
  MergeStrings(old_body, {"metadata", "annotations"}, &body);
  SetName(&body, core::NameOf(old_body));
  SetNamespace(&body, core::NamespaceOf(old_body));
  if (merge) {
    MergeStrings(old_body, {"data"}, &body);
    MergeStrings(old_body, {"binaryData"}, &body);
  }
  made.previous = old->previous;
  made.prefixes = old->prefixes;
  made.suffixes = old->suffixes;
  made.needs_hash = made.needs_hash && old->needs_hash;
  *old = std::move(made);
}

core::Status Absorb(const Kustomization& kustomization, const std::string& field,
                    const core::Value& entry, Resource made, Resources* all) {
  const std::string& behavior = entry.StringAt("behavior");
  if (!behavior.empty() && behavior != "create" && behavior != "merge" && behavior != "replace") {
    return kustomization.At(*entry.Find("behavior"), field + ".behavior",
                            "create, merge or replace expected");
  }
  const Id id = IdOf(made.object.body);
  core::Result<Resource*> old = FindById(all, id);
  const bool changes = behavior == "merge" || behavior == "replace";
  if (old && changes) {
    Supersede(std::move(made), behavior == "merge", *old);
    return core::Ok();
  }
  if (old) {
    return kustomization.At(entry, field,
                            fmt::format("{} is there already, from {}; behavior: merge or replace "
                                        "would change it",
                                        Show(id), core::Where((*old)->object)));
  }
  if (old.error().fault() != core::Fault::kNotFound) {
    return old.error().In(kustomization.Place(entry, field));
  }
  if (changes) {
    return kustomization.At(
        entry, field, fmt::format("behavior: {}: no {} is there to change", behavior, Show(id)));
  }
  return Append(std::move(made), all);
}

// JSON as Go writes it, in which hashes were first computed: it escapes what HTML would.
std::string GoJson(const core::Value& value) {
  static constexpr std::pair<std::string_view, std::string_view> kEscapes[] = {
      {"<", "\\u003c"},
      {">", "\\u003e"},
      {"&", "\\u0026"},
      {"\xE2\x80\xA8", "\\u2028"},
      {"\xE2\x80\xA9", "\\u2029"}};
  std::string json = core::ToCanonicalJson(value);
  for (const auto& [from, to] : kEscapes) {
    for (size_t at = json.find(from); at != std::string::npos;
         at = json.find(from, at + to.size())) {
      json.replace(at, from.size(), to);
    }
  }
  return json;
}

}  // namespace

core::Status Generate(const core::FileTree& files, const Kustomization& kustomization,
                      Resources* all) {
  for (const char* field : {"configMapGenerator", "secretGenerator"}) {
    for (const core::Value& entry : kustomization.body.ListAt(field)) {
      core::Result<Resource> made = Generator(files, kustomization, field, entry).Make();
      if (!made) return made.error();
      core::Status absorbed = Absorb(kustomization, field, entry, *std::move(made), all);
      if (!absorbed) return absorbed;
    }
  }
  return core::Ok();
}

std::string HashSuffix(const core::Value& body) {
  const bool secret = body.StringAt("kind") == "Secret";
  // The name is left empty: kustomize looks it up in a wrong place, and its hashes are what counts.
  core::Map hashed{{"kind", body.StringAt("kind")}, {"name", ""}};
  const core::Value* data = body.Find("data");
  hashed.Set("data", data ? *data : core::Value(""));
  if (secret) hashed.Set("type", body.StringAt("type"));
  const char* further = secret ? "stringData" : "binaryData";
  if (const core::Value* more = body.Find(further); more && more->is_map())
    hashed.Set(further, *more);
  std::string suffix(core::Short(core::Sha256(GoJson(core::Value(std::move(hashed)))), 10));
  // Digits and vowels that could make words or be misread are replaced.
  static constexpr std::pair<char, char> kReplaced[] = {
      {'0', 'g'}, {'1', 'h'}, {'3', 'k'}, {'a', 'm'}, {'e', 't'}};
  for (char& c : suffix) {
    for (const auto& [from, to] : kReplaced) {
      if (c == from) {
        c = to;
        break;
      }
    }
  }
  return suffix;
}

}  // namespace headgate::templating
