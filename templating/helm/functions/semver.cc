// semver, semverCompare, and the methods of versions.

#include <memory>
#include <optional>
#include <string>

#include "templating/helm/functions/constraint.h"
#include "templating/helm/functions/functions.h"
#include "templating/helm/functions/values.h"
#include "templating/helm/functions/version_object.h"

namespace headgate::templating::helm {
namespace {

Value Number(uint64_t number) { return Value::Number(Type::kUint64, static_cast<int64_t>(number)); }

// The version of an argument; where it is a nil pointer the call fails, and it is an empty one.
const Version& Of(Call& call, size_t argument) {
  static const Version kNone;
  if (call[argument].object()) return call[argument].As<VersionObject>().version;
  call.Fail(kNilDereference);
  return kNone;
}

std::optional<Version> Parsed(Call& call, size_t argument) {
  std::string error;
  std::optional<Version> version = ParseVersion(call.Text(argument), &error);
  if (!version) call.Fail(error);
  return version;
}

Value Semver(Call& call) {
  std::optional<Version> version = Parsed(call, 0);
  return version ? NewVersion(call, std::move(*version), Type::kVersion) : Value();
}

Value SemverCompare(Call& call) {
  std::string error;
  const std::shared_ptr<const Constraints> constraints = Constraints::Parse(call.Text(0), &error);
  if (!constraints) return call.Fail(error);
  const std::optional<Version> version = Parsed(call, 1);
  return version ? Value::Bool(constraints->Allows(*version)) : Value();
}

Value Major(Call& call) { return Number(Of(call, 0).major); }
Value Minor(Call& call) { return Number(Of(call, 0).minor); }
Value Patch(Call& call) { return Number(Of(call, 0).patch); }
Value Prerelease(Call& call) { return Value::Text(Of(call, 0).pre); }
Value Metadata(Call& call) { return Value::Text(Of(call, 0).metadata); }
Value Original(Call& call) { return Value::Text(Of(call, 0).original); }
Value String(Call& call) { return call.New(Of(call, 0).Text()); }
Value MarshalText(Call& call) { return Value::Bytes(call.heap()->Copy(Of(call, 0).Text())); }
Value MarshalJson(Call& call) {
  return Value::Bytes(call.heap()->Copy("\"" + Of(call, 0).Text() + "\""));
}

Value Next(Call& call, const Version& from, Version next) {
  next.original = (from.original.starts_with('v') ? "v" : "") + next.Text();
  return NewVersion(call, std::move(next), Type::kVersionValue);
}
Value IncMajor(Call& call) {
  const Version& from = Of(call, 0);
  return Next(call, from, {from.major + 1, 0, 0, "", "", ""});
}
Value IncMinor(Call& call) {
  const Version& from = Of(call, 0);
  return Next(call, from, {from.major, from.minor + 1, 0, "", "", ""});
}
// A pre-release is followed by its release.
Value IncPatch(Call& call) {
  const Version& from = Of(call, 0);
  const uint64_t patch = from.pre.empty() ? from.patch + 1 : from.patch;
  return Next(call, from, {from.major, from.minor, patch, "", "", ""});
}

Value SetPrerelease(Call& call) {
  const Version& from = Of(call, 0);
  const std::string_view pre = call.Text(1);
  if (std::string error = pre.empty() ? "" : CheckPre(pre); !error.empty()) return call.Fail(error);
  Version next = from;
  next.pre = pre;
  return Next(call, from, std::move(next));
}
Value SetMetadata(Call& call) {
  const Version& from = Of(call, 0);
  const std::string_view metadata = call.Text(1);
  if (std::string error = metadata.empty() ? "" : CheckMetadata(metadata); !error.empty()) {
    return call.Fail(error);
  }
  Version next = from;
  next.metadata = metadata;
  return Next(call, from, std::move(next));
}

int Order(Call& call) { return helm::Compare(Of(call, 0), Of(call, 1)); }
Value Compare(Call& call) { return Value::Int(Order(call)); }
Value LessThan(Call& call) { return Value::Bool(Order(call) < 0); }
Value LessThanEqual(Call& call) { return Value::Bool(Order(call) <= 0); }
Value GreaterThan(Call& call) { return Value::Bool(Order(call) > 0); }
Value GreaterThanEqual(Call& call) { return Value::Bool(Order(call) >= 0); }
Value Equal(Call& call) {
  if (!call[1].object()) return Value::Bool(false);
  return Value::Bool(Order(call) == 0);
}

constexpr Function kFunctions[] = {
    {"semver", {Type::kString}, Semver},
    {"semverCompare", {Type::kString, Type::kString}, SemverCompare},
};

// Of semver.Version and *semver.Version.
constexpr Function kMethods[] = {
    {"Major", {}, Major},
    {"Minor", {}, Minor},
    {"Patch", {}, Patch},
    {"Prerelease", {}, Prerelease},
    {"Metadata", {}, Metadata},
    {"String", {}, String},
    {"Value", {}, String},
    {"MarshalText", {}, MarshalText},
    {"MarshalJSON", {}, MarshalJson},
    {"IncMajor", {}, IncMajor},
    {"IncMinor", {}, IncMinor},
    {"IncPatch", {}, IncPatch},
    {"SetPrerelease", {Type::kString}, SetPrerelease},
    {"SetMetadata", {Type::kString}, SetMetadata},
};

// Of *semver.Version alone.
constexpr Function kPointerMethods[] = {
    {"Original", {}, Original},
    {"Compare", {Type::kVersion}, Compare},
    {"Equal", {Type::kVersion}, Equal},
    {"LessThan", {Type::kVersion}, LessThan},
    {"LessThanEqual", {Type::kVersion}, LessThanEqual},
    {"GreaterThan", {Type::kVersion}, GreaterThan},
    {"GreaterThanEqual", {Type::kVersion}, GreaterThanEqual},
};

}  // namespace

void AddVersions(FunctionTable* table) {
  table->Add(kFunctions);
  for (const Function& method : kMethods) {
    table->AddMethod(Type::kVersion, method);
    table->AddMethod(Type::kVersionValue, method);
  }
  for (const Function& method : kPointerMethods) table->AddMethod(Type::kVersion, method);
}

}  // namespace headgate::templating::helm
