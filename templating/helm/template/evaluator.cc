#include "templating/helm/template/evaluator.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "templating/helm/strconv.h"
#include "templating/helm/template/literal.h"
#include "templating/helm/template/printf.h"
#include "templating/kustomize/nearest.h"

namespace headgate::templating::helm {
namespace {

// What a variable holds that was not declared: no value has this type.
const Value kUnset = Value::Nil(Type::kReflect);

constexpr uint64_t kStepsBetweenLooks = 4096;

std::string Text(std::string_view text) { return std::string(text); }

// Takes "<no value>" out, as Helm does.
void EraseNoValue(std::string* text, size_t from) {
  constexpr std::string_view kNoValue = "<no value>";
  size_t found = text->find(kNoValue, from);
  if (found == std::string::npos) return;
  size_t to = found;
  while (found != std::string::npos) {
    const size_t start = found + kNoValue.size();
    found = text->find(kNoValue, start);
    const size_t length = std::min(found, text->size()) - start;
    std::memmove(text->data() + to, text->data() + start, length);
    to += length;
  }
  text->resize(to);
}

}  // namespace

Evaluator::Evaluator(Templates* templates, Context* context)
    : templates_(*templates),
      context_(*context),
      functions_(templates->functions()),
      heap_(*context->heap),
      limits_(context->limits),
      stack_(1024) {}

core::Result<std::string> Evaluator::Render(std::string_view name, const Value& dot) {
  failure_ = {};
  frames_.clear();
  scopes_.clear();
  iterations_.clear();
  included_.clear();
  output_.clear();
  scope_ = kNoScope;
  template_ = nullptr;
  Load(0, 0);

  Template* found = templates_.Find(name);
  if (!found) {
    failure_ =
        Failure(Failure::Cause::kFunction, "template: no template " + Quote(name) +
                                               " associated with template " + Quote(kTplName));
    return core::Invalid(failure_.Show());
  }
  // What only this template makes goes at its end.
  const Heap::Mark mark = heap_.Begin();
  Enter(found, {From::kRender, nullptr, nullptr, 0, 0, {}, 0, kNoScope, {}}, dot);
  const bool done = Run();
  included_.clear();  // its names are among that
  heap_.Release(mark);
  if (!done) return core::Invalid(failure_.Show());
  EraseNoValue(&output_, 0);
  return std::string(output_);
}

// Calling and returning

// An empty definition of `tpl` does not replace one that is there.
Template* Evaluator::Lookup(std::string_view name) const {
  Template* empty = nullptr;
  for (uint32_t scope = scope_; scope != kNoScope; scope = scopes_[scope].next) {
    const TplText& text = *scopes_[scope].text;
    if (name == kTplName) return text.main;
    const auto found = text.defined.find(name);
    if (found == text.defined.end()) continue;
    if (!found->second->empty) return found->second;
    if (!empty) empty = found->second;
  }
  Template* found = templates_.Find(name);
  return found ? found : empty;
}

void Evaluator::Load(size_t slots, size_t top) {
  slots_ = stack_.data() + slots;
  top_ = stack_.data() + top;
}

void Evaluator::Enter(Template* called, const Frame& frame, const Value& dot) {
  const Template& ready = templates_.Ready(called);
  const size_t slots = static_cast<size_t>(top_ - stack_.data());
  const size_t end = slots + ready.slots + ready.depth;
  if (end > stack_.size()) stack_.resize(std::max(end, stack_.size() * 2));
  frames_.push_back(frame);
  Load(slots, slots + ready.slots);
  template_ = &ready;
  next_ = ready.code.data();
  dot_ = dot;
  slots_[0] = dot;
}

void Evaluator::Leave() {
  const Frame frame = frames_.back();
  frames_.pop_back();
  template_ = frame.caller;
  next_ = frame.after;
  dot_ = frame.dot;
  scope_ = frame.scope;
  Load(frame.slots, frame.top);
  if (frame.from != From::kInclude && frame.from != From::kTpl) return;
  if (frame.from == From::kInclude) {
    --included_[frame.named];
  } else {
    EraseNoValue(&output_, frame.output);
    scopes_.pop_back();
  }
  *top_++ = Value::Text(heap_.Copy(std::string_view(output_).substr(frame.output)));
  output_.resize(frame.output);
}

bool Evaluator::CallInclude(const Instruction& at) {
  Value* arguments = top_ - 2;
  const std::string_view name = arguments[0].text();
  const auto [found, added] = included_.try_emplace(name, 0);
  if (!added && found->second > limits_.include_depth) {
    return Fail(at,
                "rendering template has a nested reference name: " + Text(name) +
                    ": unable to execute template",
                Failure::Cause::kFunction, "error calling include: ");
  }
  Template* called = Lookup(name);
  if (!called) {
    return Fail(
        at, "template: no template " + Quote(name) + " associated with template " + Quote(kTplName),
        Failure::Cause::kFunction, "error calling include: ");
  }
  if (frames_.size() >= limits_.template_depth) {
    return Fail(at,
                "exceeded maximum template depth (" + std::to_string(limits_.template_depth) + ")");
  }
  ++found->second;
  top_ = arguments;
  Value dot = arguments[1];
  dot.Forget();
  const auto offset = [this](const Value* value) {
    return static_cast<size_t>(value - stack_.data());
  };
  Enter(called,
        {From::kInclude, template_, next_, offset(slots_), offset(top_), dot_, output_.size(),
         scope_, found->first},
        dot.is_nil() ? Value() : dot);
  return true;
}

bool Evaluator::CallTpl(const Instruction& at) {
  Value* arguments = top_ - 2;
  const std::string_view text = arguments[0].text();
  const core::Result<const TplText*> parsed = templates_.ForTpl(text);
  if (!parsed) {
    return Fail(at, "cannot parse template " + Quote(text) + ": " + parsed.error().text(),
                Failure::Cause::kFunction, "error calling tpl: ");
  }
  if (frames_.size() >= limits_.template_depth) {
    return Fail(at,
                "exceeded maximum template depth (" + std::to_string(limits_.template_depth) + ")");
  }
  top_ = arguments;
  Value dot = arguments[1];
  dot.Forget();
  const auto offset = [this](const Value* value) {
    return static_cast<size_t>(value - stack_.data());
  };
  const Frame frame = {From::kTpl,     template_, next_, offset(slots_), offset(top_), dot_,
                       output_.size(), scope_,    text};
  const bool outer_defines = scope_ != kNoScope && !scopes_[scope_].text->defined.empty();
  const uint32_t outer = scope_ == kNoScope || outer_defines ? scope_ : scopes_[scope_].next;
  scopes_.push_back({*parsed, outer});
  Enter((*parsed)->main, frame, dot.is_nil() ? Value() : dot);
  scope_ = static_cast<uint32_t>(scopes_.size() - 1);
  return true;
}

bool Evaluator::CallTemplate(const Instruction& at) {
  const Value dot = *--top_;
  Template* called = Lookup(at.node->text());
  if (!called) return Fail(at, "template " + Quote(at.node->text()) + " not defined");
  if (frames_.size() >= limits_.template_depth) {
    return Fail(at,
                "exceeded maximum template depth (" + std::to_string(limits_.template_depth) + ")");
  }
  const auto offset = [this](const Value* value) {
    return static_cast<size_t>(value - stack_.data());
  };
  Enter(called,
        {From::kTemplate,
         template_,
         next_,
         offset(slots_),
         offset(top_),
         dot_,
         output_.size(),
         scope_,
         {}},
        dot);
  return true;
}

// Failing

bool Evaluator::Fail(const Instruction& at, std::string text, Failure::Cause cause,
                     std::string_view handed_on) {
  failure_ = Failure(cause, std::move(text));
  const bool chosen = (at.flags & Instruction::kChosen) && chosen_;
  failure_.At(*template_, chosen ? chosen_ : at.node, handed_on);
  for (auto frame = frames_.rbegin(); frame != frames_.rend(); ++frame) {
    if (frame->from == From::kInclude) {
      failure_.At(*frame->caller, (frame->after - 1)->node, "error calling include: ");
    } else if (frame->from == From::kTpl) {
      failure_.InTpl(frame->named);
      failure_.At(*frame->caller, (frame->after - 1)->node, "error calling tpl: ");
    }
  }
  return false;
}

bool Evaluator::WithinLimits(const Instruction& at) {
  next_look_ = steps_ + kStepsBetweenLooks;
  if (steps_ > limits_.steps) {
    return Fail(at, "the render has taken more than the limit of " + std::to_string(limits_.steps) +
                        " steps");
  }
  if (output_.size() > limits_.output_bytes) {
    return Fail(at, "the output is larger than the limit of " +
                        std::to_string(limits_.output_bytes) + " bytes");
  }
  if (heap_.bytes() > limits_.heap_bytes) {
    return Fail(at, "the values of the render are larger than the limit of " +
                        std::to_string(limits_.heap_bytes) + " bytes");
  }
  if (context_.expired && context_.expired()) return Fail(at, "the render has taken too long");
  return true;
}

// Functions

bool Evaluator::CallFunction(const Instruction& at) {
  const helm::Function& function = *at.function;
  Value* arguments = top_ - at.count;
  for (Value* argument = arguments; argument < top_; ++argument) {
    if (function.params.types[0] == Type::kReflect) break;
    argument->Forget();
    if (argument->type() == Type::kNilAny) *argument = Value();
  }
  Call call(&context_, {arguments, at.count});
  const Value result = function.native(call);
  if (context_.varied) context_.KeepVarying(function.name);
  if (call.failed()) {
    return Fail(at, std::move(call.error()),
                call.for_user() ? Failure::Cause::kUser : Failure::Cause::kFunction,
                "error calling " + Text(function.name) + ": ");
  }
  top_ = arguments;
  *top_++ = result.is_nil() ? Value() : result;
  return heap_.bytes() <= limits_.heap_bytes || WithinLimits(at);
}

bool Evaluator::CallValue(const Instruction& at) {
  const Value& value = *(top_ - at.count);
  // It is named as it is written; or by what it is, where it came from a pipeline.
  const std::span<Node*> words = at.node->items();
  const std::string callee = words.size() > 1    ? Show(*words[1])
                             : value.is_string() ? Text(value.text())
                                                 : "<" + Text(TypeName(value)) + " Value>";
  return Fail(at,
              value.is_nil() ? "call of nil"
                             : "non-function " + callee + " of type " + Text(TypeName(value)),
              Failure::Cause::kFunction, "error calling call: ");
}

// The receiver is on top. Where it is a nil, so is the result, and arguments are not evaluated.
bool Evaluator::FindMethod(const Instruction& at, bool* nothing) {
  const Value& receiver = top_[-1];
  const std::string_view name = at.names[0];
  *nothing = receiver.type() == Type::kNil;
  if (*nothing || functions_.FindMethod(receiver, name)) return true;
  if (receiver.is_map()) return Fail(at, Text(name) + " is not a method but has arguments");
  const bool is_struct = receiver.kind() == Kind::kStruct || receiver.kind() == Kind::kPointer;
  const Struct* fields = is_struct ? receiver.fields() : nullptr;
  if (fields && std::any_of(fields->fields.begin(), fields->fields.end(),
                            [name](const helm::Field& field) { return field.name == name; })) {
    return Fail(at, Text(name) + " has arguments but cannot be invoked as function");
  }
  return FailField(at, name, receiver);
}

bool Evaluator::CallMethod(const Instruction& at) {
  Value* receiver = top_ - at.count;
  const std::string_view name = at.names[0];
  const helm::Function& method = *functions_.FindMethod(*receiver, name);
  const Params& params = method.params;
  const size_t count = at.count - 1u;
  if (params.variadic ? count < params.fixed() : count != params.fixed()) {
    return Fail(at, "wrong number of args for " + Text(name) + ": want " +
                        (params.variadic ? "at least " : "") + std::to_string(params.fixed()) +
                        " got " + std::to_string(count));
  }
  for (size_t i = 0; i < count; ++i) {
    Value& argument = receiver[1 + i];
    const Type type = params.At(i);
    // Whether it was a literal is not known here.
    if (argument.type() == Type::kInt && type != Type::kAny) {
      if (KindOf(type) == Kind::kInt64) argument = Value::Number(type, argument.integer());
      if (type == Type::kFloat64) {
        argument = Value::Float(static_cast<double>(argument.integer()));
      }
    }
    std::string error;
    if (!ConvertTo(type, &argument, &error)) return Fail(at, std::move(error));
  }
  Call call(&context_, {receiver, at.count});
  const Value result = method.native(call);
  if (call.failed()) {
    return Fail(at, std::move(call.error()), Failure::Cause::kFunction,
                "error calling " + Text(name) + ": ");
  }
  top_ = receiver;
  *top_++ = result.is_nil() ? Value() : result;
  return true;
}

// Values

namespace {

// Why a value was nil: "; password is not there, passwords is".
std::string WhyNil(Map* map, std::string_view name) {
  if (!map) return "";
  if (map->Find(name)) return "; " + Text(name) + " is null";
  std::vector<std::string_view> names;
  for (const Map::Entry& entry : map->entries()) names.push_back(entry.key);
  const std::string_view near = kustomize::Nearest(name, names);
  return "; " + Text(name) + " is not there" + (near.empty() ? "" : ", " + Text(near) + " is");
}

}  // namespace

bool Evaluator::Path(const Instruction& at, Value* value) {
  Map* last = nullptr;
  for (uint16_t i = 0; i < at.count; ++i) {
    // What is nearly always there: a map that has the name.
    const Type type = value->type();
    if ((type == Type::kMap || type == Type::kValues) && value->map() &&
        !(at.flags & Instruction::kMethods)) {
      last = value->map();
      const Value* found = last->Find(at.names[i]);
      *value = found && !found->is_nil() ? *found : Value::NilAny();
      value->Box(true);
      continue;
    }
    if (value->type() == Type::kNilAny && i > 0) {
      return FailField(at, at.names[i], *value, WhyNil(last, at.names[i - 1]));
    }
    if (!FieldOf(at, at.names[i], value)) return false;
  }
  return true;
}

bool Evaluator::FieldOf(const Instruction& at, std::string_view name, Value* value) {
  const Type type = value->type();
  if (type == Type::kNil) return true;
  if (functions_.HasMethods(type)) {
    if (const helm::Function* method = functions_.FindMethod(*value, name)) {
      if (method->params.fixed() != 0) {
        return Fail(at, "wrong number of args for " + Text(name) + ": want " +
                            std::to_string(method->params.fixed()) + " got 0");
      }
      Call call(&context_, {value, 1});
      *value = method->native(call);
      return !call.failed() || Fail(at, std::move(call.error()), Failure::Cause::kFunction,
                                    "error calling " + Text(name) + ": ");
    }
  }
  if (value->is_map()) {
    const Type element = Info(type).element;
    const Value* found = value->map() ? value->map()->Find(name) : nullptr;
    *value = found && !found->is_nil() ? *found : Zero(element);
    value->Box(element == Type::kAny);
    return true;
  }
  if (value->kind() == Kind::kStruct || value->kind() == Kind::kPointer) {
    return StructField(at, name, value);
  }
  return FailField(at, name, *value);
}

bool Evaluator::StructField(const Instruction& at, std::string_view name, Value* value) {
  const Struct* fields = value->fields();
  if (!fields) return FailField(at, name, *value);
  for (const helm::Field& field : fields->fields) {
    if (field.name != name) continue;
    if (!field.exported) {
      return Fail(at,
                  Text(name) + " is an unexported field of struct type " + Text(TypeName(*value)));
    }
    const bool addressable = value->kind() == Kind::kPointer || value->addressable();
    *value = *field.value;
    if (value->kind() == Kind::kStruct) *value = value->Reached(addressable);
    return true;
  }
  return FailField(at, name, *value);
}

bool Evaluator::FailField(const Instruction& at, std::string_view name, const Value& value,
                          const std::string& why) {
  const std::string type = Text(value.boxed() ? Name(Type::kAny) : TypeName(value));
  if (value.is_nil() || (value.kind() == Kind::kPointer && value.is_null_reference())) {
    return Fail(at, "nil pointer evaluating " + type + "." + Text(name) + why);
  }
  return Fail(at, "can't evaluate field " + Text(name) + " in type " + type);
}

bool Evaluator::BeginRange(const Instruction& at, const Value& value, bool* nothing) {
  Iteration made = {Iteration::Over::kItems,
                    value.type(),
                    value,
                    nullptr,
                    0,
                    value.size(),
                    dot_,
                    Info(value.type()).element == Type::kAny};
  if (value.is_map()) {
    made.over = Iteration::Over::kEntries;
    // The body may change the map; Go goes over what was there in the beginning.
    if (value.map()) made.entries = value.map()->Snapshot(&heap_).data();
  } else if (value.is_integer()) {
    made.over = Iteration::Over::kNumbers;
    made.size = value.integer() > 0 ? static_cast<size_t>(value.integer()) : 0;
    if (at.flags & Instruction::kTwo) {
      std::string shown;
      AppendValue(&shown, value, limits_.text_bytes);
      return Fail(at, "can't use " + shown + " to iterate over more than one variable");
    }
  } else if (!value.is_list() && !value.is_nil()) {
    std::string shown;
    AppendValue(&shown, value, limits_.text_bytes);
    return Fail(at, "range can't iterate over " + shown);
  }
  *nothing = made.size == 0;
  if (!*nothing) iterations_.push_back(made);
  return true;
}

bool Evaluator::Print(const Instruction& at, const Value& value) {
  if (value.is_string()) {
    output_.append(value.text());
  } else if (value.is_nil()) {
    output_.append("<no value>");
  } else if (!AppendValue(&output_, value, limits_.output_bytes)) {
    return Fail(at, "what is printed is nested too deeply, or larger than the limit of " +
                        std::to_string(limits_.output_bytes) + " bytes");
  }
  return output_.size() <= limits_.output_bytes || WithinLimits(at);
}

void Evaluator::Rotate(size_t count) {
  Value* below = top_ - count - 1;
  const Value value = *below;
  std::move(below + 1, top_, below);
  top_[-1] = value;
}

// The machine

namespace {

// A nil of type interface {} is a plain nil where a command ends.
inline void Unwrap(Value* value) {
  if (value->type() == Type::kNilAny) *value = Value();
  value->Box(false);
}

}  // namespace

inline void Evaluator::Jump(const Instruction& at) { next_ = template_->code.data() + at.operand; }

inline void Evaluator::Put(const Instruction& at, const Value& value) {
  *top_ = value;
  if (at.flags & Instruction::kUnwraps) Unwrap(top_);
  ++top_;
}

inline bool Evaluator::PutPath(const Instruction& at, const Value& from) {
  *top_ = from;
  if (!Path(at, top_)) return false;
  if (at.flags & Instruction::kUnwraps) Unwrap(top_);
  ++top_;
  return true;
}

inline bool Evaluator::Write(const Instruction& at) {
  output_.append(at.text, at.operand);
  return output_.size() <= limits_.output_bytes || WithinLimits(at);
}

inline bool Evaluator::Check(const Instruction& at) {
  const auto type = static_cast<Type>(at.count);
  if (top_[-1].type() == type) return true;
  std::string error;
  return ConvertTo(type, top_ - 1, &error) || Fail(at, std::move(error));
}

inline void Evaluator::JumpAndKeep(const Instruction& at) {
  if (IsTrue(top_[-1]) == (at.op == Op::kIfTrueKeep)) {
    Jump(at);
    chosen_ = at.node;
  } else {
    --top_;
    chosen_ = nullptr;
  }
}

inline void Evaluator::EnterWith(const Instruction& at) {
  --top_;
  if (!IsTrue(*top_)) return Jump(at);
  slots_[at.count] = dot_;
  dot_ = *top_;
}

inline void Evaluator::NextItem(const Instruction& at) {
  Iteration& iteration = iterations_.back();
  if (iteration.next == iteration.size) return Jump(at);
  const size_t i = iteration.next++;
  if (iteration.over == Iteration::Over::kItems) {
    dot_ = iteration.list.At(i);
  } else if (iteration.over == Iteration::Over::kNumbers) {
    dot_ = Value::Number(iteration.type, static_cast<int64_t>(i));
  } else {
    dot_ = iteration.entries[i].value;
    if (dot_.is_nil()) dot_ = Value::NilAny();
  }
  dot_.Box(iteration.boxes);
}

inline void Evaluator::PutIndex() {
  const Iteration& iteration = iterations_.back();
  const size_t i = iteration.next - 1;
  *top_++ = iteration.over == Iteration::Over::kEntries ? Value::Text(iteration.entries[i].key)
                                                        : Value::Int(static_cast<int64_t>(i));
}

// What may jump or not, and fail.
bool Evaluator::RunJump(const Instruction& at) {
  bool nothing = false;
  const bool fine =
      at.op == Op::kRange ? BeginRange(at, *--top_, &nothing) : FindMethod(at, &nothing);
  if (fine && nothing) Jump(at);
  return fine;
}

// What calls; false ends it all.
bool Evaluator::RunCall(const Instruction& at) {
  switch (at.op) {
    case Op::kMethod:
      return CallMethod(at);
    case Op::kInclude:
      return CallInclude(at);
    case Op::kTpl:
      return CallTpl(at);
    case Op::kTemplate:
      return CallTemplate(at);
    default:
      return CallValue(at);  // fails
  }
}

bool Evaluator::Run() {
  for (;;) {
    const Instruction& at = *next_++;
    if (++steps_ >= next_look_ && !WithinLimits(at)) return false;
    bool fine = true;
    switch (at.op) {
      // clang-format off
      case Op::kText:        fine = Write(at); break;
      case Op::kPrint:       fine = Print(at, *--top_); break;
      case Op::kPop:         --top_; break;
      case Op::kConstant:    *top_++ = *at.value; break;
      case Op::kDot:         Put(at, dot_); break;
      case Op::kSlot:        Put(at, slots_[at.operand]); break;
      case Op::kDotPath:     fine = PutPath(at, dot_); break;
      case Op::kSlotPath:    fine = PutPath(at, slots_[at.operand]); break;
      case Op::kPath:        fine = PutPath(at, *--top_); break;
      case Op::kUnwrap:      Unwrap(top_ - 1); break;
      case Op::kStore:       slots_[at.operand] = top_[-1]; break;
      case Op::kClear:       std::fill_n(slots_ + at.operand, at.count, kUnset); break;
      case Op::kCheck:       fine = Check(at); break;
      case Op::kRotate:      Rotate(at.count); break;
      case Op::kNip:         top_[-2] = top_[-1]; --top_; break;
      case Op::kIfUnset:     if (slots_[at.count].type() == kUnset.type()) Jump(at); break;
      case Op::kJump:        Jump(at); break;
      case Op::kIfFalse:     if (!IsTrue(*--top_)) Jump(at); break;
      case Op::kIfFalseKeep:
      case Op::kIfTrueKeep:  JumpAndKeep(at); break;
      case Op::kWith:        EnterWith(at); break;
      case Op::kSetDot:      dot_ = slots_[at.operand]; break;
      case Op::kNext:        NextItem(at); break;
      case Op::kIndex:       PutIndex(); break;
      case Op::kItem:        *top_++ = dot_; break;
      case Op::kEndRange:    dot_ = iterations_.back().dot; iterations_.pop_back(); break;
      case Op::kSettle:      chosen_ = nullptr; break;
      case Op::kRange:
      case Op::kMethodOf:    fine = RunJump(at); break;
      case Op::kCall:        fine = CallFunction(at); break;
      case Op::kMethod:
      case Op::kInclude:
      case Op::kTpl:
      case Op::kTemplate:
      case Op::kCallValue:   fine = RunCall(at); break;
      case Op::kFail:        return Fail(at, std::string(at.text, at.operand));
      // clang-format on
      case Op::kReturn:
        if (frames_.back().from == From::kRender) return true;
        Leave();
        break;
    }
    if (!fine) return false;
  }
}

}  // namespace headgate::templating::helm
