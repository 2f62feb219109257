#include "deploy/kube/client.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <random>

#include "core/json.h"
#include "deploy/kube/call.h"
#include "deploy/kube/client_shared.h"
#include "deploy/kube/discovery.h"
#include "deploy/kube/fast_json.h"
#include "net/http.h"

namespace headgate::deploy {
namespace {

constexpr int kListLimit = 500;      // objects a page
constexpr int kListRestartsMax = 3;  // a listing whose continuation expired starts anew

const core::RealClock kRealClock;

std::string DryRun(bool dry_run) { return dry_run ? "All" : ""; }

// What the server refuses, or would take as a fence, in an applied body.
core::Value ForApply(const core::Value& body, const std::string& resource_version) {
  core::Value copy = body;
  core::Map& metadata = copy.MakeMap()["metadata"].MakeMap();
  for (const char* field :
       {"managedFields", "resourceVersion", "uid", "creationTimestamp", "generation", "selfLink"}) {
    metadata.Erase(field);
  }
  if (!resource_version.empty()) metadata.Set("resourceVersion", resource_version);
  return copy;
}

// Waits, unless a stop comes first; whether it waited to the end.
bool Pause(core::Duration pause, std::stop_token stop) {
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  wake.wait_for(lock, stop, pause, [] { return false; });
  return !stop.stop_requested();
}

}  // namespace

Type TypeOf(const core::Value& body) {
  return {body.StringAt("apiVersion"), body.StringAt("kind")};
}

std::string Show(const Type& type) { return fmt::format("{} ({})", type.kind, type.api_version); }

std::string ServiceAccountUser(std::string_view namespace_name, std::string_view name) {
  return fmt::format("system:serviceaccount:{}:{}", namespace_name, name);
}

Client::Client(Cluster cluster, net::Http* http, ClientOptions options)
    : shared_(std::make_shared<Shared>(std::move(cluster), http, options)) {
  if (!shared_->options.clock) shared_->options.clock = &kRealClock;
}

Client Client::As(std::string_view user) const {
  Client copy = *this;
  copy.user_ = user;
  return copy;
}

const Cluster& Client::cluster() const { return shared_->cluster; }
net::Http* Client::http() const { return shared_->http; }
uint64_t Client::requests_sent() const { return shared_->requests_sent; }

net::Request Client::RequestFor(const Call& call) const {
  net::Request request;
  request.method = call.method;
  request.url = shared_->cluster.server + call.path + (call.query.empty() ? "" : "?" + call.query);
  request.identity = shared_->cluster.identity;
  request.body = call.body;
  request.headers = {{"Accept", call.accept}, {"User-Agent", "headgate"}};
  if (!call.content_type.empty()) request.headers.emplace_back("Content-Type", call.content_type);
  if (!call.user.empty()) request.headers.emplace_back("Impersonate-User", call.user);
  return request;
}

// Sends, and again while that may help. The answer is one of status below 400.
core::Result<net::Response> Client::Send(const Call& call, std::stop_token stop) const {
  const ClientOptions& options = shared_->options;
  const core::BootTime deadline = options.clock->SinceBoot() + options.deadline;
  core::Duration pause = options.pause_first;
  net::Request request = RequestFor(call);
  for (int attempt = 1;; ++attempt) {
    request.deadline = std::max(deadline - options.clock->SinceBoot(), core::Duration(1));
    ++shared_->requests_sent;
    core::Result<net::Response> answer = shared_->http->Send(request, stop);
    if (answer && answer->status < 400) return answer;

    const bool again = answer
                           ? MayRetry(call, *answer)
                           : call.repeatable && answer.error().fault() == core::Fault::kUnavailable;
    const core::Error error =
        answer ? ErrorOf(call, *answer) : answer.error().In(call.verb + " " + call.what);
    const core::Duration wait =
        error.retry_after() ? std::max(*error.retry_after(), pause) : shared_->Jittered(pause);
    const bool in_time = options.clock->SinceBoot() + wait < deadline && wait <= options.pause_max;
    if (!again || attempt >= options.attempts_max || !in_time) return error;
    if (!Pause(wait, stop)) return core::Cancelled("stopped").In(call.verb + " " + call.what);
    pause *= 2;
  }
}

core::Result<core::Value> Client::SendForObject(const Call& call, std::stop_token stop) const {
  const core::Result<net::Response> answer = Send(call, stop);
  if (!answer) return answer.error();
  core::Result<core::Value> body = ParseFast(answer->body);
  if (body && body->is_map()) return body;
  return core::Internal("the server's answer is no object").In(call.verb + " " + call.what);
}

core::Result<Resource> Client::ResourceFor(const Type& type, std::stop_token stop) const {
  Discovery& discovery = shared_->discovery;
  if (std::optional<Resource> known = discovery.Find(type)) return *known;
  const core::Error missing = core::NotFound(fmt::format(
      "the server has no kind {} in {}: is its CustomResourceDefinition installed, and at this "
      "version?",
      type.kind, type.api_version));
  if (type.api_version.empty() || type.kind.empty()) {
    return core::Invalid("an object needs apiVersion and kind");
  }
  const core::Clock& clock = *shared_->options.clock;
  if (!discovery.MayAsk(type.api_version, clock.SinceBoot())) return missing;

  Call call;
  call.path = PathOfVersion(type.api_version);
  call.verb = "discover";
  call.what = type.api_version;
  const core::Result<core::Value> list = SendForObject(call, stop);
  if (!list && list.error().fault() != core::Fault::kNotFound) return list.error();
  discovery.Learn(type.api_version, list ? &*list : nullptr, clock.SinceBoot());
  if (std::optional<Resource> known = discovery.Find(type)) return *known;
  return missing;
}

core::Result<std::string> Client::PathOf(const Type& type, std::string_view namespace_name,
                                         std::string_view name, std::stop_token stop) const {
  const core::Result<Resource> resource = ResourceFor(type, stop);
  if (!resource) return resource.error();
  std::string path = PathOfVersion(type.api_version);
  if (resource->namespaced && !namespace_name.empty()) {
    path += "/namespaces/" + Escaped(namespace_name);
  }
  path += "/" + resource->plural;
  if (name.empty()) return path;
  if (resource->namespaced && namespace_name.empty()) {
    return core::Invalid(fmt::format("{} {} needs a namespace", type.kind, name));
  }
  return path + "/" + Escaped(name);
}

core::Result<Call> Client::CallFor(std::string method, std::string verb, const Type& type,
                                   std::string_view namespace_name, std::string_view name,
                                   std::stop_token stop) const {
  Call call;
  const std::string group = core::ParseApiVersion(type.api_version).group;
  call.what =
      core::Show(core::ObjectRef{group, type.kind, std::string(namespace_name), std::string(name)});
  core::Result<std::string> path = PathOf(type, namespace_name, name, stop);
  if (!path) return path.error().In(verb + " " + call.what);
  const core::Result<Resource> resource = ResourceFor(type, stop);
  call.method = std::move(method);
  call.verb = std::move(verb);
  call.path = std::move(*path);
  call.group = group;
  call.plural = resource ? resource->plural : "";
  call.user = user_;
  call.is_secret = group.empty() && type.kind == "Secret";
  return call;
}

core::Result<Call> Client::CallFor(std::string method, std::string verb, const core::Value& body,
                                   std::stop_token stop) const {
  if (core::Status checked = core::CheckObject(body); !checked) return checked.error();
  return CallFor(std::move(method), std::move(verb), TypeOf(body), core::NamespaceOf(body),
                 core::NameOf(body), stop);
}

core::Result<core::Value> Client::Get(const Type& type, std::string_view namespace_name,
                                      std::string_view name, std::stop_token stop) const {
  const core::Result<Call> call = CallFor("GET", "get", type, namespace_name, name, stop);
  if (!call) return call.error();
  return SendForObject(*call, stop);
}

// One listing, page by page. An expired continuation is kConflict.
core::Result<ListAnswer> Client::ListPages(const Call& first, const Type& type,
                                           std::stop_token stop) const {
  ListAnswer all;
  for (std::string next;;) {
    Call call = first;
    AddQuery(&call, "limit", std::to_string(kListLimit));
    if (!next.empty()) AddQuery(&call, "continue", next);
    core::Result<core::Value> page = SendForObject(call, stop);
    if (!page) return page.error();
    all.resource_version = page->StringAt("metadata", "resourceVersion");
    next = page->StringAt("metadata", "continue");
    core::Value* items = page->Find("items");
    for (core::Value& item : items ? items->MakeList() : page->MakeMap()["items"].MakeList()) {
      core::Map& map = item.MakeMap();
      map.Set("apiVersion", type.api_version);
      map.Set("kind", type.kind);
      all.items.push_back(std::move(item));
    }
    if (next.empty()) return all;
  }
}

core::Result<ListAnswer> Client::List(const Type& type, const ListOptions& options,
                                      std::stop_token stop) const {
  core::Result<Call> call = CallFor("GET", "list", type, options.namespace_name, "", stop);
  if (!call) return call.error();
  call->what = type.kind + (options.namespace_name.empty() ? "" : " in " + options.namespace_name);
  if (!options.label_selector.empty()) AddQuery(&*call, "labelSelector", options.label_selector);
  if (!options.field_selector.empty()) AddQuery(&*call, "fieldSelector", options.field_selector);
  if (options.metadata_only) {
    call->accept = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";
  }
  for (int restart = 0;; ++restart) {
    core::Result<ListAnswer> all = ListPages(*call, type, stop);
    const bool expired = !all && all.error().fault() == core::Fault::kConflict;
    if (!expired || restart >= kListRestartsMax) return all;
  }
}

core::Result<core::Value> Client::Create(const core::Value& body, std::stop_token stop) const {
  const core::Result<Call> named = CallFor("POST", "create", body, stop);
  if (!named) return named.error();
  Call call = *named;
  call.path.resize(call.path.rfind('/'));  // of the collection
  call.body = core::ToJson(body);
  call.content_type = "application/json";
  call.repeatable = false;
  AddQuery(&call, "fieldManager", kFieldManager);
  return SendForObject(call, stop);
}

core::Result<core::Value> Client::Apply(const core::Value& body, const ApplyRequest& request,
                                        std::stop_token stop) const {
  core::Result<Call> call = CallFor("PATCH", "patch", body, stop);
  if (!call) return call.error();
  if (!request.subresource.empty()) call->path += "/" + request.subresource;
  call->body = core::ToJson(ForApply(body, request.resource_version));
  call->content_type = "application/apply-patch+yaml";
  AddQuery(&*call, "fieldManager", request.field_manager);
  if (request.force) AddQuery(&*call, "force", "true");
  if (request.dry_run) AddQuery(&*call, "dryRun", DryRun(true));
  // As kubectl: a field that the schema does not have is a mistake, not a wish.
  if (request.subresource.empty()) AddQuery(&*call, "fieldValidation", "Strict");
  return SendForObject(*call, stop);
}

core::Result<core::Value> Client::ApplyStatus(const core::Value& body, std::stop_token stop) const {
  core::Map only;
  for (const char* key : {"apiVersion", "kind"}) only.Set(key, body.StringAt(key));
  core::Map metadata{{"name", core::NameOf(body)}};
  if (!core::NamespaceOf(body).empty()) metadata.Set("namespace", core::NamespaceOf(body));
  only.Set("metadata", std::move(metadata));
  if (const core::Value* status = body.Find("status")) only.Set("status", *status);
  return Apply(only, {.subresource = "status"}, stop);
}

core::Result<core::Value> Client::Replace(const core::Value& body, std::stop_token stop) const {
  core::Result<Call> call = CallFor("PUT", "update", body, stop);
  if (!call) return call.error();
  call->body = core::ToJson(body);
  call->content_type = "application/json";
  AddQuery(&*call, "fieldManager", kFieldManager);
  return SendForObject(*call, stop);
}

core::Result<core::Value> Client::ReplaceStatus(const core::Value& body,
                                                std::stop_token stop) const {
  core::Result<Call> call = CallFor("PUT", "update", body, stop);
  if (!call) return call.error();
  call->path += "/status";
  call->body = core::ToJson(body);
  call->content_type = "application/json";
  AddQuery(&*call, "fieldManager", kFieldManager);
  return SendForObject(*call, stop);
}

core::Result<core::Value> Client::Patch(const Type& type, std::string_view namespace_name,
                                        std::string_view name, const core::Value& patch,
                                        const PatchOptions& options, std::stop_token stop) const {
  core::Result<Call> call = CallFor("PATCH", "patch", type, namespace_name, name, stop);
  if (!call) return call.error();
  if (!options.subresource.empty()) call->path += "/" + options.subresource;
  call->body = core::ToJson(patch);
  call->content_type = "application/merge-patch+json";
  AddQuery(&*call, "fieldManager", kFieldManager);
  if (options.dry_run) AddQuery(&*call, "dryRun", DryRun(true));
  return SendForObject(*call, stop);
}

core::Status Client::Delete(const Type& type, std::string_view namespace_name,
                            std::string_view name, const DeleteOptions& options,
                            std::stop_token stop) const {
  core::Result<Call> call = CallFor("DELETE", "delete", type, namespace_name, name, stop);
  if (!call) return call.error();
  constexpr std::string_view kPropagations[] = {"Background", "Foreground", "Orphan"};
  core::Map body{{"apiVersion", "v1"},
                 {"kind", "DeleteOptions"},
                 {"propagationPolicy", kPropagations[static_cast<size_t>(options.propagation)]}};
  core::Map preconditions;
  if (!options.uid.empty()) preconditions.Set("uid", options.uid);
  if (!options.resource_version.empty()) {
    preconditions.Set("resourceVersion", options.resource_version);
  }
  if (!preconditions.empty()) body.Set("preconditions", std::move(preconditions));
  if (options.dry_run) body.Set("dryRun", core::List{"All"});
  call->body = core::ToJson(std::move(body));
  call->content_type = "application/json";
  const core::Result<net::Response> answer = Send(*call, stop);
  if (!answer) return answer.error();
  return core::Ok();
}

core::Result<std::string> Client::GetText(std::string_view path, std::stop_token stop) const {
  Call call;
  call.path = path;
  call.verb = "get";
  call.what = path.substr(0, path.find('?'));
  call.user = user_;
  call.accept = "*/*";
  core::Result<net::Response> answer = Send(call, stop);
  if (!answer) return answer.error();
  return std::move(answer->body);
}

}  // namespace headgate::deploy
