#pragma once

#include "cli/commands.h"
#include "cli/session.h"
#include "core/result.h"

namespace headgate::cli {

// `headgate apply -f`: what the daemon does for an Application, done once from here: hooks, waves,
// prune, and with --wait until all is healthy. What was applied is remembered in a Secret
// `headgate-apply.NAME` in the destination namespace, so that the next run can prune.
core::Status ApplyDirectory(const Session& session, const ApplyOptions& options);

}  // namespace headgate::cli
