#include "deploy/kube/store.h"

#include "deploy/kube/fast_json.h"

namespace headgate::deploy {
namespace {

std::shared_ptr<const core::Value> Unpacked(const std::shared_ptr<const core::Value>& body,
                                            const std::shared_ptr<const std::string>& json) {
  if (body || !json) return body;
  core::Result<core::Value> parsed = ParseFast(*json);  // our own writing
  return std::make_shared<const core::Value>(parsed ? std::move(*parsed) : core::Value());
}

}  // namespace

Store::Store() : state_(std::make_unique<State>()) {}
Store::~Store() = default;

std::shared_ptr<const core::Value> Store::Get(const core::ObjectRef& ref) const {
  State::Kept kept;
  {
    const std::lock_guard lock(state_->mutex);
    const auto found = state_->objects.find(ref);
    if (found == state_->objects.end()) return nullptr;
    kept = found->second;
  }
  return Unpacked(kept.body, kept.json);
}

std::vector<std::shared_ptr<const core::Value>> Store::List() const {
  const std::lock_guard lock(state_->mutex);
  std::vector<std::shared_ptr<const core::Value>> all;
  all.reserve(state_->objects.size());
  for (const auto& [ref, kept] : state_->objects) all.push_back(Unpacked(kept.body, kept.json));
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
