#pragma once

#include <string_view>

#include "core/result.h"
#include "templating/helm/value.h"

namespace headgate::templating::helm {

// TOML 1.0 (and what BurntSushi/toml 1.6.0 takes of 1.1) as that library decodes it into a map:
// integers are int64, times are time.Time, arrays of tables []map[string]interface {}. Texts live
// in the heap. kInvalid in its words: "toml: line 3 (last key \"a.b\"): ...".
core::Result<Value> ReadToml(std::string_view text, Heap* heap);

}  // namespace headgate::templating::helm
