#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "cli/commands.h"
#include "core/object.h"
#include "core/result.h"
#include "core/value.h"
#include "deploy/kube/client.h"

namespace headgate::cli {

// Stopped by SIGINT and SIGTERM.
std::stop_token Interrupted();

// The connection of one command to its cluster.
class Session {
 public:
  static core::Result<std::unique_ptr<Session>> Open(const ClusterOptions& options);
  ~Session();

  const deploy::Client& client() const { return client_; }
  net::Http* http() const { return http_.get(); }

  // "name" or "namespace/name".
  core::ObjectRef ApplicationRef(const std::string& argument) const;
  // The live Application; kNotFound says which names there are.
  core::Result<core::Value> Application(const std::string& argument) const;
  // The live Rollout of an Application, by its inventory; nothing where it has none.
  core::Result<std::optional<core::Value>> RolloutOf(const core::Value& application) const;

 private:
  Session(std::unique_ptr<net::Http> http, deploy::Client client, ClusterOptions options);

  std::unique_ptr<net::Http> http_;
  deploy::Client client_;
  ClusterOptions options_;
};

// A Kubernetes object or a list of them as JSON or YAML; managed fields are left out.
std::string ShowObject(core::Value body, Output output);

// Rows as columns that line up, two spaces between; the last column is not padded.
std::string ShowTable(const std::vector<std::vector<std::string>>& rows);

// "3m", "2h", "5d" since then; "" for no time.
std::string ShowAge(const std::string& time, core::Time now);

}  // namespace headgate::cli
