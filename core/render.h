#pragma once

#include <string>
#include <vector>

#include "core/fields.h"
#include "core/value.h"

namespace headgate::core {

// spec.render of an Application: how what is at its path becomes objects, beside what the files say
// themselves.
struct Render {
  // A chart; for anything else none of it may be set.
  struct Helm {
    std::string release_name;               // "": the Application's name
    std::vector<std::string> values_files;  // relative to source.path; later ones override
    Value values;                           // a map, over the files; or null
    bool skip_crds = false;
    bool skip_schema_validation = false;
    bool keep_random = false;               // fields that vary take their live values
    std::string kube_version;               // "": what Helm assumes without a cluster
    std::vector<std::string> api_versions;  // beside the ones that Kubernetes has by itself
    friend bool operator==(const Helm&, const Helm&) = default;
  } helm;
  friend bool operator==(const Render&, const Render&) = default;
};

// `fields` are those of spec.render.
Render ParseRender(Fields* fields);

}  // namespace headgate::core
