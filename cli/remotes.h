#pragma once

#include <memory>

namespace headgate::templating::kustomize {
class Remotes;
}

namespace headgate::cli {

// Fetches for `build --allow-remote`: repositories by git over https, files over https; no program
// is run. A file that redirects is refused: the place it leads to may be named instead. What was
// fetched goes with the object. SSL_CERT_FILE names authorities to trust instead of the system's.
std::shared_ptr<templating::kustomize::Remotes> NewRemotes();

}  // namespace headgate::cli
