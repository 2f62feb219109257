#pragma once

#include <string>
#include <vector>

#include "core/application.h"
#include "core/result.h"
#include "core/value.h"
#include "deploy/health/health.h"

namespace headgate::deploy {

// A team's own judgement of a kind, in Lua, with Argo CD's contract: the object is the global
// `obj`, and the script returns a table with `status` ("Healthy", "Progressing", "Degraded",
// "Suspended", "Missing", "Unknown") and, if it likes, `message`.
//
// What a script has: the language, `string` and `table` (with Lua 5.1's table.getn), `math`,
// `pcall`, `os.time` of a given time. What it has not: files, processes,
// modules, bytecode, the clock, metatables, coroutines.
using HealthScript = core::HealthScript;
using HealthScripts = std::vector<HealthScript>;

// What one run may use; beyond it is an error.
inline constexpr int kScriptStepsMax = 1'000'000;                  // of Lua's machine
inline constexpr size_t kScriptMemoryBytesMax = 32 * 1024 * 1024;  // the object included
inline constexpr size_t kScriptBlockBytesMax = 512 * 1024;         // one string, one table
inline constexpr double kScriptSecondsMax = 2;                     // of the processor
inline constexpr double kScriptMatchesMax = 5e7;          // that patterns may try, at the worst
inline constexpr size_t kScriptTextBytesMax = 64 * 1024;  // of the script itself

// kInvalid: "line 3: '=' expected near 'x'".
core::Status CheckScript(const std::string& lua);

// Never fails: a script that does is kUnknown, with the reason.
Health RunScript(const std::string& lua, const core::Value& object);

// The first script of a list that is for an object's kind; nullptr where none is.
const HealthScript* ScriptFor(const HealthScripts& scripts, const core::Value& object);

// AssessHealth, but kinds with a script are judged by it; not what is being deleted.
Health AssessHealth(const core::Value& object, const HealthScripts& scripts);

}  // namespace headgate::deploy
