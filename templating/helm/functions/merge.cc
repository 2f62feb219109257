// merge and mergeOverwrite: mergo 1.0.1's Merge and MergeWithOverwrite of maps.

#include <string>
#include <vector>

#include "templating/helm/functions/functions.h"
#include "templating/helm/functions/values.h"

namespace headgate::templating::helm {
namespace {

// One merge. Maps are merged in place; whatever else is taken from the source is shared with it, as
// there.
class Merger {
 public:
  Merger(Call& call, bool overwrite) : call_(call), overwrite_(overwrite) {}

  // False where it failed; `error` says why, unless the call has failed itself.
  bool Merge(Map* into, const Value& type_of_into, Map* from, int depth);

  std::string error;

 private:
  bool MergeEntry(Map* into, const Value& type_of_into, const Map::Entry& entry, int depth);
  bool Set(Map* into, const Value& type_of_into, const Map::Entry& entry);

  Call& call_;
  bool overwrite_;
};

bool Merger::Merge(Map* into, const Value& type_of_into, Map* from, int depth) {
  if (depth > kDepthMax) {
    call_.Fail("the maps are nested more than " + std::to_string(kDepthMax) + " deep");
    return false;
  }
  // A copy: what is merged may be part of what it is merged into.
  const std::span<const Map::Entry> entries = from->entries();
  const std::vector<Map::Entry> copy(entries.begin(), entries.end());
  for (const Map::Entry& entry : copy) {
    if (!MergeEntry(into, type_of_into, entry, depth)) return false;
  }
  return true;
}

bool Merger::Set(Map* into, const Value& type_of_into, const Map::Entry& entry) {
  const Type element = Info(type_of_into.type()).element;
  if (element != Type::kAny && element != entry.value.type()) {
    call_.Fail("reflect.Value.SetMapIndex: value of type interface {} is not assignable to type " +
               std::string(Name(element)));
    return false;
  }
  into->Set(entry.key, entry.value, call_.heap());
  return true;
}

// What there is stays, unless it is empty or `overwrite` says otherwise; a map in both is merged.
bool Merger::MergeEntry(Map* into, const Value& type_of_into, const Map::Entry& entry, int depth) {
  const Value& from = entry.value;
  if (from.is_nil()) return !overwrite_ || Set(into, type_of_into, entry);

  const Value* found = into->Find(entry.key);
  const Value before = found ? *found : Value();
  if (from.is_map() && before.is_map() && before.map() && from.map()) {
    if (!Merge(before.map(), before, from.map(), depth + 1)) return false;
  } else if (from.is_map() && before.kind() == Kind::kPointer && !overwrite_) {
    error = "src and dst must be of same type";
    return false;
  }
  if (!IsEmpty(before)) {
    if (from.is_map() && before.is_map()) return true;
    if (!overwrite_) return true;
  }
  return Set(into, type_of_into, entry);
}

Value Merged(Call& call, bool overwrite, bool must) {
  Value into = Value::Of(call.map(0));
  for (const Value& from : call.From(1)) {
    if (!from.map()) continue;
    if (!into.map()) into = Value::Of(call.heap()->NewMap());
    Merger merger(call, overwrite);
    if (merger.Merge(into.map(), into, from.map(), 0)) continue;
    if (call.failed()) return {};
    return must ? call.Fail(merger.error) : Value::Text("");
  }
  return into;
}

Value Merge(Call& call) { return Merged(call, false, false); }
Value MustMerge(Call& call) { return Merged(call, false, true); }
Value MergeOverwrite(Call& call) { return Merged(call, true, false); }
Value MustMergeOverwrite(Call& call) { return Merged(call, true, true); }

constexpr Params kMaps = Params({Type::kMap}).Rest(Type::kMap);
constexpr Function kFunctions[] = {
    {"merge", kMaps, Merge},
    {"mustMerge", kMaps, MustMerge},
    {"mergeOverwrite", kMaps, MergeOverwrite},
    {"mustMergeOverwrite", kMaps, MustMergeOverwrite},
};

}  // namespace

void AddMerges(FunctionTable* table) { table->Add(kFunctions); }

}  // namespace headgate::templating::helm
