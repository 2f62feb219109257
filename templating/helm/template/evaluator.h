#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/result.h"
#include "templating/helm/function.h"
#include "templating/helm/template/failure.h"
#include "templating/helm/template/templates.h"

namespace headgate::templating::helm {

// Runs templates: a machine whose stack is on the heap, so that no template can make it run out of
// its own. Every bound of Limits is watched. One per render; not for several threads at once.
class Evaluator {
 public:
  // Both must live as long.
  Evaluator(Templates* templates, Context* context);

  // What a template writes for a dot, without Go's "<no value>", which Helm takes out. kInvalid as
  // Helm puts it, several lines; see failure() for its parts.
  core::Result<std::string> Render(std::string_view name, const Value& dot);

  const Failure& failure() const { return failure_; }
  uint64_t steps() const { return steps_; }

 private:
  enum class From : uint8_t { kRender, kTemplate, kInclude, kTpl };

  // What is gone on with after a template.
  struct Frame {
    From from;                 // which call
    const Template* caller;    // nullptr for Render
    const Instruction* after;  // behind the call
    size_t slots;              // of the caller, on the stack
    size_t top;                // of the stack, what the call took being gone
    Value dot;
    size_t output;           // what was written before
    uint32_t scope;          // of the caller
    std::string_view named;  // the include's name, or tpl's text
  };

  // Templates that `tpl` has defined, while what it was given is evaluated.
  struct Scope {
    const TplText* text;
    uint32_t next;  // the next one that has any
  };
  static constexpr uint32_t kNoScope = UINT32_MAX;

  struct Iteration {
    enum class Over : uint8_t { kItems, kEntries, kNumbers };
    Over over;
    Type type;  // of the numbers
    Value list;
    const Map::Entry* entries;
    size_t next;  // from 0
    size_t size;
    Value dot;   // outside
    bool boxes;  // its items are of the type interface {}
  };

  Template* Lookup(std::string_view name) const;
  void Enter(Template* called, const Frame& frame, const Value& dot);
  void Leave();
  void Load(size_t slots, size_t top);  // the pointers into the stack, after it has moved

  bool Run();
  bool RunJump(const Instruction& at);
  bool RunCall(const Instruction& at);
  void Jump(const Instruction& at);
  void JumpAndKeep(const Instruction& at);
  void Put(const Instruction& at, const Value& value);
  bool PutPath(const Instruction& at, const Value& from);
  void PutIndex();
  bool Write(const Instruction& at);
  bool Check(const Instruction& at);
  void EnterWith(const Instruction& at);
  void NextItem(const Instruction& at);
  bool CallFunction(const Instruction& at);
  bool CallMethod(const Instruction& at);
  bool FindMethod(const Instruction& at, bool* nothing);
  bool CallInclude(const Instruction& at);
  bool CallTpl(const Instruction& at);
  bool CallTemplate(const Instruction& at);
  bool CallValue(const Instruction& at);
  bool Path(const Instruction& at, Value* value);
  bool FieldOf(const Instruction& at, std::string_view name, Value* value);
  bool StructField(const Instruction& at, std::string_view name, Value* value);
  bool FailField(const Instruction& at, std::string_view name, const Value& value,
                 const std::string& why = "");
  bool BeginRange(const Instruction& at, const Value& value, bool* nothing);
  bool Print(const Instruction& at, const Value& value);
  void Rotate(size_t count);
  bool WithinLimits(const Instruction& at);

  bool Fail(const Instruction& at, std::string text,
            Failure::Cause cause = Failure::Cause::kEvaluator, std::string_view handed_on = {});

  Templates& templates_;
  Context& context_;
  const FunctionTable& functions_;
  Heap& heap_;
  const Limits& limits_;

  std::vector<Value> stack_;
  Value* slots_ = nullptr;  // of the present template
  Value* top_ = nullptr;    // behind the last value
  const Template* template_ = nullptr;
  const Instruction* next_ = nullptr;
  Value dot_;
  uint32_t scope_ = kNoScope;
  std::vector<Frame> frames_;
  std::vector<Scope> scopes_;
  std::vector<Iteration> iterations_;
  std::unordered_map<std::string_view, uint32_t> included_;  // how often each is being included
  const Node* chosen_ =
      nullptr;  // the argument that decided the last `and` or `or`, if not its last
  std::string output_;
  Failure failure_;
  uint64_t steps_ = 0;
  uint64_t next_look_ = 0;  // at the limits that are not looked at all the time
};

}  // namespace headgate::templating::helm
