#pragma once

#include "rollout/routers/router.h"

namespace headgate::rollout::routers {

// One file each.
const Router& HttpRoutes();       // gateway_api.cc
const Router& GrpcRoutes();       // gateway_api.cc
const Router& VirtualServices();  // istio.cc
const Router& Ingresses();        // nginx.cc
const Router& TraefikServices();  // traefik.cc
const Router& Replicas();         // replicas.cc

}  // namespace headgate::rollout::routers
