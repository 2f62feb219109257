#pragma once

#include <cstdint>
#include <string_view>

namespace headgate::templating::helm {

// Go's kinds, as far as templates meet them; reflect.Kind.
enum class Kind : uint8_t {
  kInvalid,
  kBool,
  kInt,
  kInt32,
  kInt64,
  kUint8,
  kUint32,
  kUint64,
  kFloat64,
  kComplex128,
  kString,
  kSlice,
  kMap,
  kStruct,
  kPointer,
  kInterface,
};

// Go's types, as far as templates of Helm 4.1.4 meet them. What a value is shows in typeOf, in
// printf's %T and %v, in what functions accept, and in errors. A new type is a line here and a
// line in the table of type.cc, in the same order.
enum class Type : uint16_t {
  kNil,     // no value: Go's untyped nil, and reflect's zero Value
  kNilAny,  // a nil of type interface {}: what a field that is missing, or null, gives. Only the
            // evaluator tells it from kNil; functions and containers see kNil
  kBool,
  kInt,
  kInt32,
  kInt64,
  kUint8,
  kUint32,
  kUint64,
  kFloat64,
  kComplex128,
  kString,
  // Numbers with a name and methods
  kDuration,  // time.Duration: nanoseconds
  kMonth,     // time.Month
  kWeekday,   // time.Weekday
  // Slices
  kList,        // []interface {}
  kStrings,     // []string
  kInts,        // []int
  kBytes,       // []uint8; its payload is a text
  kLists,       // [][]interface {}
  kMaps,        // []map[string]interface {}
  kVersionSet,  // common.VersionSet, of strings
  // Maps by string
  kMap,        // map[string]interface {}
  kValues,     // common.Values, of anything
  kStringMap,  // map[string]string
  kFiles,      // engine.files, of []uint8
  // Structs with fields that templates can read; their payload is a Struct
  kCapabilities,       // *common.Capabilities
  kCapabilitiesValue,  // common.Capabilities, as an element of the above
  kKubeVersion,        // common.KubeVersion
  kBuildInfo,          // version.BuildInfo
  kCertificate,        // sprig.certificate
  // Structs with methods only; their payload is an Object
  kTime,          // time.Time
  kLocation,      // *time.Location
  kVersion,       // *semver.Version
  kVersionValue,  // semver.Version, as IncMajor gives it
  // Not a value's type, only a parameter's
  kAny,      // interface {}
  kReflect,  // reflect.Value: any, and the function sees kNilAny too. For Go's own functions
  kCount,
};

struct TypeInfo {
  std::string_view name;  // as Go prints it
  Kind kind;
  Type element;  // of slices and maps, and what a pointer points to; else kNil
};

const TypeInfo& Info(Type type);
inline std::string_view Name(Type type) { return Info(type).name; }
inline Kind KindOf(Type type) { return Info(type).kind; }
std::string_view Name(Kind kind);  // "invalid", "float64", "ptr", ...

// Whether a nil can be of this type.
bool CanBeNil(Type type);

// Go's assignability: the same type, an interface, or two of the same shape of which one has no
// name (common.Values and map[string]interface {}).
bool AssignableTo(Type from, Type to);

}  // namespace headgate::templating::helm
