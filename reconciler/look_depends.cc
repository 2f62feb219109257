// The part of a look that waits for other Applications.
#include <fmt/format.h>

#include <algorithm>

#include "core/hash.h"
#include "reconciler/look.h"

namespace headgate::reconciler {
namespace {

constexpr core::Duration kDependencyPause = std::chrono::seconds(1);  // a change wakes it earlier

std::string NameOf(const core::Dependency& dependency) {
  return dependency.namespace_name + "/" + dependency.name;
}

core::ObjectRef RefOf(const core::Dependency& dependency) {
  return {core::kGroup, "Application", dependency.namespace_name, dependency.name};
}

std::vector<core::Dependency> DependenciesOf(const core::Value& application) {
  std::vector<core::Dependency> all;
  for (const core::Value& item : application.ListAt("spec", "dependsOn")) {
    const std::string& ns = item.StringAt("namespace");
    all.push_back({item.StringAt("name"), ns.empty() ? core::NamespaceOf(application) : ns, ""});
  }
  return all;
}

const core::Value* ConditionOf(const core::Value& application, std::string_view type) {
  for (const core::Value& condition : application.ListAt("status", "conditions")) {
    if (condition.StringAt("type") == type) return &condition;
  }
  return nullptr;
}

// Whether both read the same branch, so that one commit concerns both.
bool ReadTheSame(const core::Application& app, const core::Value& other) {
  const std::string& branch = other.StringAt("spec", "source", "branch");
  return other.StringAt("spec", "source", "url") == app.source.url &&
         (branch.empty() ? "main" : branch) == app.source.branch;
}

}  // namespace

// Whether what is wanted may be deployed or tried: what it depends on is there.
bool Look::PassDependencies() {
  if (!wanted_ || sync_.depends_on.empty()) return true;
  const SharedRecord stable = memory_->releases.stable();
  const SharedRecord candidate = memory_->releases.candidate();
  const auto known = [&](const SharedRecord& record) {
    return record && record->bundle.hash == wanted_->bundle.hash;
  };
  if (known(stable) || known(candidate)) return true;
  if (core::Status acyclic = CheckCycle(); !acyclic) {
    return Trouble(Trouble::kInvalidSpec, acyclic.error()), false;
  }
  for (const core::Dependency& dependency : sync_.depends_on) {
    const core::Result<std::string> why = WaitsFor(dependency);
    if (!why) return Trouble(Trouble::kInvalidSpec, why.error()), false;
    if (why->empty()) continue;
    waits_for_.insert(NameOf(dependency));
    look_again_ = std::min(look_again_, kDependencyPause);
    if (report_.waiting.empty()) {
      report_.waiting = fmt::format("waits for Application {}: {}", NameOf(dependency), *why);
    }
  }
  return waits_for_.empty();
}

// Why one of them is not there yet; "" where it is.
core::Result<std::string> Look::WaitsFor(const core::Dependency& dependency) const {
  const std::shared_ptr<const core::Value> other =
      parts_.applications ? parts_.applications->Get(RefOf(dependency)) : nullptr;
  if (!other) return std::string("it does not exist");
  if (other->IntAt(-1, "status", "observedGeneration") !=
      other->IntAt(0, "metadata", "generation")) {
    return std::string("its newest spec was not looked at yet");
  }
  const core::Value* condition = ConditionOf(*other, dependency.condition);
  if (!condition || condition->StringAt("status") != "True") {
    const std::string& summary = other->StringAt("status", "summary");
    return dependency.condition == "Ready"
               ? "it is not ready: " + summary
               : "its condition " + dependency.condition + " is not True";
  }
  if (dependency.condition != "Ready" || !ReadTheSame(app_, *other) ||
      other->BoolAt(false, "spec", "suspend") || !parts_.looked_at) {
    return std::string();
  }
  if (parts_.looked_at(NameOf(dependency)) == memory_->newest) return std::string();
  return fmt::format("it is not ready at {} yet", core::Short(memory_->newest, 7));
}

// kInvalid where one of those that it waits for waits for it.
core::Status Look::CheckCycle() const {
  const std::string self = core::FullName(app_);
  std::vector<std::string> way{self};
  std::set<std::string> seen;
  std::function<bool(const std::vector<core::Dependency>&)> leads_back =
      [&](const std::vector<core::Dependency>& all) {
        return std::any_of(all.begin(), all.end(), [&](const core::Dependency& each) {
          const std::string name = NameOf(each);
          way.push_back(name);
          if (name == self) return true;
          const auto other = parts_.applications && seen.insert(name).second
                                 ? parts_.applications->Get(RefOf(each))
                                 : nullptr;
          if (other && leads_back(DependenciesOf(*other))) return true;
          way.pop_back();
          return false;
        });
      };
  if (!leads_back(sync_.depends_on)) return core::Ok();
  std::string shown;
  for (const std::string& name : way) shown += (shown.empty() ? "" : " -> ") + name;
  return core::Invalid("spec.dependsOn: a cycle, in which each waits for the next: " + shown);
}

}  // namespace headgate::reconciler
