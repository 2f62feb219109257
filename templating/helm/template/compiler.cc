#include <algorithm>
#include <string>
#include <unordered_map>
#include <vector>

#include "templating/helm/template/code.h"
#include "templating/helm/template/literal.h"

namespace headgate::templating::helm {
namespace {

constexpr uint32_t kUnplaced = UINT32_MAX;
constexpr size_t kCountMax = UINT16_MAX;

// Where a variable lives. One that is declared in a part that may be skipped (behind the first
// argument of `and`) may not be there.
struct Slot {
  uint32_t number;
  bool conditional;
};

// The variables at a place: by name, the innermost last.
class Slots {
 public:
  void Declare(std::string_view name, Slot slot) {
    by_name_[name].push_back(slot);
    order_.push_back(name);
  }
  void Shrink(size_t size) {
    for (; order_.size() > size; order_.pop_back()) by_name_[order_.back()].pop_back();
  }
  size_t size() const { return order_.size(); }
  const std::vector<Slot>& Of(std::string_view name) { return by_name_[name]; }

 private:
  std::unordered_map<std::string_view, std::vector<Slot>> by_name_;
  std::vector<std::string_view> order_;
};

// Walks a template's tree once. `at_` follows the node that Go's evaluator remembers for its
// errors.
class Compiler {
 public:
  Compiler(const Template& made, const FunctionTable& functions, Heap* heap)
      : made_(made), functions_(functions), heap_(*heap) {}

  void Finish(Template* made);

 private:
  using Nodes = std::span<Node* const>;

  void At(const Node* node) {
    at_ = node;
    chosen_ = false;
  }

  // Code
  Instruction& Emit(Op op, int effect);  // on the stack's depth
  uint32_t Here() {
    barrier_ = code_.size();
    return static_cast<uint32_t>(code_.size());
  }
  size_t Jump(Op op, int effect);  // to be placed
  void Place(size_t jump) { code_[jump].operand = Here(); }
  void Fail(std::string_view why);
  void Constant(const Value& value);
  void Names(Instruction* instruction, std::span<const std::string_view> names);

  // Actions
  void List(const Node& list);
  void Action(const Node& node);
  void Branch(const Node& node);
  void Range(const Node& node);
  void RangeVariables(const Node& pipe);
  void TemplateCall(const Node& node);

  // Expressions: each puts one value.
  void Pipeline(const Node& pipe);
  void Command(const Node& command, bool final);
  void Argument(Type type, const Node& node);
  void Literal(Type type, const Node& node);
  void Field(const Node& field, Nodes words, bool final);
  void Variable(const Node& variable, Nodes words, bool final);
  void Chain(const Node& chain, Nodes words, bool final);
  void Path(std::span<const std::string_view> names, const Node& node, Nodes words, bool final);
  bool NotAFunction(Nodes words, bool final);
  void Function(const Node& identifier, const Node& command, Nodes words, bool final);
  void AndOr(const helm::Function& function, Nodes words, bool final);

  // Variables
  uint32_t NewSlot();
  void Declare(std::string_view name);  // the value on top, which stays
  void Assign(std::string_view name);
  void Load(std::string_view name);
  template <class Use>
  void ForSlots(std::string_view name, Use use);

  struct Loop {
    std::vector<size_t> breaks;
    uint32_t next;
  };

  const Template& made_;
  const FunctionTable& functions_;
  Heap& heap_;
  std::vector<Instruction> code_;
  size_t barrier_ = 0;  // something jumps to here: what is before is not to be changed
  const Node* at_ = nullptr;
  bool chosen_ = false;  // at_ is the last argument of `and` or `or`; it may have been another
  int depth_ = 0, depth_max_ = 0;
  Slots slots_;
  uint32_t next_slot_ = 0, slots_max_ = 0;
  int conditional_ = 0;  // `and` and `or` around this place, behind their first argument
  std::vector<Loop> loops_;
  bool too_large_ = false;
};

Instruction& Compiler::Emit(Op op, int effect) {
  depth_ += effect;
  depth_max_ = std::max(depth_max_, depth_ + 2);
  Instruction& made = code_.emplace_back();
  made.op = op;
  made.node = at_;
  if (chosen_) made.flags = Instruction::kChosen;
  return made;
}

size_t Compiler::Jump(Op op, int effect) {
  Emit(op, effect).operand = kUnplaced;
  return code_.size() - 1;
}

void Compiler::Fail(std::string_view why) {
  Instruction& made = Emit(Op::kFail, 1);
  const std::string_view kept = heap_.Copy(why);
  made.text = kept.data();
  made.operand = static_cast<uint32_t>(kept.size());
}

void Compiler::Constant(const Value& value) {
  Emit(Op::kConstant, 1).value = heap_.New<Value>(value);
}

void Compiler::Names(Instruction* instruction, std::span<const std::string_view> names) {
  too_large_ = too_large_ || names.size() > kCountMax;
  instruction->names = names.data();
  instruction->count = static_cast<uint16_t>(names.size());
  for (const std::string_view name : names) {
    if (functions_.IsMethod(name)) instruction->flags |= Instruction::kMethods;
  }
}

// Variables

uint32_t Compiler::NewSlot() {
  slots_max_ = std::max(slots_max_, next_slot_ + 1);
  too_large_ = too_large_ || next_slot_ >= kCountMax;
  return next_slot_++;
}

void Compiler::Declare(std::string_view name) {
  const Slot slot = {NewSlot(), conditional_ > 0};
  slots_.Declare(name, slot);
  Emit(Op::kStore, 0).operand = slot.number;
}

// Uses the innermost of the slots of that name that is set when the code runs.
template <class Use>
void Compiler::ForSlots(std::string_view name, Use use) {
  const std::vector<Slot>& slots = slots_.Of(name);
  std::vector<size_t> ends;
  const int depth = depth_;
  for (auto slot = slots.rbegin(); slot != slots.rend(); ++slot) {
    depth_ = depth;
    if (!slot->conditional) {
      use(slot->number);
      break;
    }
    const size_t unset = Jump(Op::kIfUnset, 0);
    code_[unset].count = static_cast<uint16_t>(slot->number);
    use(slot->number);
    ends.push_back(Jump(Op::kJump, 0));
    Place(unset);
  }
  if (slots.empty() || slots.front().conditional) {
    depth_ = depth;
    Fail("undefined variable: " + std::string(name));
  }
  for (const size_t end : ends) Place(end);
}

void Compiler::Assign(std::string_view name) {
  const int depth = depth_;
  ForSlots(name, [this](uint32_t slot) { Emit(Op::kStore, 0).operand = slot; });
  depth_ = depth;
}

void Compiler::Load(std::string_view name) {
  ForSlots(name, [this](uint32_t slot) { Emit(Op::kSlot, 1).operand = slot; });
}

// Actions

void Compiler::Finish(Template* made) {
  slots_.Declare("$", {NewSlot(), false});
  List(*made_.list);
  Emit(Op::kReturn, 0);
  if (too_large_) {
    code_.clear();
    At(made_.list);
    Fail("the template has too many variables, or a command too many words");
  }
  auto* kept = static_cast<Instruction*>(heap_.Allocate(code_.size() * sizeof(Instruction)));
  std::uninitialized_copy(code_.begin(), code_.end(), kept);
  made->code = {kept, code_.size()};
  made->slots = slots_max_;
  made->depth = static_cast<uint32_t>(depth_max_) + 1;
}

void Compiler::List(const Node& list) {
  for (const Node* node : list.items()) {
    At(node);
    switch (node->kind) {
      case NodeKind::kText:
        if (!node->text().empty()) {
          Instruction& text = Emit(Op::kText, 0);
          text.text = node->text().data();
          text.operand = static_cast<uint32_t>(node->text().size());
        }
        break;
      case NodeKind::kAction:
        Action(*node);
        break;
      case NodeKind::kIf:
      case NodeKind::kWith:
        Branch(*node);
        break;
      case NodeKind::kRange:
        Range(*node);
        break;
      case NodeKind::kTemplate:
        TemplateCall(*node);
        break;
      case NodeKind::kBreak:
        loops_.back().breaks.push_back(Jump(Op::kJump, 0));
        break;
      case NodeKind::kContinue:
        Emit(Op::kJump, 0).operand = loops_.back().next;
        break;
      default:
        break;
    }
  }
}

void Compiler::Action(const Node& node) {
  const Node& pipe = *node.items()[0];
  Pipeline(pipe);
  At(&node);
  Emit(pipe.variables().empty() ? Op::kPrint : Op::kPop, -1);
}

// What an {{else if}} is made of: a list of one branch of the same kind.
const Node* ElseBranch(const Node& node) {
  const Node* otherwise = node.items()[2];
  if (!otherwise || otherwise->items().size() != 1) return nullptr;
  return otherwise->items()[0]->kind == node.kind ? otherwise->items()[0] : nullptr;
}

void Compiler::Branch(const Node& first) {
  const size_t outer = slots_.size();
  const uint32_t outer_slot = next_slot_;
  std::vector<size_t> ends;
  for (const Node* node = &first; node;) {
    At(node);
    Pipeline(*node->items()[0]);
    const bool with = node->kind == NodeKind::kWith;
    const uint32_t dot = with ? NewSlot() : 0;
    const size_t otherwise = Jump(with ? Op::kWith : Op::kIfFalse, -1);
    code_[otherwise].count = static_cast<uint16_t>(dot);
    const size_t known = slots_.size();
    const uint32_t slot = next_slot_;
    List(*node->items()[1]);
    slots_.Shrink(known);
    next_slot_ = slot;
    if (with) Emit(Op::kSetDot, 0).operand = dot;
    if (!node->items()[2]) {
      Place(otherwise);
      break;
    }
    ends.push_back(Jump(Op::kJump, 0));
    Place(otherwise);
    const Node* next = ElseBranch(*node);
    if (!next) List(*node->items()[2]);
    node = next;
  }
  for (const size_t end : ends) Place(end);
  slots_.Shrink(outer);
  next_slot_ = outer_slot;
}

void Compiler::Range(const Node& node) {
  const Node& pipe = *node.items()[0];
  const size_t outer = slots_.size();
  const uint32_t outer_slot = next_slot_;
  Pipeline(pipe);
  const size_t otherwise = Jump(Op::kRange, -1);
  if (pipe.variables().size() > 1) code_[otherwise].flags |= Instruction::kTwo;
  const size_t known = slots_.size();
  const uint32_t slot = next_slot_;

  loops_.push_back({{}, Here()});
  loops_.back().breaks.push_back(Jump(Op::kNext, 0));
  RangeVariables(pipe);
  List(*node.items()[1]);
  Emit(Op::kJump, 0).operand = loops_.back().next;
  for (const size_t end : loops_.back().breaks) Place(end);
  loops_.pop_back();
  Emit(Op::kEndRange, 0);

  slots_.Shrink(known);
  next_slot_ = slot;
  if (node.items()[2]) {
    const size_t end = Jump(Op::kJump, 0);
    Place(otherwise);
    List(*node.items()[2]);
    Place(end);
  } else {
    Place(otherwise);
  }
  slots_.Shrink(outer);
  next_slot_ = outer_slot;
}

// The pipeline has declared them, or they are assigned: the item goes to the last one.
void Compiler::RangeVariables(const Node& pipe) {
  for (size_t i = 0; i < pipe.variables().size(); ++i) {
    const bool item = i + 1 == pipe.variables().size();
    Emit(item ? Op::kItem : Op::kIndex, 1);
    Assign(pipe.variables()[i]->names()[0]);
    Emit(Op::kPop, -1);
  }
}

void Compiler::TemplateCall(const Node& node) {
  if (node.items()[0]) {
    Pipeline(*node.items()[0]);
  } else {
    Constant(Value());
  }
  At(&node);
  Emit(Op::kTemplate, -1);
}

// Expressions

void Compiler::Pipeline(const Node& pipe) {
  At(&pipe);
  for (size_t i = 0; i < pipe.items().size(); ++i) Command(*pipe.items()[i], i > 0);
  for (const Node* variable : pipe.variables()) {
    if (pipe.flag) {
      Assign(variable->names()[0]);
    } else {
      Declare(variable->names()[0]);
    }
  }
}

void Compiler::Command(const Node& command, bool final) {
  const Nodes words = command.items();
  const Node& first = *words[0];
  switch (first.kind) {
    case NodeKind::kField:
      Field(first, words, final);
      break;
    case NodeKind::kChain:
      Chain(first, words, final);
      break;
    case NodeKind::kIdentifier:
      Function(first, command, words.subspan(1), final);
      break;
    case NodeKind::kPipe:
      if (NotAFunction(words, final)) Pipeline(first);
      break;
    case NodeKind::kVariable:
      Variable(first, words, final);
      break;
    default:
      At(&first);
      if (!NotAFunction(words, final)) break;
      if (first.kind == NodeKind::kNil) {
        Fail("nil is not a command");
      } else if (first.kind == NodeKind::kDot) {
        Emit(Op::kDot, 1);
      } else {
        Literal(Type::kAny, first);
      }
  }
  // A nil of type interface {} is a nil at the end of a command.
  if (barrier_ == code_.size()) {
    Emit(Op::kUnwrap, 0);
    return;
  }
  switch (code_.back().op) {
    case Op::kDot:
    case Op::kSlot:
    case Op::kDotPath:
    case Op::kSlotPath:
    case Op::kPath:
      code_.back().flags |= Instruction::kUnwraps;
      break;
    default:
      break;
  }
}

bool Compiler::NotAFunction(Nodes words, bool final) {
  if (words.size() <= 1 && !final) return true;
  Fail("can't give argument to non-function " + Show(*words[0]));
  return false;
}

void Compiler::Literal(Type type, const Node& node) {
  Value value;
  std::string error;
  if (LiteralFor(node, type, &heap_, &value, &error)) {
    Constant(value);
  } else {
    Fail(error);
  }
}

void Compiler::Argument(Type type, const Node& node) {
  At(&node);
  switch (node.kind) {
    case NodeKind::kDot:
      Emit(Op::kDot, 1);
      break;
    case NodeKind::kField:
      Field(node, {}, false);
      break;
    case NodeKind::kVariable:
      Variable(node, {}, false);
      break;
    case NodeKind::kPipe:
      Pipeline(node);
      break;
    case NodeKind::kIdentifier:
      Function(node, node, {}, false);
      break;
    case NodeKind::kChain:
      Chain(node, {}, false);
      break;
    default:
      return Literal(type, node);
  }
  if (type == Type::kAny || type == Type::kReflect) return;
  Emit(Op::kCheck, 0).count = static_cast<uint16_t>(type);
}

void Compiler::Field(const Node& field, Nodes words, bool final) {
  At(&field);
  if (words.size() > 1 || final) {
    Emit(Op::kDot, 1);
    return Path(field.names(), field, words, final);
  }
  Names(&Emit(Op::kDotPath, 1), field.names());
}

void Compiler::Variable(const Node& variable, Nodes words, bool final) {
  At(&variable);
  const std::span<const std::string_view> names = variable.names();
  if (names.size() == 1) {
    if (NotAFunction(words, final)) Load(names[0]);
    return;
  }
  Load(names[0]);
  Instruction& last = code_.back();
  if (words.size() > 1 || final || last.op != Op::kSlot || barrier_ == code_.size()) {
    return Path(names.subspan(1), variable, words, final);
  }
  last.op = Op::kSlotPath;
  Names(&last, names.subspan(1));
}

void Compiler::Chain(const Node& chain, Nodes words, bool final) {
  At(&chain);
  Argument(Type::kReflect, *chain.items()[0]);
  Path(chain.names(), chain, words, final);
}

// The value on top becomes its .a.b; the last name may be a method that takes arguments.
void Compiler::Path(std::span<const std::string_view> names, const Node& node, Nodes words,
                    bool final) {
  if (words.size() <= 1 && !final) return Names(&Emit(Op::kPath, 0), names);
  if (names.size() > 1) Names(&Emit(Op::kPath, 0), names.first(names.size() - 1));
  const std::span<const std::string_view> name = names.last(1);
  const size_t nothing = Jump(Op::kMethodOf, 0);
  Names(&code_[nothing], name);
  const Nodes arguments = words.empty() ? words : words.subspan(1);
  for (const Node* argument : arguments) Argument(Type::kReflect, *argument);
  const auto count = static_cast<int>(arguments.size()) + 1;
  too_large_ = too_large_ || arguments.size() >= kCountMax;
  if (final) {  // from below the receiver to the end
    Emit(Op::kRotate, 0).count = static_cast<uint16_t>(count);
  }
  Instruction& call = Emit(Op::kMethod, (final ? -1 : 0) - (count - 1));
  call.node = &node;
  call.names = name.data();
  call.count = static_cast<uint16_t>(count + (final ? 1 : 0));
  call.flags = 0;
  if (!final) return Place(nothing);
  const size_t end = Jump(Op::kJump, 0);
  Place(nothing);
  Emit(Op::kNip, 0);
  Place(end);
}

void Compiler::Function(const Node& identifier, const Node& command, Nodes words, bool final) {
  At(&identifier);
  const helm::Function& function = *functions_.Find(identifier.text());
  const Params& params = function.params;
  const size_t count = words.size() + (final ? 1 : 0);
  const bool fits = params.variadic ? count >= params.fixed() : count == params.fixed();
  too_large_ = too_large_ || count > kCountMax;
  if (!fits || too_large_) {
    return Fail("wrong number of args for " + std::string(function.name) + ": want " +
                (params.variadic ? "at least " : "") + std::to_string(params.fixed()) + " got " +
                std::to_string(params.variadic ? words.size() : count));
  }
  if (function.special == Special::kAnd || function.special == Special::kOr) {
    return AndOr(function, words, final);
  }
  for (size_t i = 0; i < words.size(); ++i) Argument(params.At(i), *words[i]);
  if (final) {
    if (!words.empty()) Emit(Op::kRotate, 0).count = static_cast<uint16_t>(words.size());
    const Type type = params.At(count - 1);
    if (type != Type::kAny && type != Type::kReflect) {
      Emit(Op::kCheck, 0).count = static_cast<uint16_t>(type);
    }
  }
  const Op op = function.special == Special::kInclude ? Op::kInclude
                : function.special == Special::kTpl   ? Op::kTpl
                : function.special == Special::kCall  ? Op::kCallValue
                                                      : Op::kCall;
  Instruction& call = Emit(op, 1 - static_cast<int>(count));
  call.function = &function;
  call.node = &command;
  call.flags = 0;
  call.count = static_cast<uint16_t>(count);
}

// The first argument that decides is the result, and the others are not evaluated. One that comes
// from a pipeline was evaluated before, and is the last.
void Compiler::AndOr(const helm::Function& function, Nodes words, bool final) {
  const Op decides = function.special == Special::kAnd ? Op::kIfFalseKeep : Op::kIfTrueKeep;
  const bool clears = made_.nested_declarations && conditional_ == 0;
  const size_t clear = code_.size();
  const uint32_t first_slot = next_slot_;
  if (clears) Emit(Op::kClear, 0);
  std::vector<size_t> decided;
  for (size_t i = 0; i < words.size(); ++i) {
    conditional_ += i > 0;
    Argument(Type::kReflect, *words[i]);
    conditional_ -= i > 0;
    if (i + 1 < words.size() || final) decided.push_back(Jump(decides, -1));
  }
  if (chosen_) Emit(Op::kSettle, 0);  // what the last argument chose does not count
  chosen_ = !decided.empty();
  if (clears) {
    code_[clear].operand = first_slot;
    code_[clear].count = static_cast<uint16_t>(next_slot_ - first_slot);
  }
  if (!final) {
    for (const size_t jump : decided) Place(jump);
    Here();
    return;
  }
  const size_t end = Jump(Op::kJump, 0);
  for (const size_t jump : decided) Place(jump);
  Emit(Op::kNip, 0);
  Place(end);
}

}  // namespace

void Compile(Template* made, const FunctionTable& functions, Heap* heap) {
  Compiler(*made, functions, heap).Finish(made);
}

}  // namespace headgate::templating::helm
