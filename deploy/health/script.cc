#include "deploy/health/script.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <optional>

#include "core/object.h"
#include "deploy/health/expression.h"
#include "deploy/health/script_library.h"

namespace headgate::deploy {
namespace {

constexpr int kStepsAtOnce = 1000;
constexpr int kDepthMax = 180;  // of the object; below Lua's bound of nested C calls
constexpr size_t kMessageBytesMax = 1000;

// Lua's allocator: bounded; a block beyond the bounds is "not enough memory" to the script.
void* Allocate(void* budget_at, void* old, size_t old_bytes, size_t bytes) {
  auto* budget = static_cast<ScriptBudget*>(budget_at);
  const size_t held = old ? old_bytes : 0;  // else it says what kind of block is wanted
  if (bytes == 0) {
    budget->memory -= held;
    std::free(old);
    return nullptr;
  }
  if (bytes > held) {
    if (bytes > budget->block_max || budget->memory - held + bytes > kScriptMemoryBytesMax) {
      return nullptr;
    }
    budget->allocated += bytes - held;
    if (budget->allocated > kScriptAllocatedMax) return nullptr;
  }
  void* block = std::realloc(old, bytes);
  if (block) budget->memory += bytes - held;
  return block;
}

// A script can make single steps dear (a sum of a text of a million digits), so that steps alone do
// not bound it. This is a guard, not an input: no script that minds its business comes near it.
double ProcessorSeconds() {
  timespec time = {};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

// Called every kStepsAtOnce steps. Once the budget is used up, each step fails, so that a script
// that catches the error gets no further.
void CountSteps(lua_State* lua, lua_Debug*) {
  ScriptBudget* budget = BudgetOf(lua);
  budget->steps += kStepsAtOnce;
  const bool late = ProcessorSeconds() - budget->began_seconds > kScriptSecondsMax;
  if (budget->steps < kScriptStepsMax && !late) return;
  lua_sethook(lua, CountSteps, LUA_MASKCOUNT, 1);
  if (late) luaL_error(lua, "it takes longer than %d seconds", static_cast<int>(kScriptSecondsMax));
  luaL_error(lua, "it takes more than %d steps", kScriptStepsMax);
}

void Push(lua_State* lua, const core::Value& value, int depth) {
  if (depth > kDepthMax) luaL_error(lua, "the object is nested deeper than %d levels", kDepthMax);
  luaL_checkstack(lua, 4, "the object");
  if (const bool* b = value.AsBool()) return lua_pushboolean(lua, *b);
  if (const int64_t* n = value.AsInt()) return lua_pushinteger(lua, *n);
  if (const double* n = value.AsFloat()) return lua_pushnumber(lua, *n);
  if (const std::string* text = value.AsString()) {
    lua_pushlstring(lua, text->data(), text->size());
    return;
  }
  if (const core::List* list = value.AsList()) {
    lua_createtable(lua, static_cast<int>(std::min<size_t>(list->size(), 1000)), 0);
    for (size_t i = 0; i < list->size(); ++i) {
      Push(lua, (*list)[i], depth + 1);
      lua_rawseti(lua, -2, static_cast<lua_Integer>(i + 1));
    }
    return;
  }
  const core::Map* map = value.AsMap();
  if (!map) return lua_pushnil(lua);
  lua_newtable(lua);
  for (const auto& [key, entry] : *map) {
    if (entry.is_null()) continue;
    lua_pushlstring(lua, key.data(), key.size());
    Push(lua, entry, depth + 1);
    lua_rawset(lua, -3);
  }
}

struct Run {
  const std::string& lua;
  const core::Value* object;  // nullptr: the script is only compiled
};

// Everything that may raise an error of Lua, in one protected call. Such an error leaves by
// longjmp, so nothing on this stack has a destructor.
int Protected(lua_State* lua) {
  const Run* run = static_cast<const Run*>(lua_touserdata(lua, 1));
  lua_settop(lua, 0);
  // "t": a text, never bytecode, which could break Lua's machine.
  if (luaL_loadbufferx(lua, run->lua.data(), run->lua.size(), "=line", "t") != LUA_OK) {
    return lua_error(lua);
  }
  if (!run->object) return 0;
  OpenScriptLibraries(lua);
  Push(lua, *run->object, 0);
  lua_setglobal(lua, "obj");
  BudgetOf(lua)->block_max = kScriptBlockBytesMax;
  lua_sethook(lua, CountSteps, LUA_MASKCOUNT, kStepsAtOnce);
  lua_call(lua, 0, 1);
  lua_sethook(lua, nullptr, 0, 0);
  if (!lua_istable(lua, -1)) return 1;
  lua_pushliteral(lua, "status");  // raw: no metamethods are run
  lua_rawget(lua, -2);
  lua_pushliteral(lua, "message");
  lua_rawget(lua, -3);
  return 3;
}

struct CloseState {
  void operator()(lua_State* lua) const { lua_close(lua); }
};

std::string TextAt(lua_State* lua, int index) {
  if (lua_type(lua, index) != LUA_TSTRING) return {};
  size_t bytes = 0;
  const char* text = lua_tolstring(lua, index, &bytes);
  return std::string(text, std::min(bytes, kMessageBytesMax));
}

// "line:3: text" -> "line 3: text", as errors of Lua begin where "=line" names the script.
std::string Mend(std::string text) {
  if (text.starts_with("line:")) text[4] = ' ';
  return text.empty() ? "it failed" : text;
}

Health Unknown(std::string_view why) {
  return {HealthCode::kUnknown, fmt::format("its health script failed: {}", why)};
}

std::optional<HealthCode> CodeOf(std::string_view word) {
  for (const HealthCode code :
       {HealthCode::kHealthy, HealthCode::kSuspended, HealthCode::kProgressing,
        HealthCode::kUnknown, HealthCode::kMissing, HealthCode::kDegraded}) {
    if (Show(code) == word) return code;
  }
  return std::nullopt;
}

Health Returned(lua_State* lua) {
  const int top = lua_gettop(lua);
  if (top < 3) {
    return Unknown(fmt::format("it returned {}, a table with status and message expected",
                               top == 0 ? "nothing" : luaL_typename(lua, -1)));
  }
  const std::string status = TextAt(lua, -2);
  const std::optional<HealthCode> code = CodeOf(status);
  if (!code) {
    return Unknown(
        fmt::format("status is \"{}\", one of Healthy, Progressing, Degraded, "
                    "Suspended, Missing, Unknown expected",
                    status));
  }
  Health health{*code, *code == HealthCode::kHealthy ? std::string() : TextAt(lua, -1)};
  if (health.why.empty() && *code != HealthCode::kHealthy) health.why = "its health script says so";
  return health;
}

// With `object` nullptr only compiled: kHealthy, or kUnknown with what is wrong.
Health RunOrCheck(const std::string& text, const core::Value* object) {
  if (text.size() > core::kHealthScriptBytesMax) {
    return Unknown(fmt::format("it has more than {} KiB", core::kHealthScriptBytesMax >> 10));
  }
  ScriptBudget budget;
  budget.began_seconds = ProcessorSeconds();
  const std::unique_ptr<lua_State, CloseState> lua(lua_newstate(Allocate, &budget));
  if (!lua) return Unknown("not enough memory");
  Run run{text, object};
  lua_pushcfunction(lua.get(), Protected);
  lua_pushlightuserdata(lua.get(), &run);
  if (lua_pcall(lua.get(), 1, LUA_MULTRET, 0) != LUA_OK) {
    lua_sethook(lua.get(), nullptr, 0, 0);
    return Unknown(Mend(TextAt(lua.get(), -1)));
  }
  return object ? Returned(lua.get()) : Health();
}

}  // namespace

ScriptBudget* BudgetOf(lua_State* lua) {
  void* budget = nullptr;
  lua_getallocf(lua, &budget);
  return static_cast<ScriptBudget*>(budget);
}

core::Status CheckScript(const std::string& lua) {
  const Health health = RunOrCheck(lua, nullptr);
  if (health.code == HealthCode::kHealthy) return core::Ok();
  return core::Invalid(health.why.substr(health.why.find(": ") + 2));
}

Health RunScript(const std::string& lua, const core::Value& object) {
  return RunOrCheck(lua, &object);
}

const HealthScript* ScriptFor(const HealthScripts& scripts, const core::Value& object) {
  if (scripts.empty()) return nullptr;
  const std::string group = core::ParseApiVersion(object.StringAt("apiVersion")).group;
  const auto found = std::find_if(scripts.begin(), scripts.end(), [&](const HealthScript& each) {
    return IsLike(group, each.group) && IsLike(object.StringAt("kind"), each.kind);
  });
  return found == scripts.end() ? nullptr : &*found;
}

Health AssessHealth(const core::Value& object, const HealthScripts& scripts) {
  const HealthScript* script = ScriptFor(scripts, object);
  if (!script || !object.StringAt("metadata", "deletionTimestamp").empty()) {
    return AssessHealth(object);
  }
  return RunScript(script->lua, object);
}

}  // namespace headgate::deploy
