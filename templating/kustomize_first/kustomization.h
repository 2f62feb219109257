#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/file_tree.h"
#include "core/result.h"
#include "core/value.h"

namespace headgate::templating {

// One kustomization file, its fields checked: known, supported and of the right type.
struct Kustomization {
  std::string directory;
  std::string file;
  core::Value body;

  bool is_component() const { return body.StringAt("kind") == "Component"; }

  // "DIR/kustomization.yaml:4: FIELD: text"
  core::Error At(const core::Value& value, std::string_view field, std::string_view text) const;
  std::string Place(const core::Value& value, std::string_view field) const;  // without the text

  // The bytes of a file that a field names; it must lie in the kustomization's directory or below.
  core::Result<std::string> ReadFile(const core::FileTree& files, const core::Value& name,
                                     std::string_view field, std::string* path = nullptr) const;
};

// kNotFound where the directory has no kustomization file; kInvalid where it has several, or where
// the file has fields that are unknown, of the wrong type or not supported yet.
core::Result<Kustomization> LoadKustomization(const core::FileTree& files,
                                              const std::string& directory);

// A mapping's strings, sorted by key; empty where there is none.
std::vector<std::pair<std::string, std::string>> SortedStrings(const core::Value* map);

}  // namespace headgate::templating
