#pragma once

#include <span>
#include <string_view>

#include "templating/helm/function.h"

namespace headgate::templating::helm {

// What Helm 4.1.4 gives to templates beside Go's own functions and its include, tpl, required and
// fail (template/builtins.h): all of sprig 3.3.0 but env and expandenv, and toYaml and its
// relatives. The methods of what they return too: times, durations, versions.
//
// The must... variants fail where the others do, with the same text: what the others do is a panic
// in Go, which ends the render just the same.
void AddFunctions(FunctionTable* table);

// Why a function gives another result in the next render of the same chart.
enum class Variation { kRandom, kTime };
struct Varying {
  std::string_view name;
  Variation why;
};
// All such functions. `date` and its relatives are among them: what is no time, to them, is now.
std::span<const Varying> VaryingFunctions();

// Any value as toYaml prints it; "" for what cannot be printed.
Value ToYaml(Call& call, const Value& value);

// One family each.
void AddCases(FunctionTable* table);
void AddCertificates(FunctionTable* table);
void AddCiphers(FunctionTable* table);
void AddCopies(FunctionTable* table);
void AddDates(FunctionTable* table);
void AddDefaults(FunctionTable* table);
void AddDicts(FunctionTable* table);
void AddEncodings(FunctionTable* table);
void AddJson(FunctionTable* table);
void AddLists(FunctionTable* table);
void AddMath(FunctionTable* table);
void AddMerges(FunctionTable* table);
void AddNetwork(FunctionTable* table);
void AddPasswords(FunctionTable* table);
void AddPaths(FunctionTable* table);
void AddRandom(FunctionTable* table);
void AddReflection(FunctionTable* table);
void AddRegexes(FunctionTable* table);
void AddSequences(FunctionTable* table);
void AddStrings(FunctionTable* table);
void AddToml(FunctionTable* table);
void AddUrls(FunctionTable* table);
void AddVersions(FunctionTable* table);
void AddWraps(FunctionTable* table);
void AddYaml(FunctionTable* table);

}  // namespace headgate::templating::helm
