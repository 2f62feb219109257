#include "deploy/kube/kubeconfig.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <cstdlib>
#include <fstream>
#include <functional>
#include <optional>
#include <sstream>

#include "core/hash.h"
#include "deploy/kube/token_file.h"
#include "net/http.h"

namespace headgate::deploy {
namespace {

constexpr std::uintmax_t kFileBytesMax = 4 * 1024 * 1024;

core::Result<std::string> ReadFile(const std::filesystem::path& path) {
  std::error_code failed;
  const std::uintmax_t size = std::filesystem::file_size(path, failed);
  if (failed)
    return core::Invalid(fmt::format("cannot read {}: {}", path.string(), failed.message()));
  if (size > kFileBytesMax) return core::Invalid(path.string() + " is too large");
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) return core::Invalid("cannot read " + path.string());
  return std::move(text).str();
}

// Where the file references of a kubeconfig lead; nothing: nowhere, they are refused.
using Folder = std::optional<std::filesystem::path>;

std::string Scalar(const YAML::Node& map, const char* key) {
  const YAML::Node at = map[key];
  return at && at.IsScalar() ? at.Scalar() : "";
}

bool Has(const YAML::Node& map, const char* key) {
  const YAML::Node at = map[key];
  return at && !at.IsNull();
}

// The item of a kubeconfig's list ("clusters", say) with this name, and in it the map of `key`.
core::Result<YAML::Node> Named(const YAML::Node& root, const char* list, const std::string& name,
                               const char* key) {
  const YAML::Node items = root[list];
  for (size_t i = 0; items && items.IsSequence() && i < items.size(); ++i) {
    if (!items[i].IsMap() || Scalar(items[i], "name") != name) continue;
    const YAML::Node found = items[i][key];
    if (found && found.IsMap()) return found;
  }
  return core::Invalid(fmt::format("{} has no entry named \"{}\"", list, name));
}

core::Result<std::filesystem::path> Located(const std::string& file, const char* field,
                                            const Folder& folder) {
  if (!folder) {
    return core::Invalid(fmt::format(
        "{} refers to a file; put its content into the kubeconfig (kubectl config view --flatten)",
        field));
  }
  const std::filesystem::path path(file);
  return path.is_absolute() ? path : *folder / path;
}

// What "NAME-data" (base64) or "NAME" (a file) holds; "" where neither is there.
core::Result<std::string> DataOrFile(const YAML::Node& map, const std::string& name,
                                     const Folder& folder) {
  const std::string data = Scalar(map, (name + "-data").c_str());
  if (!data.empty()) {
    core::Result<std::string> bytes = core::FromBase64(data);
    if (!bytes) return core::Invalid(name + "-data is no base64");  // its text is not shown
    return bytes;
  }
  const std::string file = Scalar(map, name.c_str());
  if (file.empty()) return std::string();
  const core::Result<std::filesystem::path> path = Located(file, name.c_str(), folder);
  if (!path) return path.error();
  return ReadFile(*path);
}

core::Status CheckServer(const std::string& server) {
  if (server.starts_with("https://")) return core::Ok();
  for (const char* local : {"http://127.0.0.1", "http://localhost", "http://[::1]"}) {
    if (server.starts_with(local)) return core::Ok();
  }
  if (server.empty()) return core::Invalid("server is missing");
  return core::Invalid(
      fmt::format("server {} is not https: credentials would travel in the clear", server));
}

core::Status RefuseInCluster(const YAML::Node& cluster) {
  if (cluster["insecure-skip-tls-verify"] &&
      Scalar(cluster, "insecure-skip-tls-verify") == "true") {
    return core::Invalid(
        "insecure-skip-tls-verify is refused: anybody in between could read and change "
        "everything. Give certificate-authority(-data) instead");
  }
  for (const char* key : {"tls-server-name", "proxy-url"}) {
    if (Has(cluster, key)) return core::Invalid(fmt::format("{} is not supported", key));
  }
  return core::Ok();
}

core::Status RefuseInUser(const YAML::Node& user) {
  for (const char* key : {"exec", "auth-provider"}) {
    if (!Has(user, key)) continue;
    return core::Invalid(fmt::format(
        "{} plugins are refused: Headgate runs no other program. Use a client certificate, a "
        "token or a tokenFile (a service account's token works from anywhere)",
        key));
  }
  for (const char* key : {"as", "as-groups", "as-uid"}) {
    if (Has(user, key)) return core::Invalid(fmt::format("{} is not supported", key));
  }
  return core::Ok();
}

core::Status FillUser(const YAML::Node& user, const Folder& folder, net::Identity* identity) {
  if (core::Status refused = RefuseInUser(user); !refused) return refused;
  const core::Result<std::string> cert = DataOrFile(user, "client-certificate", folder);
  if (!cert) return cert.error();
  const core::Result<std::string> key = DataOrFile(user, "client-key", folder);
  if (!key) return key.error();
  if (cert->empty() != key->empty()) {
    return core::Invalid("client-certificate and client-key belong together; one is missing");
  }
  identity->client_cert_pem = *cert;
  identity->client_key_pem = *key;
  identity->basic_user = Scalar(user, "username");
  identity->basic_password = Scalar(user, "password");

  const std::string token_file = Scalar(user, "tokenFile");
  if (!token_file.empty()) {
    const core::Result<std::filesystem::path> path = Located(token_file, "tokenFile", folder);
    if (!path) return path.error();
    identity->bearer_token = TokenFrom(*path);
  } else if (const std::string token = Scalar(user, "token"); !token.empty()) {
    identity->bearer_token = [token]() -> core::Result<std::string> { return token; };
  }
  return core::Ok();
}

core::Result<Cluster> FromNode(const YAML::Node& root, std::string_view wanted,
                               const Folder& folder) {
  const std::string name = wanted.empty() ? Scalar(root, "current-context") : std::string(wanted);
  if (name.empty()) return core::Invalid("no context is named, and current-context is not set");
  const core::Result<YAML::Node> context = Named(root, "contexts", name, "context");
  if (!context) return context.error();
  const core::Result<YAML::Node> cluster =
      Named(root, "clusters", Scalar(*context, "cluster"), "cluster");
  if (!cluster) return cluster.error();
  if (core::Status refused = RefuseInCluster(*cluster); !refused) return refused.error();

  Cluster found;
  found.name = name;
  found.server = Scalar(*cluster, "server");
  while (found.server.ends_with('/')) found.server.pop_back();
  if (core::Status checked = CheckServer(found.server); !checked) return checked.error();

  auto identity = std::make_shared<net::Identity>();
  core::Result<std::string> ca = DataOrFile(*cluster, "certificate-authority", folder);
  if (!ca) return ca.error();
  identity->ca_pem = std::move(*ca);
  const std::string user_name = Scalar(*context, "user");
  if (!user_name.empty()) {
    const core::Result<YAML::Node> user = Named(root, "users", user_name, "user");
    if (!user) return user.error();
    core::Status filled = FillUser(*user, folder, identity.get());
    if (!filled) return filled.error().In(fmt::format("user \"{}\"", user_name));
  }
  found.identity = std::move(identity);
  if (const std::string ns = Scalar(*context, "namespace"); !ns.empty()) found.namespace_name = ns;
  return found;
}

core::Result<Cluster> Parse(std::string_view yaml, std::string_view context, const Folder& folder) {
  try {
    const YAML::Node root = YAML::Load(std::string(yaml));
    if (!root.IsMap())
      return core::Invalid("a mapping with clusters, users and contexts was expected");
    return FromNode(root, context, folder);
  } catch (const YAML::Exception& e) {
    // The exception's own text may quote the line, and with it a secret.
    return core::Invalid(fmt::format("line {}: no valid YAML", e.mark.line + 1));
  }
}

const char* Environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

}  // namespace

core::Result<Cluster> LoadKubeconfig(const std::filesystem::path& path, std::string_view context) {
  const core::Result<std::string> text = ReadFile(path);
  if (!text) return text.error().In("kubeconfig");
  core::Result<Cluster> cluster = Parse(*text, context, path.parent_path());
  if (!cluster) return cluster.error().In("kubeconfig " + path.string());
  return cluster;
}

core::Result<Cluster> ParseKubeconfig(std::string_view yaml, std::string_view context) {
  core::Result<Cluster> cluster = Parse(yaml, context, std::nullopt);
  if (!cluster) return cluster.error().In("kubeconfig");
  return cluster;
}

core::Result<Cluster> InCluster(const std::filesystem::path& folder) {
  const std::string host = Environment("KUBERNETES_SERVICE_HOST");
  const std::string port = Environment("KUBERNETES_SERVICE_PORT");
  if (host.empty() || port.empty()) {
    return core::Invalid(
        "not in a pod: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set; give "
        "--kubeconfig");
  }
  core::Result<std::string> ca = ReadFile(folder / "ca.crt");
  if (!ca) return ca.error().In("in-cluster configuration");
  Cluster cluster;
  cluster.name = "in-cluster";
  const bool is_ipv6 = host.find(':') != std::string::npos;
  cluster.server = is_ipv6 ? fmt::format("https://[{}]:{}", host, port)
                           : fmt::format("https://{}:{}", host, port);
  auto identity = std::make_shared<net::Identity>();
  identity->ca_pem = std::move(*ca);
  identity->bearer_token = TokenFrom(folder / "token");
  cluster.identity = std::move(identity);
  if (core::Result<std::string> ns = ReadFile(folder / "namespace"); ns && !ns->empty()) {
    cluster.namespace_name = ns->substr(0, ns->find_first_of(" \r\n"));
  }
  return cluster;
}

core::Result<Cluster> FindCluster(const std::filesystem::path& path, std::string_view context) {
  if (!path.empty()) return LoadKubeconfig(path, context);
  const std::string from_environment = Environment("KUBECONFIG");
  if (from_environment.find(':') != std::string::npos) {
    return core::Invalid("$KUBECONFIG names several files; give one with --kubeconfig");
  }
  if (!from_environment.empty()) return LoadKubeconfig(from_environment, context);
  if (*Environment("KUBERNETES_SERVICE_HOST")) return InCluster();
  const std::filesystem::path home = std::filesystem::path(Environment("HOME")) / ".kube/config";
  if (std::filesystem::exists(home)) return LoadKubeconfig(home, context);
  return core::Invalid("no cluster is known: give --kubeconfig, or set KUBECONFIG");
}

}  // namespace headgate::deploy
