#include "deploy/kube/discovery.h"

#include "core/object.h"

namespace headgate::deploy {

std::optional<Resource> Discovery::Find(const Type& type) const {
  const std::lock_guard lock(mutex_);
  const auto version = served_.find(type.api_version);
  if (version == served_.end()) return std::nullopt;
  const auto found = version->second.by_kind.find(type.kind);
  if (found == version->second.by_kind.end()) return std::nullopt;
  return found->second;
}

bool Discovery::MayAsk(const std::string& api_version, core::BootTime now) const {
  const std::lock_guard lock(mutex_);
  const auto found = served_.find(api_version);
  return found == served_.end() || now - found->second.asked >= kAskedLately;
}

void Discovery::Learn(const std::string& api_version, const core::Value* list, core::BootTime now) {
  const core::GroupVersion version = core::ParseApiVersion(api_version);
  Served served{{}, now};
  for (const core::Value& entry : list ? list->ListAt("resources") : core::List()) {
    const std::string& plural = entry.StringAt("name");
    if (plural.find('/') != std::string::npos) continue;  // a subresource
    const std::string& kind = entry.StringAt("kind");
    served.by_kind.insert_or_assign(kind, Resource{version.group, version.version, kind, plural,
                                                   entry.BoolAt(false, "namespaced")});
  }
  const std::lock_guard lock(mutex_);
  served_.insert_or_assign(api_version, std::move(served));
}

std::string PathOfVersion(const std::string& api_version) {
  const bool core_group = api_version.find('/') == std::string::npos;
  return (core_group ? "/api/" : "/apis/") + api_version;
}

}  // namespace headgate::deploy
