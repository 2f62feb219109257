#include <fmt/format.h>
#include <re2/re2.h>

#include "templating/kustomize_first/field_spec.h"
#include "templating/kustomize_first/transform.h"

namespace headgate::templating {
namespace {

struct Image {
  std::string name, tag, digest;
};

// "host:5000/app:v1@sha256:..." in its parts.
Image Split(const std::string& text) {
  const size_t slash = text.find('/');
  const size_t from = slash == std::string::npos ? 0 : slash;
  const size_t at = text.find('@', from);
  size_t colon = text.find(':', from);
  if (at != std::string::npos && colon != std::string::npos && at < colon) {
    colon = std::string::npos;
  }
  Image image;
  image.name = text.substr(0, std::min({at, colon, text.size()}));
  if (colon != std::string::npos) {
    const size_t end = std::min(at, text.size());
    image.tag = text.substr(colon + 1, end - colon - 1);
  }
  if (at != std::string::npos) image.digest = text.substr(at + 1);
  return image;
}

// One entry of `images`, with the pattern of the images it is about.
class Change {
 public:
  explicit Change(const core::Value& entry)
      : entry_(entry),
        // The name is a regular expression in kustomize, too.
        pattern_(entry.StringAt("name") +
                     "(:[a-zA-Z0-9_.{}-]*)?(@[a-zA-Z0-9]+([.+_-][a-zA-Z0-9]+)*:[a-zA-Z0-9_.{}-]*)?",
                 RE2::Quiet) {}

  void Apply(core::Value* value) const {
    const std::string* text = value->AsString();
    if (!text || !pattern_.ok() || !RE2::FullMatch(*text, pattern_)) return;
    Image image = Split(*text);
    const std::string& tag = entry_.StringAt("newTag");
    const std::string& digest = entry_.StringAt("digest");
    const std::string& suffix = entry_.StringAt("tagSuffix");
    if (!entry_.StringAt("newName").empty()) image.name = entry_.StringAt("newName");
    if (!tag.empty() || !digest.empty()) {
      image.tag = tag;
      image.digest = digest;
    } else if (!suffix.empty()) {
      image.tag += suffix;
      image.digest.clear();
    }
    std::string changed = image.name;
    if (!image.tag.empty()) changed += ":" + image.tag;
    if (!image.digest.empty()) changed += "@" + image.digest;
    const core::Mark mark = value->mark();
    *value = changed;
    value->set_mark(mark);
  }

  // In every list called containers or initContainers, wherever it stands.
  void ApplyBelow(core::Value* value) const {
    if (core::List* list = value->AsList()) {
      for (core::Value& item : *list) ApplyBelow(&item);
    }
    core::Map* map = value->AsMap();
    if (!map) return;
    for (core::Map::Entry& entry : *map) {
      ApplyBelow(&entry.second);
      if (entry.first != "containers" && entry.first != "initContainers") continue;
      if (!entry.second.is_list()) continue;
      for (core::Value& item : entry.second.MakeList()) {
        if (core::Value* image = item.Find("image")) Apply(image);
      }
    }
  }

 private:
  const core::Value& entry_;
  RE2 pattern_;
};

// Source: kustomize's built-in configuration "images". Containers are found by ApplyBelow.
const FieldSpecs& VolumeFields() {
  static const FieldSpecs specs{{"spec/volumes[]/image/reference"},
                                {"spec/template/spec/volumes[]/image/reference"}};
  return specs;
}

}  // namespace

core::Status SetImages(const Kustomization& kustomization, Resources* all) {
  for (const char* field : {"images", "imageTags"}) {
    for (const core::Value& entry : kustomization.body.ListAt(field)) {
      const Change change(entry);
      const Setter set = [&](core::Value* value) -> core::Status {
        change.Apply(value);
        return core::Ok();
      };
      for (Resource& resource : *all) {
        core::Value& body = resource.object.body;
        if (body.StringAt("kind") != "CustomResourceDefinition") change.ApplyBelow(&body);
        core::Status applied = Apply(VolumeFields(), Made::kScalar, set, &body);
        if (!applied) return applied.error().In(kustomization.Place(entry, field));
      }
    }
  }
  return core::Ok();
}

}  // namespace headgate::templating
