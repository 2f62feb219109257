#pragma once

#include <string>

#include "templating/helm/function.h"
#include "templating/helm/functions/plain_form.h"
#include "templating/yaml/node.h"

namespace headgate::templating::helm {

// A value as a tree that the printers of templating/yaml print. What such a tree may hold:
// `bytes_max`, of its nodes and texts. Texts are viewed, or live in the arena or the heap.
// nullptr where it has no such form: `error` says why, and is empty where it would be too large.
yaml::Node* ToYamlNode(Heap* heap, yaml::Arena* arena, const Value& value, Encoding encoding,
                       size_t bytes_max, std::string* error);

}  // namespace headgate::templating::helm
