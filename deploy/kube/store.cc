#include "deploy/kube/store.h"

namespace headgate::deploy {

Store::Store() : state_(std::make_unique<State>()) {}
Store::~Store() = default;

std::shared_ptr<const core::Value> Store::Get(const core::ObjectRef& ref) const {
  const std::lock_guard lock(state_->mutex);
  const auto found = state_->objects.find(ref);
  return found == state_->objects.end() ? nullptr : found->second;
}

std::vector<std::shared_ptr<const core::Value>> Store::List() const {
  const std::lock_guard lock(state_->mutex);
  std::vector<std::shared_ptr<const core::Value>> all;
  all.reserve(state_->objects.size());
  for (const auto& [ref, object] : state_->objects) all.push_back(object);
  return all;
}

size_t Store::size() const {
  const std::lock_guard lock(state_->mutex);
  return state_->objects.size();
}

bool Store::synced() const {
  const std::lock_guard lock(state_->mutex);
  return state_->synced;
}

}  // namespace headgate::deploy
