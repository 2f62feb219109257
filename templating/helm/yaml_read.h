#pragma once

#include <optional>
#include <string_view>

#include "core/result.h"
#include "templating/helm/value.h"
#include "templating/yaml/node.h"
#include "templating/yaml/parse.h"

namespace headgate::templating::helm {

// YAML as Helm reads values, Chart.yaml and manifests: go-yaml 2 (yes and on are true, 017 is 15,
// of a key given twice the last value counts, "<<" overrides what stands above it), then through
// JSON (keys become strings, numbers float64; .inf and null as a key are faults).
struct YamlReading {
  bool keep_numbers = false;  // int64, uint64 or float64, as they were read
  uint32_t first_line = 1;    // of the file, where `text` is a piece of it
  yaml::Limits limits = {};
};

// The first document of a text, its texts copied to the heap; nil where there is none. kInvalid:
// "FILE:LINE:COLUMN: what was expected, what was found".
core::Result<Value> ReadYaml(std::string_view text, std::string_view file, Heap* heap,
                             const YamlReading& reading = {});

// The same of a document that was parsed with YamlParsing: keys as often as they come, and "<<" as
// an entry.
core::Result<Value> FromYamlNode(const yaml::Node& node, std::string_view file, Heap* heap,
                                 const YamlReading& reading = {});
yaml::ParseOptions YamlParsing(const YamlReading& reading);

// What go-yaml 2 makes of a plain scalar: nil, a bool, int64, uint64, float64, or the text itself.
Value ResolveYaml(std::string_view text);

// A number or bool as text, where a string is wanted: "1.5", "true". Floats have the digits of 32
// bits, as there. Nothing for other values.
std::optional<std::string> ScalarText(const Value& value);

}  // namespace headgate::templating::helm
