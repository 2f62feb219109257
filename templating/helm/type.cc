#include "templating/helm/type.h"

#include <array>
#include <cassert>
#include <cstddef>

namespace headgate::templating::helm {
namespace {

constexpr std::array<TypeInfo, static_cast<size_t>(Type::kCount)> kTypes = {{
    {"<nil>", Kind::kInvalid, Type::kNil},
    {"interface {}", Kind::kInterface, Type::kNil},
    {"bool", Kind::kBool, Type::kNil},
    {"int", Kind::kInt, Type::kNil},
    {"int32", Kind::kInt32, Type::kNil},
    {"int64", Kind::kInt64, Type::kNil},
    {"uint8", Kind::kUint8, Type::kNil},
    {"uint32", Kind::kUint32, Type::kNil},
    {"uint64", Kind::kUint64, Type::kNil},
    {"float64", Kind::kFloat64, Type::kNil},
    {"complex128", Kind::kComplex128, Type::kNil},
    {"string", Kind::kString, Type::kNil},
    {"time.Duration", Kind::kInt64, Type::kNil},
    {"time.Month", Kind::kInt, Type::kNil},
    {"time.Weekday", Kind::kInt, Type::kNil},
    {"[]interface {}", Kind::kSlice, Type::kAny},
    {"[]string", Kind::kSlice, Type::kString},
    {"[]int", Kind::kSlice, Type::kInt},
    {"[]uint8", Kind::kSlice, Type::kUint8},
    {"[][]interface {}", Kind::kSlice, Type::kList},
    {"[]map[string]interface {}", Kind::kSlice, Type::kMap},
    {"common.VersionSet", Kind::kSlice, Type::kString},
    {"map[string]interface {}", Kind::kMap, Type::kAny},
    {"common.Values", Kind::kMap, Type::kAny},
    {"map[string]string", Kind::kMap, Type::kString},
    {"engine.files", Kind::kMap, Type::kBytes},
    {"*common.Capabilities", Kind::kPointer, Type::kCapabilitiesValue},
    {"common.Capabilities", Kind::kStruct, Type::kNil},
    {"common.KubeVersion", Kind::kStruct, Type::kNil},
    {"version.BuildInfo", Kind::kStruct, Type::kNil},
    {"sprig.certificate", Kind::kStruct, Type::kNil},
    {"time.Time", Kind::kStruct, Type::kNil},
    {"*time.Location", Kind::kPointer, Type::kNil},
    {"*semver.Version", Kind::kPointer, Type::kVersionValue},
    {"semver.Version", Kind::kStruct, Type::kNil},
    {"interface {}", Kind::kInterface, Type::kNil},
    {"reflect.Value", Kind::kStruct, Type::kNil},
}};

constexpr std::array<std::string_view, 16> kKinds = {
    "invalid", "bool",       "int",    "int32", "int64", "uint8",  "uint32", "uint64",
    "float64", "complex128", "string", "slice", "map",   "struct", "ptr",    "interface"};

// Named types, and what they are made of.
Type Underlying(Type type) {
  switch (type) {
    case Type::kValues:
      return Type::kMap;
    case Type::kVersionSet:
      return Type::kStrings;
    default:
      return type;
  }
}

}  // namespace

const TypeInfo& Info(Type type) {
  assert(type < Type::kCount);
  return kTypes[static_cast<size_t>(type)];
}

std::string_view Name(Kind kind) { return kKinds[static_cast<size_t>(kind)]; }

bool CanBeNil(Type type) {
  switch (KindOf(type)) {
    case Kind::kSlice:
    case Kind::kMap:
    case Kind::kPointer:
    case Kind::kInterface:
      return true;
    default:
      return type == Type::kReflect;
  }
}

bool AssignableTo(Type from, Type to) {
  if (from == to || to == Type::kAny || to == Type::kReflect) return true;
  if (Underlying(from) != Underlying(to)) return false;
  return Underlying(from) == from || Underlying(to) == to;
}

}  // namespace headgate::templating::helm
