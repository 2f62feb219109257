#pragma once

#include <string>
#include <string_view>

#include "templating/yaml/node.h"

namespace headgate::templating {

// The first document of a text; a failure of the test and null where it is no YAML.
yaml::Node* ReadNode(yaml::Arena* arena, std::string_view text);

// On one line: {a: 1, b: [x, "2"]}. Strings in quotes only where they would be read as something
// else; scalars without a tag behind a '?'.
std::string ShowNode(const yaml::Node& node);

}  // namespace headgate::templating
