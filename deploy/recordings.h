#pragma once

#include <cstdint>
#include <stop_token>
#include <string>
#include <string_view>

#include "core/result.h"
#include "core/value.h"
#include "deploy/kube/client.h"

namespace headgate::deploy {

// The recordings of an application's rollouts, a Secret each beside its release records:
// `headgate.NAME.log.candidate` of the present or the last trial, `headgate.NAME.log.vNUMBER` of
// the one that became that release. Text, compressed with zstd; one that is too large for a Secret
// is refused. Owned by the Application, so that they go with it.
class Recordings {
 public:
  // `owner` is the live Application: name, namespace, uid.
  Recordings(Client client, const core::Value& owner);

  // Number 0 is the trial's. kInvalid where the text is too large even compressed.
  core::Status Write(int64_t number, std::string_view text, std::stop_token stop = {}) const;
  // kNotFound where there is none; kInvalid where it is damaged.
  core::Result<std::string> Read(int64_t number, std::stop_token stop = {}) const;
  // Ok where it is not there.
  core::Status Delete(int64_t number, std::stop_token stop = {}) const;

 private:
  std::string NameOf(int64_t number) const;

  Client client_;
  std::string namespace_name_;
  std::string application_;
  core::Value owner_reference_;
};

}  // namespace headgate::deploy
