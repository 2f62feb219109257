#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "core/result.h"
#include "templating/helm/chart/limits.h"
#include "templating/helm/value.h"

namespace headgate::templating::helm {

// Lines of --set and its relatives, as Helm's strvals reads them: "a.b=1,c[0].d=x,e={1,2}".
enum class SetKind {
  kTyped,    // --set: true, false, null, integers; everything else is a string
  kString,   // --set-string
  kFile,     // --set-file: values are files' names
  kJson,     // --set-json, of the form a=1,b={"c": 2}
  kLiteral,  // --set-literal: one value, taken as it is
};

// What a file holds, for kFile.
using FileReader = std::function<core::Result<std::string>(const std::string& name)>;

// Merges a line into `values`, changing it in place; as there, what comes before a fault has been
// merged when it is found. kInvalid says what is wrong, with Helm's words where people know them.
core::Status ApplySet(SetKind kind, std::string_view line, Map* values, Heap* heap,
                      const ChartLimits& limits, const FileReader& read = {});

}  // namespace headgate::templating::helm
