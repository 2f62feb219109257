#pragma once

#include <string>

#include "templating/helm/function.h"

namespace headgate::templating::helm {

// A value as BurntSushi/toml 1.6.0 writes it. False where it cannot be: `error` says why, and is
// empty where the text would be larger than `bytes_max`.
bool WriteToml(const Value& value, size_t bytes_max, std::string* out, std::string* error);

}  // namespace headgate::templating::helm
