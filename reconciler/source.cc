#include "reconciler/source.h"

#include <map>

#include "core/hash.h"
#include "git/mirrors.h"
#include "templating/renderer.h"
#include "templating/varying.h"

namespace headgate::reconciler {
namespace {

// Credentials rotate; until then a Secret for each look at each application would be asked for.
constexpr core::Duration kCredentialsMax = std::chrono::minutes(5);

// A key of a Secret's data; "" where it has none.
core::Result<std::string> SecretKey(const core::Value& secret, std::string_view key) {
  core::Result<std::string> value = core::FromBase64(secret.StringAt("data", key));
  if (!value)
    return core::Invalid("Secret " + core::NameOf(secret) + ": key " + std::string(key) +
                         " is no base64");
  return value;
}

}  // namespace

core::Result<git::Remote> Source::RemoteOf(const core::Application& application,
                                           std::stop_token stop) {
  const core::BootTime now = clock_->SinceBoot();
  const bool known = remote_ && remote_from_ == application.source;
  if (known && now - remote_at_ < kCredentialsMax) return *remote_;
  core::Result<git::Remote> remote = ReadRemote(application, stop);
  if (!remote) return remote;
  remote_ = std::make_shared<const git::Remote>(*remote);
  remote_from_ = application.source;
  remote_at_ = now;
  return remote;
}

core::Result<git::Remote> Source::ReadRemote(const core::Application& application,
                                             std::stop_token stop) {
  git::Remote remote;
  remote.url = application.source.url;
  if (application.source.secret_name.empty()) return remote;
  core::Result<core::Value> secret = client_.Get({"v1", "Secret"}, application.namespace_name,
                                                 application.source.secret_name, stop);
  if (!secret) return secret.error().In("spec.source.secretRef");
  struct {
    const char* key;
    std::string* to;
  } const wanted[] = {{"username", &remote.credentials.username},
                      {"password", &remote.credentials.password},
                      {"bearerToken", &remote.credentials.bearer_token},
                      {"caFile", &remote.credentials.ca_pem},
                      {"identity", &remote.credentials.identity},
                      {"known_hosts", &remote.credentials.known_hosts}};
  for (const auto& each : wanted) {
    core::Result<std::string> value = SecretKey(*secret, each.key);
    if (!value) return value.error().In("spec.source.secretRef");
    *each.to = std::move(*value);
  }
  return remote;
}

core::Result<std::string> Source::Newest(const core::Application& application, std::stop_token stop,
                                         bool anew) {
  const bool again = anew || clock_->SinceBoot() - failed_at_ >= application.sync.interval;
  if (failed_ && failed_from_ == application.source && !again) return *failed_;
  failed_.reset();
  core::Result<git::Remote> remote = RemoteOf(application, stop);
  if (!remote) return remote.error();
  // A little less than the interval, so that a look on time asks anew.
  const core::Duration max_age = anew ? core::Duration(0) : application.sync.interval * 9 / 10;
  core::Result<std::string> newest =
      mirrors_->Poll(*remote, application.source.branch, max_age, stop);
  if (!newest && newest.error().fault() != core::Fault::kCancelled) {
    remote_ = nullptr;
    failed_ = newest.error();
    failed_from_ = application.source;
    failed_at_ = clock_->SinceBoot();
  }
  return newest;
}

// Whether all that was read for the last rendering is the same at another commit.
bool Source::IsUntouched(const git::Remote& remote, const std::string& revision,
                         std::stop_token stop) {
  const std::shared_ptr<const core::Changes> changes =
      mirrors_->ChangesBetween(remote, checked_revision_, revision, std::move(stop));
  return changes && !read_.FirstTouched(*changes);
}

core::Status Source::KeepLive(const std::vector<templating::VaryingField>& varying,
                              const std::string& namespace_name, core::Objects* objects,
                              std::stop_token stop) const {
  std::map<core::ObjectRef, core::Value> live;
  for (const templating::VaryingField& field : varying) {
    auto found = live.find(field.object);
    if (found == live.end()) {
      const std::string& own = field.object.namespace_name;
      core::Result<core::Value> got =
          client_.Get({field.api_version, field.object.kind}, own.empty() ? namespace_name : own,
                      field.object.name, stop);
      if (!got && got.error().fault() != core::Fault::kNotFound) {
        return got.error().In("spec.render.helm.random");
      }
      found = live.emplace(field.object, got ? std::move(*got) : core::Value()).first;
    }
    for (core::Object& object : *objects) {
      if (core::RefOf(object.body) == field.object) {
        templating::KeepLive(field, found->second, &object.body);
      }
    }
  }
  return core::Ok();
}

core::Result<Source::Wanted> Source::At(const core::Application& application,
                                        const std::string& revision, std::stop_token stop) {
  const Input input{application.source, application.render, application.name,
                    application.destination.namespace_name};
  const bool known = rendered_ && rendered_from_ == input;
  if (known && checked_revision_ == revision) return *rendered_;
  core::Result<git::Remote> remote = RemoteOf(application, stop);
  if (!remote) return remote.error();
  if (known && IsUntouched(*remote, revision, stop)) {
    checked_revision_ = revision;
    return *rendered_;
  }
  core::Result<std::shared_ptr<const core::FileTree>> tree =
      mirrors_->Tree(*remote, revision, "", stop);
  if (!tree) return tree.error();
  const core::Result<std::string> path = core::Clean("", application.source.path);
  if (!path) return path.error().In("spec.source.path");
  const core::RecordingTree recording(**tree);
  const templating::RenderOptions options{.render = input.render,
                                          .release = input.release,
                                          .namespace_name = input.namespace_name,
                                          .shared = {files_, input.source.url}};
  core::Result<templating::Rendering> rendering =
      templating::RendererFor(recording, *path, options)->RenderAndCompare(recording, *path);
  core::Status done = rendering ? core::Ok() : core::Status(rendering.error());
  if (done && input.render.helm.keep_random) {
    done = KeepLive(rendering->varying, input.namespace_name, &rendering->objects, stop);
  }
  if (!done && done.error().fault() != core::Fault::kInvalid) return done.error();
  rendered_from_ = input;
  checked_revision_ = revision;
  read_ = recording.read();
  if (done) {
    Wanted wanted{revision, std::make_shared<const core::Objects>(std::move(rendering->objects))};
    for (const templating::VaryingField& field : rendering->varying) {
      wanted.varying.push_back(templating::Show(field));
    }
    rendered_ = std::move(wanted);
  } else {
    rendered_ = core::Result<Wanted>(done.error());
  }
  return *rendered_;
}

std::shared_ptr<const core::Objects> Source::Compact() {
  if (!rendered_ || !*rendered_) return nullptr;
  if (!(*rendered_)->objects->empty())
    (*rendered_)->objects = std::make_shared<const core::Objects>();
  return (*rendered_)->objects;
}

void Source::SameAs(const std::string& revision) {
  if (rendered_ && *rendered_) (*rendered_)->revision = revision;
}

}  // namespace headgate::reconciler
