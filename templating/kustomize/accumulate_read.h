#pragma once

#include <string_view>
#include <vector>

#include "core/result.h"
#include "templating/kustomize/build.h"
#include "templating/kustomize/resource.h"
#include "templating/yaml/node.h"

namespace headgate::templating::kustomize {

// A piece of a file between two lines that begin with "---", as kustomize cuts it before any YAML
// is read. Of a piece it reads the first document.
struct Piece {
  std::string_view text;
  uint32_t line;  // of the file, where the piece begins
};
// kInvalid for a line that begins with "---" and goes on with anything but a comment: it would be a
// document for YAML, and is none for kustomize.
core::Result<std::vector<Piece>> SplitPieces(std::string_view text, std::string_view file,
                                             uint32_t first_line = 1);

// The objects of a file (or of a text in a kustomization), lists flattened: what lists held comes
// after everything else. Empty documents are left out. kInvalid: "FILE:LINE:..." for bad YAML, and
// for objects without kind or name.
core::Result<std::vector<yaml::Node*>> ReadObjects(std::string_view text, std::string_view file,
                                                   yaml::Arena* arena, uint32_t first_line = 1);

// The same of a whole file.
core::Result<std::vector<yaml::Node*>> ParseObjects(std::string_view text, std::string_view file,
                                                    yaml::Arena* arena);

// As resources, of the file that is at `path` in the tree.
core::Result<std::vector<std::unique_ptr<Resource>>> ReadResources(std::string_view text,
                                                                   std::string_view file,
                                                                   std::string_view path,
                                                                   Build* build,
                                                                   uint32_t first_line = 1);
// The same of objects that stay as they are.
std::vector<std::unique_ptr<Resource>> CloneResources(const std::vector<yaml::Node*>& objects,
                                                      std::string_view file, std::string_view path,
                                                      Build* build);
std::unique_ptr<Resource> MakeResource(yaml::Node* body, std::string_view file,
                                       std::string_view path, Build* build);

// Null, or a mapping or list without entries: kustomize drops such objects wherever it meets them.
bool IsEmpty(const yaml::Node& node);

}  // namespace headgate::templating::kustomize
