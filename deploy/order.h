#pragma once

#include <vector>

#include "core/object.h"

namespace headgate::deploy {

// Classes of kinds, in the order of applying. Within a class objects do not wait for each other.
enum class OrderClass {
  kNamespaces,
  kDefinitions,  // CustomResourceDefinitions: established before anything else goes on
  kFoundations,  // classes, quotas, accounts and rights, configuration, volumes
  kServices,
  kWorkloads,
  kOthers,    // routes, autoscalers, custom resources
  kWebhooks,  // last, since they may refuse what comes before their server is up
};

OrderClass OrderClassOf(const core::ObjectRef& ref);

// Stable: objects of one class keep their given order.
core::Objects InOrder(core::Objects objects);

}  // namespace headgate::deploy
