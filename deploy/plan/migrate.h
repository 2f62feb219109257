#pragma once

#include <optional>

#include "core/value.h"

namespace headgate::deploy {

// Fields that tools left behind which deployed an object before: kubectl apply, create and replace,
// Flux, Argo CD, Helm. Nobody else takes them away when git has them no more, so they become ours
// once. Pure.

// The value of metadata.managedFields with these tools' fields as ours; nothing where there are
// none.
std::optional<core::Value> Migrated(const core::Value& live);
// `live` with it, as if it were migrated already.
core::Value AsMigrated(const core::Value& live);

}  // namespace headgate::deploy
