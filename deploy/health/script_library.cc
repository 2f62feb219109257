#include "deploy/health/script_library.h"

#include <algorithm>
#include <cstring>
#include <ctime>
#include <initializer_list>

#include "deploy/health/script.h"

namespace headgate::deploy {
namespace {

// No loading of code, no metatables (a finalizer runs where steps are not counted), no printing.
constexpr const char* kWithout[] = {
    "collectgarbage", "dofile", "getmetatable", "load",    "loadfile",     "print", "rawequal",
    "rawget",         "rawlen", "rawset",       "require", "setmetatable", "warn",  "xpcall"};

// How often a pattern with so many repetitions may be tried on a text, at the worst: the ways to
// share `bytes` among `repeats`, from each place where a match may begin.
double WorstOf(double bytes, int repeats, bool anchored) {
  double ways = anchored ? 1 : bytes + 1;
  for (int k = 1; k <= repeats; ++k) ways *= (bytes + k) / k;
  return ways;
}

// string.find and its relatives: Lua's own, after a look at what the pattern may cost. They run in
// one step of the machine, so that counting steps does not bound them.
int Matched(lua_State* lua) {
  size_t bytes = 0, pattern_bytes = 0;
  luaL_checklstring(lua, 1, &bytes);
  const char* pattern = luaL_checklstring(lua, 2, &pattern_bytes);
  int repeats = 0;
  for (size_t i = 0; i < pattern_bytes; ++i) {
    if (pattern[i] == '%') {
      ++i;  // %b and back references read on, too
      repeats +=
          i < pattern_bytes && (pattern[i] == 'b' || (pattern[i] >= '0' && pattern[i] <= '9'));
    } else if (std::strchr("*+-?", pattern[i])) {
      ++repeats;
    }
  }
  ScriptBudget* budget = BudgetOf(lua);
  const bool anchored = pattern_bytes > 0 && pattern[0] == '^';
  budget->matches += WorstOf(static_cast<double>(bytes), repeats, anchored);
  if (!(budget->matches <= kScriptMatchesMax)) {
    return luaL_error(lua, "a pattern may take too long on a text of %d bytes",
                      static_cast<int>(bytes));
  }
  lua_pushvalue(lua, lua_upvalueindex(1));
  lua_insert(lua, 1);
  lua_call(lua, lua_gettop(lua) - 1, LUA_MULTRET);
  return lua_gettop(lua);
}

int GetN(lua_State* lua) {
  luaL_checktype(lua, 1, LUA_TTABLE);
  lua_pushinteger(lua, static_cast<lua_Integer>(lua_rawlen(lua, 1)));
  return 1;
}

int64_t Field(lua_State* lua, const char* name, int64_t otherwise) {
  lua_getfield(lua, 1, name);
  int is_number = 0;
  const lua_Integer value = lua_tointegerx(lua, -1, &is_number);
  lua_pop(lua, 1);
  return is_number ? std::clamp<int64_t>(value, -100000, 100000) : otherwise;
}

// os.time of a table, in UTC; without one it would be the clock, which health does not read.
int Time(lua_State* lua) {
  luaL_checktype(lua, 1, LUA_TTABLE);
  std::tm moment = {};
  moment.tm_year = static_cast<int>(Field(lua, "year", 1970)) - 1900;
  moment.tm_mon = static_cast<int>(Field(lua, "month", 1)) - 1;
  moment.tm_mday = static_cast<int>(Field(lua, "day", 1));
  moment.tm_hour = static_cast<int>(Field(lua, "hour", 12));
  moment.tm_min = static_cast<int>(Field(lua, "min", 0));
  moment.tm_sec = static_cast<int>(Field(lua, "sec", 0));
  lua_pushinteger(lua, static_cast<lua_Integer>(timegm(&moment)));
  return 1;
}

void Remove(lua_State* lua, const char* table, std::initializer_list<const char*> names) {
  lua_getglobal(lua, table);
  for (const char* name : names) {
    lua_pushnil(lua);
    lua_setfield(lua, -2, name);
  }
  lua_pop(lua, 1);
}

}  // namespace

void OpenScriptLibraries(lua_State* lua) {
  luaL_requiref(lua, LUA_GNAME, luaopen_base, 1);
  luaL_requiref(lua, LUA_STRLIBNAME, luaopen_string, 1);
  luaL_requiref(lua, LUA_TABLIBNAME, luaopen_table, 1);
  luaL_requiref(lua, LUA_MATHLIBNAME, luaopen_math, 1);
  lua_settop(lua, 1);  // the script
  for (const char* name : kWithout) {
    lua_pushnil(lua);
    lua_setglobal(lua, name);
  }
  Remove(lua, LUA_STRLIBNAME, {"dump", "pack", "unpack", "packsize"});
  Remove(lua, LUA_MATHLIBNAME, {"random", "randomseed"});
  Remove(lua, LUA_TABLIBNAME, {"move"});  // loops as often as its arguments say
  lua_getglobal(lua, LUA_STRLIBNAME);
  for (const char* name : {"find", "match", "gmatch", "gsub"}) {
    lua_getfield(lua, -1, name);
    lua_pushcclosure(lua, Matched, 1);
    lua_setfield(lua, -2, name);
  }
  lua_pop(lua, 1);
  lua_getglobal(lua, LUA_TABLIBNAME);
  lua_pushcfunction(lua, GetN);
  lua_setfield(lua, -2, "getn");
  lua_pop(lua, 1);
  lua_newtable(lua);
  lua_pushcfunction(lua, Time);
  lua_setfield(lua, -2, "time");
  lua_setglobal(lua, "os");
}

}  // namespace headgate::deploy
