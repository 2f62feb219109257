#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "core/application.h"
#include "core/object.h"
#include "core/read_set.h"
#include "core/result.h"
#include "deploy/kube/client.h"

namespace headgate::git {
class Mirrors;
struct Remote;
}  // namespace headgate::git

namespace headgate::templating {
class FileCache;
struct VaryingField;
}  // namespace headgate::templating

namespace headgate::reconciler {

// What git wants of one application: the newest commit of its branch, and what its path renders to.
// A revision is rendered once, and the next one only where it changes something that the rendering
// read; a failure is remembered in the same way. One worker at a time.
class Source {
 public:
  struct Wanted {
    std::string revision;  // the one that was rendered: no later one changed an input
    std::shared_ptr<const core::Objects> objects;
    std::vector<std::string> varying =
        {};  // fields that each rendering gives another value, and why
  };

  // `files` is shared by all applications; nullptr: each rendering reads all of its files.
  Source(git::Mirrors* mirrors, deploy::Client client, const core::Clock* clock,
         templating::FileCache* files = nullptr)
      : mirrors_(mirrors), client_(std::move(client)), clock_(clock), files_(files) {}

  // Asks the remote for the newest commit, unless a listing younger than the interval is known. A
  // remote that failed is asked again only after the interval, so that one that hangs holds up
  // nothing else. `anew` asks in any case.
  core::Result<std::string> Newest(const core::Application& application, std::stop_token stop,
                                   bool anew = false);
  // The objects at a commit. kInvalid: its files are wrong.
  core::Result<Wanted> At(const core::Application& application, const std::string& revision,
                          std::stop_token stop);
  // What was rendered last is what an earlier process knew as this revision.
  void SameAs(const std::string& revision);
  // Forgets what was rendered last, and only remembers that it was: Wanted::objects is what this
  // gives, and empty, until something else is rendered.
  std::shared_ptr<const core::Objects> Compact();

 private:
  core::Result<git::Remote> RemoteOf(const core::Application& application, std::stop_token stop);
  core::Result<git::Remote> ReadRemote(const core::Application& application, std::stop_token stop);

  git::Mirrors* const mirrors_;
  const deploy::Client client_;
  const core::Clock* const clock_;
  templating::FileCache* const files_;

  // With its credentials; read again after a while, and at once when the server refuses them.
  std::shared_ptr<const git::Remote> remote_;
  core::Application::Source remote_from_;
  core::BootTime remote_at_{};

  core::Application::Source failed_from_;
  std::optional<core::Error> failed_;
  core::BootTime failed_at_{};

  // Takes live values for the fields that vary: spec.render.helm.random is keep.
  core::Status KeepLive(const std::vector<templating::VaryingField>& varying,
                        const std::string& namespace_name, core::Objects* objects,
                        std::stop_token stop) const;
  bool IsUntouched(const git::Remote& remote, const std::string& revision, std::stop_token stop);

  // What a rendering depends on beside the commit.
  struct Input {
    core::Application::Source source;
    core::Render render;
    std::string release, namespace_name;
    friend bool operator==(const Input&, const Input&) = default;
  };
  Input rendered_from_;
  std::optional<core::Result<Wanted>> rendered_;  // a value, or kInvalid
  core::ReadSet read_;                            // by that rendering
  std::string checked_revision_;                  // up to which nothing of it changed
};

}  // namespace headgate::reconciler
