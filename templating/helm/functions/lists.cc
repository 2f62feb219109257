// Lists: sprig's functions take any slice, and give []interface{}.

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "templating/helm/functions/functions.h"
#include "templating/helm/functions/values.h"

namespace headgate::templating::helm {
namespace {

// Whether an argument is a list; where not, the call fails: `refusal`, and the kind.
bool IsList(Call& call, size_t argument, const char* refusal, const char* rest = "") {
  const Value& value = call[argument];
  if (value.is_list()) return true;
  if (value.is_nil()) {
    call.Fail(kNilDereference);
  } else {
    call.Fail(refusal + std::string(KindName(value)) + rest);
  }
  return false;
}

// A new list of some items of another, with room for more before and behind.
std::span<Value> CopyItems(Call& call, const Value& list, size_t from, size_t to, size_t before = 0,
                           size_t behind = 0) {
  const size_t size = to - from;
  if (!call.Fits((before + size + behind) * sizeof(Value))) return {};
  const std::span<Value> items = call.heap()->NewList(before + size + behind);
  for (size_t i = 0; i < size; ++i) items[before + i] = Item(list, from + i);
  return items;
}

Value NewList(Call& call) {
  const std::span<Value> items = call.heap()->NewList(call.size());
  std::copy(call.arguments().begin(), call.arguments().end(), items.begin());
  return Value::List(items);
}

Value Append(Call& call) {
  if (!IsList(call, 0, "Cannot push on type ")) return {};
  const std::span<Value> items = CopyItems(call, call[0], 0, call[0].size(), 0, 1);
  if (!items.empty()) items.back() = call[1];
  return Value::List(items);
}

Value Prepend(Call& call) {
  if (!IsList(call, 0, "Cannot prepend on type ")) return {};
  const std::span<Value> items = CopyItems(call, call[0], 0, call[0].size(), 1, 0);
  if (!items.empty()) items.front() = call[1];
  return Value::List(items);
}

Value First(Call& call) {
  if (!IsList(call, 0, "Cannot find first on type ")) return {};
  return call[0].size() == 0 ? Value() : Item(call[0], 0);
}

Value Last(Call& call) {
  if (!IsList(call, 0, "Cannot find last on type ")) return {};
  return call[0].size() == 0 ? Value() : Item(call[0], call[0].size() - 1);
}

Value Rest(Call& call) {
  if (!IsList(call, 0, "Cannot find rest on type ")) return {};
  if (call[0].size() == 0) return Value::Nil(Type::kList);
  return Value::List(CopyItems(call, call[0], 1, call[0].size()));
}

Value Initial(Call& call) {
  if (!IsList(call, 0, "Cannot find initial on type ")) return {};
  if (call[0].size() == 0) return Value::Nil(Type::kList);
  return Value::List(CopyItems(call, call[0], 0, call[0].size() - 1));
}

Value Reverse(Call& call) {
  if (!IsList(call, 0, "Cannot find reverse on type ")) return {};
  const std::span<Value> items = CopyItems(call, call[0], 0, call[0].size());
  std::reverse(items.begin(), items.end());
  return Value::List(items);
}

Value Compact(Call& call) {
  if (!IsList(call, 0, "Cannot compact on type ")) return {};
  std::vector<Value> kept;
  for (size_t i = 0; i < call[0].size(); ++i) {
    const Value item = Item(call[0], i);
    if (!IsEmpty(item)) kept.push_back(item);
  }
  return NewItems(call, kept);
}

// Comparisons before the time is looked at.
constexpr size_t kComparedMax = 1'000'000;

bool Has(std::span<const Value> items, const Value& value) {
  return std::any_of(items.begin(), items.end(),
                     [&value](const Value& item) { return DeepEqual(value, item); });
}

// Items that were seen, for lists of any length: texts and numbers are looked up, and only other
// values are compared with each other.
class Seen {
 public:
  explicit Seen(Call& call) : call_(call) {}
  bool Add(const Value& item);  // whether it was new

 private:
  Call& call_;
  std::set<std::tuple<Type, int64_t, std::string_view>> simple_;
  std::vector<Value> others_;
  size_t compared_ = 0;
};

bool Seen::Add(const Value& item) {
  if (item.is_string()) return simple_.emplace(item.type(), 0, item.text()).second;
  if (item.is_integer() || item.is_bool()) {
    return simple_.emplace(item.type(), item.integer(), "").second;
  }
  compared_ += others_.size();
  if (compared_ > kComparedMax && TakesTooLong(call_)) return false;
  if (Has(others_, item)) return false;
  others_.push_back(item);
  return true;
}

Value Uniq(Call& call) {
  if (!IsList(call, 0, "Cannot find uniq on type ")) return {};
  std::vector<Value> kept;
  Seen seen(call);
  for (size_t i = 0; i < call[0].size() && !call.failed(); ++i) {
    const Value item = Item(call[0], i);
    if (seen.Add(item)) kept.push_back(item);
  }
  return NewItems(call, kept);
}

Value Without(Call& call) {
  if (!IsList(call, 0, "Cannot find without on type ")) return {};
  std::vector<Value> kept;
  for (size_t i = 0; i < call[0].size(); ++i) {
    const Value item = Item(call[0], i);
    if (!Has(call.From(1), item)) kept.push_back(item);
  }
  return NewItems(call, kept);
}

Value HasItem(Call& call) {
  if (call[1].is_nil()) return Value::Bool(false);
  if (!IsList(call, 1, "Cannot find has on type ")) return {};
  for (size_t i = 0; i < call[1].size(); ++i) {
    if (DeepEqual(call[0], Item(call[1], i))) return Value::Bool(true);
  }
  return Value::Bool(false);
}

// The same items, seen through other bounds.
Value Slice(Call& call) {
  if (!IsList(call, 0, "list should be type of slice or array but ")) return {};
  const Value& list = call[0];
  const auto size = static_cast<int64_t>(list.size());
  if (size == 0) return {};
  const int64_t from = call.size() > 1 ? ToInt64(call[1]) : 0;
  const int64_t to = call.size() > 2 ? ToInt64(call[2]) : size;
  if (from < 0 || to < from || to > size) {
    return call.Fail("reflect.Value.Slice: slice index out of bounds");
  }
  const auto begin = static_cast<size_t>(from), count = static_cast<size_t>(to - from);
  if (list.type() == Type::kBytes) return Value::Bytes(list.text().substr(begin, count));
  return Value::List(list.items().subspan(begin, count), list.type());
}

Value Concat(Call& call) {
  size_t size = 0;
  for (size_t i = 0; i < call.size(); ++i) {
    if (!IsList(call, i, "Cannot concat type ", " as list")) return {};
    size += call[i].size();
  }
  if (size == 0) return Value::Nil(Type::kList);
  if (!call.Fits(size * sizeof(Value))) return {};
  const std::span<Value> items = call.heap()->NewList(size);
  size_t at = 0;
  for (const Value& list : call.arguments()) {
    for (size_t i = 0; i < list.size(); ++i) items[at++] = Item(list, i);
  }
  return Value::List(items);
}

// Lists of `size` items, the last with what is left. What a size below one gives follows from
// sprig's arithmetic with floats.
Value Chunk(Call& call) {
  if (!IsList(call, 1, "Cannot chunk type ")) return {};
  const int64_t size = call.Int(0);
  const size_t count = call[1].size();
  size_t step = std::max<size_t>(1, count);
  if (size <= 0) {
    const double chunks =
        size == 0 ? -1
                  : std::floor((static_cast<double>(count) - 1) / static_cast<double>(size)) + 1;
    if (chunks == 0) return Value::List(call.heap()->NewList(0), Type::kLists);
    if (count != 1 || size >= -1) return call.Fail("runtime error: makeslice: len out of range");
  } else {
    step = std::min(step, static_cast<size_t>(size));
  }
  const size_t chunks = (count + step - 1) / step;
  if (!call.Fits((count + chunks) * sizeof(Value))) return {};
  const std::span<Value> items = call.heap()->NewList(chunks);
  for (size_t i = 0; i < chunks; ++i) {
    items[i] = Value::List(CopyItems(call, call[1], i * step, std::min(count, (i + 1) * step)));
  }
  return Value::List(items, Type::kLists);
}

constexpr Type kAny = Type::kAny;
constexpr Function kFunctions[] = {
    {"list", Params().Rest(kAny), NewList},
    {"tuple", Params().Rest(kAny), NewList},
    {"append", {kAny, kAny}, Append},
    {"push", {kAny, kAny}, Append},
    {"mustAppend", {kAny, kAny}, Append},
    {"mustPush", {kAny, kAny}, Append},
    {"prepend", {kAny, kAny}, Prepend},
    {"mustPrepend", {kAny, kAny}, Prepend},
    {"first", {kAny}, First},
    {"mustFirst", {kAny}, First},
    {"last", {kAny}, Last},
    {"mustLast", {kAny}, Last},
    {"rest", {kAny}, Rest},
    {"mustRest", {kAny}, Rest},
    {"initial", {kAny}, Initial},
    {"mustInitial", {kAny}, Initial},
    {"reverse", {kAny}, Reverse},
    {"mustReverse", {kAny}, Reverse},
    {"compact", {kAny}, Compact},
    {"mustCompact", {kAny}, Compact},
    {"uniq", {kAny}, Uniq},
    {"mustUniq", {kAny}, Uniq},
    {"without", Params({kAny}).Rest(kAny), Without},
    {"mustWithout", Params({kAny}).Rest(kAny), Without},
    {"has", {kAny, kAny}, HasItem},
    {"mustHas", {kAny, kAny}, HasItem},
    {"slice", Params({kAny}).Rest(kAny), Slice},
    {"mustSlice", Params({kAny}).Rest(kAny), Slice},
    {"concat", Params().Rest(kAny), Concat},
    {"chunk", {Type::kInt, kAny}, Chunk},
    {"mustChunk", {Type::kInt, kAny}, Chunk},
};

}  // namespace

void AddLists(FunctionTable* table) { table->Add(kFunctions); }

}  // namespace headgate::templating::helm
