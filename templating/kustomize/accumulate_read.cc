#include "templating/kustomize/accumulate_read.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>

#include "templating/yaml/parse.h"

namespace headgate::templating::kustomize {
namespace {

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f'; }

// "\r\n" becomes "\n", as kustomize does before it splits.
std::string_view UnixLines(std::string_view text, yaml::Arena* arena) {
  if (text.find("\r\n") == text.npos) return text;
  std::string lines;
  lines.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') continue;
    lines += text[i];
  }
  return arena->Keep(std::move(lines));
}

core::Error At(std::string_view file, const yaml::Node& node, std::string_view what) {
  if (node.line == 0) return core::Invalid(fmt::format("{}: {}", file, what));
  return core::Invalid(fmt::format("{}:{}: {}", file, node.line, what));
}

std::string_view KindOf(const yaml::Node& object) { return object.TextAt("kind"); }

// Every object has a kind, and what is no list a name.
core::Status CheckMetadata(const yaml::Node& object, std::string_view file) {
  if (!object.is_mapping()) {
    return At(file, object, "a Kubernetes object expected, found a list or a text");
  }
  const yaml::Node* kind = object.Find("kind");
  if (!kind || kind->text().empty() || IsEmpty(*kind)) {
    return At(file, object,
              "object without kind; every object needs apiVersion, kind and "
              "metadata.name");
  }
  if (kind->text().ends_with("List")) return core::Ok();
  const yaml::Node* name = object.Find("metadata", "name");
  if (!name || name->text().empty() || IsEmpty(*name)) {
    return At(file, object, fmt::format("{} without metadata.name", kind->text()));
  }
  return core::Ok();
}

// Whether a single document is a list whose items are taken out before anything else.
bool IsPlainList(const yaml::Node& object) {
  const std::string_view kind = KindOf(object);
  return (kind == "List" || kind == "ResourceList") &&
         (object.Find("items") || object.Find("functionConfig"));
}

// Adds what a list holds; null items are dropped later.
void TakeItems(const yaml::Node* items, std::deque<yaml::Node*>* to) {
  if (!items || items->is_scalar()) return;
  to->insert(to->end(), items->children().begin(), items->children().end());
}

core::Result<std::deque<yaml::Node*>> ReadDocuments(std::string_view text, std::string_view file,
                                                    yaml::Arena* arena, uint32_t first_line) {
  const core::Result<std::vector<Piece>> pieces = SplitPieces(text, file, first_line);
  if (!pieces) return pieces.error();
  std::deque<yaml::Node*> objects;
  for (const Piece& piece : *pieces) {
    // A comment may be the schema of the field that it stands at: "# {...}".
    const bool schemas =
        piece.text.find("# {") != piece.text.npos || piece.text.find("#{") != piece.text.npos;
    const yaml::ParseOptions options{
        .keep_comments = schemas, .first_only = true, .first_line = piece.line};
    const core::Result<std::vector<yaml::Node*>> documents =
        yaml::Parse(piece.text, file, arena, options);
    if (!documents) return documents.error();
    if (documents->empty() || documents->front()->is_null()) continue;
    yaml::Node* object = documents->front();
    if (pieces->size() == 1 && IsPlainList(*object)) {
      TakeItems(object->Find("items"), &objects);
    } else {
      objects.push_back(object);
    }
  }
  return objects;
}

}  // namespace

bool IsEmpty(const yaml::Node& node) {
  return node.is_null() || (!node.is_scalar() && node.size == 0);
}

core::Result<std::vector<Piece>> SplitPieces(std::string_view text, std::string_view file,
                                             uint32_t first_line) {
  constexpr std::string_view kSeparator = "\n---";
  std::vector<Piece> pieces;
  size_t from = 0;
  uint32_t line = first_line;  // of `counted`
  size_t counted = 0;
  const auto line_of = [&](size_t at) {
    line += static_cast<uint32_t>(std::count(text.begin() + static_cast<ptrdiff_t>(counted),
                                             text.begin() + static_cast<ptrdiff_t>(at), '\n'));
    counted = at;
    return line;
  };
  for (size_t at = text.find(kSeparator); at != text.npos; at = text.find(kSeparator, at)) {
    const size_t rest = at + kSeparator.size();
    const size_t end = text.find('\n', rest);
    if (end == text.npos) break;
    size_t word = rest;
    while (word < end && IsSpace(text[word])) ++word;
    if (word < end && text[word] != '#') {
      return core::Invalid(fmt::format("{}:{}: nothing but a comment may follow --- on its line",
                                       file, line_of(rest)));
    }
    // The piece keeps the end of its last line.
    pieces.push_back({text.substr(from, at + 1 - from), line_of(from)});
    from = end + 1;
    at = end + 1;
  }
  if (!text.empty()) pieces.push_back({text.substr(from), line_of(from)});
  return pieces;
}

core::Result<std::vector<yaml::Node*>> ReadObjects(std::string_view text, std::string_view file,
                                                   yaml::Arena* arena, uint32_t first_line) {
  core::Result<std::deque<yaml::Node*>> read =
      ReadDocuments(UnixLines(text, arena), file, arena, first_line);
  if (!read) return read.error();
  std::vector<yaml::Node*> objects;
  std::deque<yaml::Node*>& left = *read;
  // All are looked at before any list is opened, as there: which error comes first depends on it.
  for (const yaml::Node* object : left) {
    if (IsEmpty(*object)) continue;
    if (core::Status fine = CheckMetadata(*object, file); !fine) return fine.error();
  }
  for (; !left.empty(); left.pop_front()) {
    yaml::Node* object = left.front();
    if (IsEmpty(*object)) continue;
    if (core::Status fine = CheckMetadata(*object, file); !fine) return fine.error();
    const yaml::Node* items = KindOf(*object).ends_with("List") ? object->Find("items") : nullptr;
    if (!items) {
      objects.push_back(object);
    } else if (items->is_sequence()) {
      TakeItems(items, &left);
    } else if (!items->is_null()) {
      return At(file, *items, fmt::format("{}: items: a list expected", KindOf(*object)));
    }
  }
  return objects;
}

core::Result<std::vector<yaml::Node*>> ParseObjects(std::string_view text, std::string_view file,
                                                    yaml::Arena* arena) {
  return ReadObjects(text, file, arena);
}

std::unique_ptr<Resource> MakeResource(yaml::Node* body, std::string_view file,
                                       std::string_view path, Build* build) {
  auto resource = std::make_unique<Resource>();
  resource->body = body;
  resource->file = file;
  resource->path = path;
  ReadHistory(resource.get(), build);
  return resource;
}

core::Result<std::vector<std::unique_ptr<Resource>>> ReadResources(std::string_view text,
                                                                   std::string_view file,
                                                                   std::string_view path,
                                                                   Build* build,
                                                                   uint32_t first_line) {
  const core::Result<std::vector<yaml::Node*>> objects =
      ReadObjects(text, file, build->arena, first_line);
  if (!objects) return objects.error();
  std::vector<std::unique_ptr<Resource>> resources;
  resources.reserve(objects->size());
  for (yaml::Node* body : *objects) resources.push_back(MakeResource(body, file, path, build));
  return resources;
}

std::vector<std::unique_ptr<Resource>> CloneResources(const std::vector<yaml::Node*>& objects,
                                                      std::string_view file, std::string_view path,
                                                      Build* build) {
  std::vector<std::unique_ptr<Resource>> resources;
  resources.reserve(objects.size());
  for (const yaml::Node* object : objects) {
    resources.push_back(MakeResource(build->arena->Clone(*object), file, path, build));
  }
  return resources;
}

}  // namespace headgate::templating::kustomize
