#include "templating/helm/chart/set_flags.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>
#include <vector>

#include "templating/helm/chart/text.h"
#include "templating/helm/json_read.h"
#include "templating/helm/strconv.h"
#include "templating/helm/unicode.h"

namespace headgate::templating::helm {
namespace {

// How a step of reading ended. kEnd is the end of the line where it may be.
enum class Step { kDone, kEnd, kFailed };

class Setter {
 public:
  Setter(SetKind kind, std::string_view line, Heap* heap, const ChartLimits& limits,
         const FileReader& read)
      : kind_(kind),
        line_(kind == SetKind::kJson ? heap->Copy(line) : line),
        heap_(heap),
        limits_(limits),
        read_(read) {}

  core::Status Run(Map* values) {
    for (;;) {
      switch (Key(values, 0)) {
        case Step::kDone:
          break;
        case Step::kEnd:
          return core::Ok();
        case Step::kFailed:
          return core::Invalid(error_);
      }
    }
  }

 private:
  Step Fail(std::string why) {
    error_ = std::move(why);
    return Step::kFailed;
  }
  // Text up to one of the characters, which is taken too and is `stop`; 0 at the end of the line.
  std::string Until(std::string_view stops, char* stop);

  Step Key(Map* values, size_t names);
  Step NamedValue(Map* values, const std::string& key);
  Step NamedMap(Map* values, const std::string& key, size_t names);
  Step NamedList(Map* values, const std::string& key, size_t names);
  Step Index(size_t* index);
  Step Item(std::span<Value>* list, size_t index, size_t names, size_t depth);
  Step ItemMap(std::span<Value>* list, size_t index, size_t names);
  Step ItemList(std::span<Value>* list, size_t index, size_t names, size_t depth);
  Step SetItem(std::span<Value>* list, size_t index, const Value& value);
  bool Grow(std::span<Value>* list, size_t size);

  Step TakeValue(Value* value);
  Step TakeJson(Value* value);
  Step TakeList(Value* value);
  bool TakeEmpty();
  Step Meaning(const std::string& text, Value* value);

  void Put(Map* values, const std::string& key, const Value& value) {
    if (!key.empty()) values->Set(heap_->Copy(key), value, heap_);
  }

  const SetKind kind_;
  std::string_view line_;  // what is left of it
  Heap* const heap_;
  const ChartLimits& limits_;
  const FileReader& read_;
  std::string error_;
  std::unordered_map<const Value*, size_t> capacities_;  // of lists that were made here
};

std::string Setter::Until(std::string_view stops, char* stop) {
  std::string text;
  *stop = 0;
  while (!line_.empty()) {
    char32_t rune = TakeRune(&line_);
    if (rune < 0x80 && stops.find(static_cast<char>(rune)) != std::string_view::npos) {
      *stop = static_cast<char>(rune);
      return text;
    }
    if (rune == '\\' && kind_ != SetKind::kLiteral) {
      if (line_.empty()) return text;
      rune = TakeRune(&line_);
    }
    AppendRune(&text, rune);
  }
  return text;
}

Step Setter::Key(Map* values, size_t names) {
  char stop = 0;
  const std::string key = Until(kind_ == SetKind::kLiteral ? "=[." : "=[,.", &stop);
  switch (stop) {
    case '=':
      return NamedValue(values, key);
    case '[':
      return NamedList(values, key, names);
    case '.':
      return NamedMap(values, key, names);
    case ',':
      Put(values, key, Value::Text(""));
      return Fail(fmt::format("key {} has no value (cannot end with ,)", Quote(key)));
    default:
      return key.empty() ? Step::kEnd : Fail(fmt::format("key {} has no value", Quote(key)));
  }
}

Step Setter::NamedValue(Map* values, const std::string& key) {
  Value value;
  const Step step = TakeValue(&value);
  if (step != Step::kFailed) Put(values, key, value);
  return step;
}

Step Setter::NamedMap(Map* values, const std::string& key, size_t names) {
  if (++names > limits_.set_names) {
    return Fail(
        fmt::format("value name nested level is greater than maximum supported nested level of {}",
                    limits_.set_names));
  }
  const Value* found = values->Find(key);
  if (found && !(found->is_map() && found->map())) {
    return Fail(
        fmt::format("unable to parse key: {} is no map, but {}", Quote(key), TypeName(*found)));
  }
  Map* inner = found ? found->map() : heap_->NewMap();
  const Step step = Key(inner, names);
  if (step == Step::kDone && inner->empty()) {
    return Fail(fmt::format("key map {} has no value", Quote(key)));
  }
  if (!inner->empty()) Put(values, key, Value::Of(inner));
  return step;
}

Step Setter::NamedList(Map* values, const std::string& key, size_t names) {
  size_t index = 0;
  if (const Step step = Index(&index); step != Step::kDone) return step;
  const Value* found = values->Find(key);
  if (found && found->type() != Type::kList) {
    return Fail(
        fmt::format("unable to parse key: {} is no list, but {}", Quote(key), TypeName(*found)));
  }
  std::span<Value> list = found ? found->items() : heap_->NewList(0);
  const Step step = Item(&list, index, names, 0);
  Put(values, key, Value::List(list));
  return step;
}

Step Setter::Index(size_t* index) {
  char stop = 0;
  const std::string text = Until("]", &stop);
  const Parsed<int64_t> parsed = ParseInt(text, 10);
  if (stop == 0) return Step::kEnd;
  if (!parsed) return Fail(fmt::format("error parsing index: {} is no number", Quote(text)));
  if (parsed.number < 0) return Fail(fmt::format("negative {} index not allowed", parsed.number));
  *index = static_cast<size_t>(parsed.number);
  return Step::kDone;
}

Step Setter::SetItem(std::span<Value>* list, size_t index, const Value& value) {
  if (index > limits_.set_index) {
    return Fail(fmt::format("index of {} is greater than maximum supported index of {}", index,
                            limits_.set_index));
  }
  if (list->size() <= index && !Grow(list, index + 1)) return Fail("the values are too large");
  (*list)[index] = value;
  return Step::kDone;
}

// Lists grow by doubling: `a[0]=x,a[1]=y,...` costs what it is long.
bool Setter::Grow(std::span<Value>* list, size_t size) {
  if (const auto known = capacities_.find(list->data());
      known != capacities_.end() && known->second >= size) {
    *list = {list->data(), size};
    return true;
  }
  if (heap_->bytes() > limits_.values_heap_bytes) return false;
  const std::span<Value> larger = heap_->NewList(std::max(size, 2 * list->size()));
  std::copy(list->begin(), list->end(), larger.begin());
  capacities_[larger.data()] = larger.size();
  *list = larger.first(size);
  return true;
}

// What stands behind "name[index]".
Step Setter::Item(std::span<Value>* list, size_t index, size_t names, size_t depth) {
  if (depth > limits_.set_depth) {
    return Fail(fmt::format("lists nested deeper than {}", limits_.set_depth));
  }
  char stop = 0;
  const std::string key = Until("[.=", &stop);
  if (!key.empty())
    return Fail(fmt::format("unexpected data at end of array index: {}", Quote(key)));
  switch (stop) {
    case '=': {
      Value value;
      const Step step = TakeValue(&value);
      if (step == Step::kFailed) return step;
      return SetItem(list, index, value);
    }
    case '[':
      return ItemList(list, index, names, depth);
    case '.':
      return ItemMap(list, index, names);
    default:
      return Step::kEnd;
  }
}

Step Setter::ItemList(std::span<Value>* list, size_t index, size_t names, size_t depth) {
  size_t next = 0;
  if (const Step step = Index(&next); step != Step::kDone) return step;
  std::span<Value> inner;
  if (index < list->size() && !(*list)[index].is_nil()) {
    if ((*list)[index].type() != Type::kList) {
      return Fail(fmt::format("unable to parse key: [{}] is no list, but {}", index,
                              TypeName((*list)[index])));
    }
    inner = (*list)[index].items();
  }
  const Step step = Item(&inner, next, names, depth + 1);
  return step == Step::kDone ? SetItem(list, index, Value::List(inner)) : step;
}

Step Setter::ItemMap(std::span<Value>* list, size_t index, size_t names) {
  Map* inner = nullptr;
  if (index < list->size()) {
    Value& item = (*list)[index];
    if (!item.is_map() || !item.map()) item = Value::Of(heap_->NewMap());
    inner = item.map();
  } else {
    inner = heap_->NewMap();
  }
  const Step step = Key(inner, names);
  return step == Step::kDone ? SetItem(list, index, Value::Of(inner)) : step;
}

Step Setter::TakeValue(Value* value) {
  if (kind_ == SetKind::kJson) return TakeJson(value);
  char stop = 0;
  if (kind_ == SetKind::kLiteral) {
    *value = Value::Text(Until("", &stop), heap_);
    return Step::kDone;
  }
  if (line_.empty()) {
    *value = Value::Text("");
    return Step::kEnd;
  }
  if (line_.front() == '{') return TakeList(value);
  return Meaning(Until(",", &stop), value);
}

// Blanks up to a comma or the end, which are taken, are an empty value.
bool Setter::TakeEmpty() {
  while (!line_.empty()) {
    std::string_view rest = line_;
    const char32_t rune = TakeRune(&rest);
    if (rune != ',' && !IsSpace(rune)) return false;
    line_ = rest;
    if (rune == ',') return true;
  }
  return true;
}

Step Setter::TakeJson(Value* value) {
  *value = Value();
  if (TakeEmpty()) return Step::kDone;
  size_t used = 0;
  const core::Result<Value> read = ReadFirstJson(line_, heap_, &used);
  if (!read) return Fail(read.error().text());
  *value = *read;
  line_.remove_prefix(used);
  TakeEmpty();
  return Step::kDone;
}

Step Setter::TakeList(Value* value) {
  std::vector<Value> items;
  line_.remove_prefix(1);
  for (;;) {
    char stop = 0;
    const std::string text = Until(",}", &stop);
    if (stop == 0) return Fail("list must terminate with '}'");
    Value item;
    if (const Step step = Meaning(text, &item); step != Step::kDone) return step;
    items.push_back(item);
    if (stop == '}') break;
  }
  if (line_.starts_with(',')) line_.remove_prefix(1);
  const std::span<Value> list = heap_->NewList(items.size());
  std::copy(items.begin(), items.end(), list.begin());
  *value = Value::List(list);
  return Step::kDone;
}

Step Setter::Meaning(const std::string& text, Value* value) {
  if (kind_ == SetKind::kFile) {
    const core::Result<std::string> data = read_(text);
    if (!data) return Fail(data.error().text());
    *value = Value::Text(*data, heap_);
    return Step::kDone;
  }
  *value = Value::Text(text, heap_);
  if (kind_ == SetKind::kString) return Step::kDone;
  if (EqualsIgnoringCase(text, "true")) *value = Value::Bool(true);
  if (EqualsIgnoringCase(text, "false")) *value = Value::Bool(false);
  if (EqualsIgnoringCase(text, "null")) *value = Value();
  if (text == "0") *value = Value::Int64(0);
  if (!text.empty() && text.front() != '0') {
    if (const Parsed<int64_t> parsed = ParseInt(text, 10)) *value = Value::Int64(parsed.number);
  }
  return Step::kDone;
}

}  // namespace

core::Status ApplySet(SetKind kind, std::string_view line, Map* values, Heap* heap,
                      const ChartLimits& limits, const FileReader& read) {
  return Setter(kind, line, heap, limits, read).Run(values);
}

}  // namespace headgate::templating::helm
