#include "templating/objects.h"

#include <fmt/format.h>

#include <map>
#include <utility>

#include "templating/yaml/yaml.h"

namespace headgate::templating {

// Lists may hold lists.
core::Status AppendObjects(core::Value body, const std::string& file, core::Objects* objects) {
  core::Value* items = body.Find("items");
  if (body.StringAt("kind").ends_with("List") && items && (items->is_list() || items->is_null())) {
    for (core::Value& item : items->MakeList()) {
      core::Status added = AppendObjects(std::move(item), file, objects);
      if (!added) return added;
    }
    return core::Ok();
  }
  core::Object object{std::move(body), file};
  core::Status checked = core::CheckObject(object.body);
  if (!checked) return checked.error().In(core::Where(object));
  objects->push_back(std::move(object));
  return core::Ok();
}

core::Result<core::Objects> ParseObjects(std::string_view text, const std::string& file) {
  core::Result<std::vector<core::Value>> documents = ParseYaml(text, file);
  if (!documents) return documents.error();
  core::Objects objects;
  for (core::Value& document : *documents) {
    core::Status added = AppendObjects(std::move(document), file, &objects);
    if (!added) return added.error();
  }
  return objects;
}

core::Result<core::Objects> ReadObjects(const core::FileTree& files, const std::string& file) {
  core::Result<std::string> text = files.Read(file);
  if (!text) return text.error();
  return ParseObjects(*text, file);
}

core::Status CheckUnique(const core::Objects& objects) {
  std::map<core::ObjectRef, const core::Object*> seen;
  for (const core::Object& object : objects) {
    const core::ObjectRef ref = core::RefOf(object.body);
    auto [at, added] = seen.emplace(ref, &object);
    if (added) continue;
    return core::Invalid(fmt::format("{}: {} stands in {} already; remove or rename one",
                                     core::Where(object), core::Show(ref),
                                     core::Where(*at->second)));
  }
  return core::Ok();
}

}  // namespace headgate::templating
