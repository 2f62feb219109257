#include "templating/helm/function.h"

#include <algorithm>

#include "templating/helm/template/builtins.h"

namespace headgate::templating::helm {

void Context::Note(std::string_view text) {
  if (std::find(notes.begin(), notes.end(), text) == notes.end()) notes.emplace_back(text);
}

void Context::KeepVarying(std::string_view function) {
  varied = false;
  if (std::find(varying.begin(), varying.end(), function) == varying.end()) {
    varying.push_back(function);
  }
}

bool Call::Fits(size_t bytes) {
  const Limits& limits = context_.limits;
  if (bytes <= limits.text_bytes &&
      bytes <= limits.heap_bytes - std::min(limits.heap_bytes, context_.heap->bytes())) {
    return true;
  }
  Fail("the result would be larger than the limit for one text (" +
       std::to_string(limits.text_bytes) + " bytes) or for all values (" +
       std::to_string(limits.heap_bytes) + " bytes)");
  return false;
}

Value Call::Fail(std::string text) {
  failed_ = true;
  error_ = std::move(text);
  return {};
}

Value Call::FailForUser(std::string text) {
  for_user_ = true;
  return Fail(std::move(text));
}

FunctionTable::FunctionTable() { Add(Builtins()); }

void FunctionTable::Add(std::span<const Function> functions) {
  for (const Function& function : functions) functions_[function.name] = &function;
}

void FunctionTable::AddMethod(Type type, const Function& method) {
  methods_[method.name].emplace_back(type, method);
  has_methods_[static_cast<size_t>(type)] = true;
}

const Function* FunctionTable::Find(std::string_view name) const {
  const auto found = functions_.find(name);
  return found == functions_.end() ? nullptr : found->second;
}

const Function* FunctionTable::FindMethod(const Value& receiver, std::string_view name) const {
  if (!HasMethods(receiver.type())) return nullptr;
  // Its methods are those of the pointer.
  if (receiver.type() == Type::kKubeVersion && !receiver.addressable()) return nullptr;
  const auto found = methods_.find(name);
  if (found == methods_.end()) return nullptr;
  for (const auto& [type, method] : found->second) {
    if (type == receiver.type()) return &method;
  }
  return nullptr;
}

}  // namespace headgate::templating::helm
