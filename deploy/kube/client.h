#pragma once

#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "core/object.h"
#include "core/result.h"
#include "core/value.h"
#include "deploy/kube/kubeconfig.h"

namespace headgate::net {
class Http;
struct Request;
struct Response;
}  // namespace headgate::net

namespace headgate::deploy {

struct Call;  // one request, in deploy/kube/call.h

inline constexpr std::string_view kFieldManager = "headgate";

// A kind of object as manifests name it: {"apps/v1", "Deployment"}.
struct Type {
  std::string api_version;
  std::string kind;

  friend auto operator<=>(const Type&, const Type&) = default;
};
Type TypeOf(const core::Value& body);
std::string Show(const Type& type);  // "Deployment (apps/v1)"

// The same as the API server serves it.
struct Resource {
  std::string group;  // "" for the core group
  std::string version;
  std::string kind;
  std::string plural;
  bool namespaced = false;

  friend bool operator==(const Resource&, const Resource&) = default;
};

struct ListOptions {
  std::string namespace_name;  // empty: all namespaces
  std::string label_selector;
  std::string field_selector;
  bool metadata_only = false;  // items have nothing but metadata
};
struct ListAnswer {
  std::vector<core::Value> items;  // with apiVersion and kind, which the server leaves out in lists
  std::string resource_version;    // where a watch may go on
};

struct ApplyRequest {
  bool force = true;             // take fields from other managers
  bool dry_run = false;          // the server computes the result and stores nothing
  std::string resource_version;  // fence: kConflict unless the live object is still at it
  std::string subresource;       // "" or "status"
  std::string field_manager = std::string(kFieldManager);
};

struct PatchOptions {
  std::string subresource;
  bool dry_run = false;
};

enum class Propagation { kBackground, kForeground, kOrphan };
struct DeleteOptions {
  Propagation propagation = Propagation::kBackground;
  std::string uid;               // preconditions: kConflict where the live object is another one
  std::string resource_version;  // or has moved
  bool dry_run = false;
};

struct ClientOptions {
  core::Duration deadline = std::chrono::seconds(30);           // of one call, its retries included
  int attempts_max = 3;                                         // of one call
  core::Duration pause_first = std::chrono::milliseconds(200);  // between attempts; doubles, jitter
  core::Duration pause_max = std::chrono::seconds(5);  // a longer Retry-After is left to the caller
  const core::Clock* clock = nullptr;                  // nullptr: the real one
};

// Speaks to one API server. Copies are light and share discovery, connections and counters. Safe to
// call from several threads. Answers are bodies as the server gave them.
//
// Faults: 404 kNotFound; 409 kConflict, naming the managers and fields in dispute; 401 and 403
// kForbidden, naming the verb, the resource and the rule that would allow it; 400 and 422 kInvalid;
// 429 and 5xx kUnavailable with the server's Retry-After. Requests that may be repeated without
// harm (all but Create; for that only 429) are tried again a few times within the deadline. Content
// of Secrets appears in no error.
class Client {
 public:
  Client(Cluster cluster, net::Http* http, ClientOptions options = {});

  // The same client on behalf of somebody else: "system:serviceaccount:shop:deployer".
  Client As(std::string_view user) const;

  const Cluster& cluster() const;
  net::Http* http() const;
  // HTTP requests sent so far by this client and all its copies, watches and retries included.
  uint64_t requests_sent() const;

  // How the server serves a type; asked once per group and version, again on a miss. kNotFound
  // where it does not: the text asks whether its CRD is installed.
  core::Result<Resource> ResourceFor(const Type& type, std::stop_token stop = {}) const;
  // Path of a collection or an object: "/apis/apps/v1/namespaces/shop/deployments/web".
  core::Result<std::string> PathOf(const Type& type, std::string_view namespace_name,
                                   std::string_view name, std::stop_token stop = {}) const;

  core::Result<core::Value> Get(const Type& type, std::string_view namespace_name,
                                std::string_view name, std::stop_token stop = {}) const;
  core::Result<ListAnswer> List(const Type& type, const ListOptions& options = {},
                                std::stop_token stop = {}) const;

  // In all of these the body says type, namespace and name, and the answer is the object as it is
  // afterwards.
  core::Result<core::Value> Create(const core::Value& body, std::stop_token stop = {}) const;
  core::Result<core::Value> Apply(const core::Value& body, const ApplyRequest& request = {},
                                  std::stop_token stop = {}) const;
  // The status subresource by server-side apply: only the fields in body.status, as `headgate`.
  core::Result<core::Value> ApplyStatus(const core::Value& body, std::stop_token stop = {}) const;
  // PUT; fenced by the body's resourceVersion where it has one.
  core::Result<core::Value> Replace(const core::Value& body, std::stop_token stop = {}) const;
  core::Result<core::Value> ReplaceStatus(const core::Value& body, std::stop_token stop = {}) const;
  // JSON merge patch (RFC 7386).
  core::Result<core::Value> Patch(const Type& type, std::string_view namespace_name,
                                  std::string_view name, const core::Value& patch,
                                  const PatchOptions& options = {},
                                  std::stop_token stop = {}) const;

  // kNotFound where it is gone already. Ok means accepted: finalizers may keep it for a while.
  core::Status Delete(const Type& type, std::string_view namespace_name, std::string_view name,
                      const DeleteOptions& options = {}, std::stop_token stop = {}) const;

  // GET of a path that is no object: "/version",
  // "/api/v1/namespaces/shop/pods/web/log?tailLines=5".
  core::Result<std::string> GetText(std::string_view path, std::stop_token stop = {}) const;

 private:
  friend class Watch;
  struct Shared;

  core::Result<Call> CallFor(std::string method, std::string verb, const core::Value& body,
                             std::stop_token stop) const;
  core::Result<Call> CallFor(std::string method, std::string verb, const Type& type,
                             std::string_view namespace_name, std::string_view name,
                             std::stop_token stop) const;
  net::Request RequestFor(const Call& call) const;
  core::Result<net::Response> Send(const Call& call, std::stop_token stop) const;
  core::Result<core::Value> SendForObject(const Call& call, std::stop_token stop) const;
  core::Result<ListAnswer> ListPages(const Call& first, const Type& type,
                                     std::stop_token stop) const;

  std::shared_ptr<Shared> shared_;
  std::string user_;  // impersonated; empty: ourselves
};

// The impersonated name of a service account.
std::string ServiceAccountUser(std::string_view namespace_name, std::string_view name);

}  // namespace headgate::deploy
