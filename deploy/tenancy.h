#pragma once

#include <functional>
#include <string>

#include "core/application.h"
#include "core/object.h"
#include "core/result.h"

namespace headgate::deploy {

// On a Namespace, by its administrator: Applications of other namespaces that may write to it, "ns"
// (all of them) or "ns/name", with commas between.
inline constexpr std::string_view kAllowAnnotation = "headgate.dev/allow";

// Whether an annotation's value names the Application.
bool IsAllowed(std::string_view allow, const core::Application& application);

// Whether an Application may ask for these (prepared) objects at all. Those in headgate-system may;
// what others may is what their service account may (RBAC), less
// - objects in a namespace that is not their own, unless `allow_of` (the value of kAllowAnnotation
//   of that namespace) names them;
// - Headgate's own CRDs, and names that begin with system:;
// - admission webhooks and policies that could refuse or rewrite what Headgate writes for others:
//   that match its own kinds, or any kind, or whole namespaces beside their own.
// kForbidden names the object, the rule and the mend.
core::Status CheckTenancy(
    const core::Application& application, const core::Objects& objects,
    const std::function<core::Result<std::string>(const std::string& namespace_name)>& allow_of);

}  // namespace headgate::deploy
