#include "templating/kustomize/patches.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "templating/kustomize/accumulate_read.h"
#include "templating/kustomize/json6902.h"
#include "templating/kustomize/patches_apply.h"
#include "templating/kustomize/resource_history.h"
#include "templating/kustomize/selector.h"

namespace headgate::templating::kustomize {
namespace {

std::string_view Trim(std::string_view text) {
  constexpr std::string_view kSpaces = " \t\r\n\v\f";
  const size_t from = text.find_first_not_of(kSpaces);
  if (from == text.npos) return "";
  return text.substr(from, text.find_last_not_of(kSpaces) + 1 - from);
}

// Whether a text begins as a list does: then it is a JSON patch, or nothing.
bool LooksLikeList(std::string_view text) {
  text = Trim(text);
  while (text.starts_with('#') || text.starts_with("---")) {
    const size_t end = text.find('\n');
    if (end == text.npos) return false;
    text = Trim(text.substr(end));
  }
  return text.starts_with('[') || text.starts_with("- ") || text.starts_with("-\n");
}

}  // namespace

Patches::Source Patches::InPlace(const Text& patch) const {
  return {patch.value, file_, "", patch.text_line ? patch.text_line : 1};
}

// White space around a patch goes, even where it ends a block text of the patch.
Patches::Source Patches::Trimmed(const Text& patch) const {
  Source source = InPlace(patch);
  const std::string_view text = Trim(patch.value);
  source.line += static_cast<uint32_t>(std::count(source.text.data(), text.data(), '\n'));
  source.text = text;
  return source;
}

core::Result<Patches::Source> Patches::Open(std::string_view path) const {
  const core::Result<const File*> file = loader_.Load(path);
  if (!file) return file.error();
  yaml::Arena* arena = build_.arena;
  return Source{(*file)->text, arena->Copy(loader_.files().Show((*file)->path)),
                arena->Copy((*file)->path), 1, *file};
}

core::Result<Patches::Resources> Patches::Read(const Source& source) const {
  const auto* trees = source.file ? loader_.files().Trees(*source.file, ParseObjects) : nullptr;
  core::Result<Resources> read =
      trees ? CloneResources(*trees, source.shown, source.path, &build_)
            : ReadResources(source.text, source.shown, source.path, &build_, source.line);
  if (!read) return read;
  for (const auto& patch : *read) patch->id = IdOf(*patch->body, build_);
  return read;
}

core::Result<Change> Patches::Any(const PatchArgs& args) const {
  const std::string_view in_place = Trim(args.patch.value);
  if (in_place.empty() && args.path.empty()) {
    return core::Invalid("patch or path expected, found neither");
  }
  if (!in_place.empty() && !args.path.empty()) {
    return core::Invalid("patch or path expected, found both");
  }
  const core::Result<Source> source = in_place.empty() ? Open(args.path) : Trimmed(args.patch);
  if (!source) return source.error();
  return AnyOf(*source, args);
}

core::Result<Change> Patches::AnyOf(const Source& source, const PatchArgs& args) const {
  if (LooksLikeList(source.text)) {
    core::Result<JsonPatch> json =
        ParseJsonPatch(source.text, source.shown, build_.arena, source.line);
    if (!json) return json.error();
    if (json->operations.empty()) return Change([](Build*, ResourceMap*) { return core::Ok(); });
    if (!args.target) return core::Invalid("target expected: a JSON 6902 patch names no object");
    return Change([json = std::make_shared<JsonPatch>(std::move(*json)), target = *args.target](
                      Build* build, ResourceMap* all) {
      return ApplyJsonToTarget(*json, target, /*keep_id=*/true, build, all);
    });
  }
  core::Result<Resources> patches = Read(source);
  if (!patches) return patches.error();
  for (const auto& patch : *patches) {
    patch->allow_name_change |= args.options && args.options->allow_name_change;
    patch->allow_kind_change |= args.options && args.options->allow_kind_change;
    if (patch->allow_name_change || patch->allow_kind_change) MarkHistory(patch.get(), &build_);
  }
  auto shared = std::make_shared<Resources>(std::move(*patches));
  if (!args.target) {
    return Change([shared](Build* build, ResourceMap* all) {
      return ApplyByOwnId(*shared, /*as_there=*/true, build, all);
    });
  }
  if (shared->size() > 1) {
    return core::Invalid("one strategic merge patch expected where there is a target, found " +
                         std::to_string(shared->size()));
  }
  if (shared->empty()) return Change([](Build*, ResourceMap*) { return core::Ok(); });
  return Change([shared, target = *args.target](Build* build, ResourceMap* all) {
    return ApplyToTarget(*shared->front(), target, build, all);
  });
}

core::Result<Patches::Resources> Patches::ReadAll(const std::vector<Text>& patches,
                                                  const Text& more) const {
  Resources all;
  for (const Text& text : patches) {
    // A text that cannot be read as a patch is the path of a file.
    core::Result<Resources> read = Read(InPlace(text));
    if (!read) {
      const bool one_line = text.value.find('\n') == text.value.npos;
      const core::Error first = read.error();
      const core::Result<Source> file = Open(text.value);
      if (!file) return one_line ? file.error() : first;
      read = Read(*file);
    }
    if (!read) return read;
    std::move(read->begin(), read->end(), std::back_inserter(all));
  }
  if (more.value.empty()) return all;
  core::Result<Resources> read = Read(InPlace(more));
  if (!read) return read;
  std::move(read->begin(), read->end(), std::back_inserter(all));
  return all;
}

core::Result<Change> Patches::Strategic(const std::vector<Text>& patches, const Text& more) const {
  core::Result<Resources> read = ReadAll(patches, more);
  if (!read) return read.error();
  if (read->empty()) return core::Invalid("a strategic merge patch expected, found nothing");
  return Change(
      [shared = std::make_shared<Resources>(std::move(*read))](Build* build, ResourceMap* all) {
        return ApplyByOwnId(*shared, /*as_there=*/false, build, all);
      });
}

core::Result<Change> Patches::Json6902(const PatchArgs& args) const {
  if (!args.target || args.target->name.empty()) {
    return core::Invalid("target.name expected: a JSON 6902 patch names no object");
  }
  if (args.patch.value.empty() == args.path.empty()) {
    return core::Invalid(args.path.empty() ? "patch or path expected, found neither"
                                           : "patch or path expected, found both");
  }
  const core::Result<Source> source = args.path.empty() ? InPlace(args.patch) : Open(args.path);
  if (!source) return source.error();
  core::Result<JsonPatch> json =
      ParseJsonPatch(source->text, source->shown, build_.arena, source->line);
  if (!json) return json.error();
  if (json->operations.empty()) return core::Invalid("operations expected, found none");
  return Change([json = std::make_shared<JsonPatch>(std::move(*json)), target = *args.target](
                    Build* build, ResourceMap* all) {
    return ApplyJsonToTarget(*json, target, /*keep_id=*/false, build, all);
  });
}

}  // namespace headgate::templating::kustomize
