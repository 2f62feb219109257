#pragma once

#include <cstdint>

#include "templating/kustomize/schema.h"

// The built-in schema: what schema_tables.cc holds, which tables/schema_tables.py writes. A text is
// a place in kTexts, times 256, and a length.
namespace headgate::templating::kustomize::schema_tables {

inline constexpr uint16_t kNone = 0xFFFF;

// A mapping, a list or a scalar. The first kDefinitionCount types have names.
struct Type {
  uint16_t first_field, field_count;  // in kFields
  uint16_t values;                    // type of what a mapping's other keys hold; or kNone
  uint16_t items;                     // type of a list's items; or kNone
  uint8_t keys;  // 0: not merged; 1: a merged list of scalars; n: kKeyLists[n - 2]
};
struct Field {
  uint32_t name;  // sorted by it within a type
  uint16_t type;
};
// Kinds by version and name. The version is one of kVersions.
struct KindRow {
  uint16_t version;
  uint32_t name;
  uint16_t type;  // or kNone, where only the scope is known
  Scope scope;
};
// The keys that tell the items of a list apart; the second one may be kNone.
struct KeyList {
  uint32_t first, second;
};

extern const Type kTypes[];
extern const Field kFields[];
extern const KindRow kKinds[];
extern const uint32_t kKindCount;
extern const uint32_t kVersions[];  // "apps/v1"; sorted
extern const uint32_t kVersionCount;
extern const uint32_t kDefinitions[];  // names of types; sorted
extern const uint32_t kDefinitionCount;
extern const KeyList kKeyLists[];
extern const char kTexts[];

}  // namespace headgate::templating::kustomize::schema_tables
