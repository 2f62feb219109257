#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/result.h"
#include "templating/helm/source/web.h"

namespace headgate::templating::helm {

// Whether an answer is one: 200. Else what the status means: kNotFound, kForbidden, kUnavailable.
core::Status CheckAnswer(const WebAnswer& answer, const std::string& shown);

// A repository of an OCI registry, as the distribution specification 1.1 has it; charts are
// artifacts of one layer (Helm's "OCI support"). Tokens are asked for when the registry wants one,
// and kept.
class Registry {
 public:
  // `host` with its port, where it has one; `path` without slashes around it.
  Registry(Web* web, std::string host, std::string path)
      : web_(*web), host_(std::move(host)), path_(std::move(path)) {}

  // Versions, of tags: '_' stands for '+', and what is no version is left out.
  core::Result<std::vector<std::string>> Versions();

  struct Layer {
    std::string digest;  // SHA-256, hexadecimal
    size_t bytes = 0;
  };
  // Where the chart of a version is. kNotFound: there is no such tag.
  core::Result<Layer> FindLayer(const std::string& version);
  // The bytes of a layer; kInvalid unless size and digest are what the manifest says.
  core::Result<std::string> Read(const Layer& layer);

 private:
  core::Result<WebAnswer> Get(const std::string& below, const std::string& accept,
                              size_t bytes_max);
  core::Status Authorize(const std::string& challenge);
  std::string Shown() const { return "oci://" + host_ + "/" + path_; }

  Web& web_;
  const std::string host_, path_;
  std::string token_;
};

}  // namespace headgate::templating::helm
