// Numbers in a row.

#include <string>

#include "templating/helm/functions/functions.h"
#include "templating/helm/functions/values.h"

namespace headgate::templating::helm {
namespace {

// From `start` on, `step` apart, before `stop` is reached.
struct Row {
  int64_t start, stop, step;

  uint64_t count() const {
    const auto apart = [](int64_t low, int64_t high) {
      return static_cast<uint64_t>(high) - static_cast<uint64_t>(low);
    };
    const auto steps = [](uint64_t way, uint64_t by) { return way / by + (way % by != 0); };
    if (stop < start) {
      return step < 0 ? steps(apart(stop, start), 0 - static_cast<uint64_t>(step)) : 0;
    }
    return step > 0 ? steps(apart(start, stop), static_cast<uint64_t>(step)) : 0;
  }
  int64_t At(uint64_t i) const {
    return static_cast<int64_t>(static_cast<uint64_t>(start) + i * static_cast<uint64_t>(step));
  }
};

Value Listed(Call& call, const Row& row) {
  const uint64_t count = row.count();
  if (!call.Fits(count > SIZE_MAX / sizeof(Value) ? SIZE_MAX : count * sizeof(Value))) return {};
  const std::span<Value> items = call.heap()->NewList(count);
  for (uint64_t i = 0; i < count; ++i) items[i] = Value::Int(row.At(i));
  return Value::List(items, Type::kInts);
}

Value UntilStep(Call& call) { return Listed(call, {call.Int(0), call.Int(1), call.Int(2)}); }
Value Until(Call& call) { return Listed(call, {0, call.Int(0), call.Int(0) < 0 ? -1 : 1}); }

// As seq of a shell: the end belongs to it.
Value Seq(Call& call) {
  if (call.size() == 0 || call.size() > 3) return Value::Text("");
  const int64_t start = call.size() == 1 ? 1 : call.Int(0), end = call.Int(call.size() - 1);
  const int64_t down = end < start ? -1 : 1;
  const int64_t step = call.size() == 3 ? call.Int(1) : down;
  if (down < 0 && step > 0) return Value::Text("");
  const auto stop = static_cast<int64_t>(static_cast<uint64_t>(end) + static_cast<uint64_t>(down));
  const Row row = {start, stop, step};
  if (!call.Fits(row.count() > SIZE_MAX / 2 ? SIZE_MAX : row.count() * 2)) return {};
  std::string text;
  for (uint64_t i = 0; i < row.count(); ++i) {
    if (i > 0) text += ' ';
    text += std::to_string(row.At(i));
  }
  return call.Fits(text.size()) ? call.New(text) : Value();
}

constexpr Type kInt = Type::kInt;
constexpr Function kFunctions[] = {
    {"until", {kInt}, Until},
    {"untilStep", {kInt, kInt, kInt}, UntilStep},
    {"seq", Params().Rest(kInt), Seq},
};

}  // namespace

void AddSequences(FunctionTable* table) { table->Add(kFunctions); }

}  // namespace headgate::templating::helm
