#pragma once

#include <cstddef>

extern "C" {
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
}

namespace headgate::deploy {

// Inside of deploy/health: what a script may call.

inline constexpr size_t kScriptAllocatedMax = 512 * 1024 * 1024;  // in all, freed or not

// What one run has used up.
struct ScriptBudget {
  size_t memory = 0;                   // bytes held
  size_t allocated = 0;                // bytes ever asked for: what string.rep costs in time
  size_t block_max = 4 * 1024 * 1024;  // largest block; for the object larger than for the script
  double began_seconds = 0;            // of this thread's processor time
  int steps = 0;
  double matches = 0;  // that patterns may have tried
};
ScriptBudget* BudgetOf(lua_State* lua);

// The libraries of HealthScript as globals, and nothing else.
void OpenScriptLibraries(lua_State* lua);

}  // namespace headgate::deploy
