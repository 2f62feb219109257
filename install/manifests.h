#pragma once

#include <span>
#include <string_view>

namespace headgate::install {

// A file of install/, as it was when the program was built.
struct Manifest {
  std::string_view name;  // path in install/: "crds/application.yaml"
  std::string_view text;  // YAML; may hold several documents
};

// All that `headgate install` prints or applies, in the order in which it must be applied: the
// namespace and the CRDs before what needs them.
std::span<const Manifest> Manifests();

}  // namespace headgate::install
