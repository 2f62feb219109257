#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "core/result.h"

namespace headgate::net {
struct Identity;
}

namespace headgate::deploy {

// One API server, and who we are to it.
struct Cluster {
  std::string name;    // for messages: the context, or "in-cluster"
  std::string server;  // "https://10.0.0.1:6443", without a slash at the end
  std::shared_ptr<const net::Identity> identity;
  std::string namespace_name = "default";  // where an object without a namespace goes
};

// Reads a kubeconfig; an empty context means its current-context. Client certificates, tokens,
// token files (read again when they change) and basic authentication; data or file forms, files
// relative to the kubeconfig. kInvalid, with the mend, for what would weaken or execute: exec and
// auth-provider plugins, insecure-skip-tls-verify, plain http to another host than this one.
core::Result<Cluster> LoadKubeconfig(const std::filesystem::path& path,
                                     std::string_view context = "");

// The same from text, for a kubeconfig that came in a Secret: file references are refused, since
// they would read this machine's files.
core::Result<Cluster> ParseKubeconfig(std::string_view yaml, std::string_view context = "");

// What a pod finds in its environment and its service account's folder. The token is read again
// when its file changes, as the kubelet rotates it.
core::Result<Cluster> InCluster(
    const std::filesystem::path& folder = "/var/run/secrets/kubernetes.io/serviceaccount");

// As kubectl looks for it: `path` if given, else $KUBECONFIG (one file), else the pod's own
// account where there is one, else ~/.kube/config.
core::Result<Cluster> FindCluster(const std::filesystem::path& path = {},
                                  std::string_view context = "");

}  // namespace headgate::deploy
