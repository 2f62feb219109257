#include "core/render.h"

namespace headgate::core {

Render ParseRender(Fields* fields) {
  Render render;
  Fields helm = fields->Sub("helm");
  render.helm.release_name = helm.String("releaseName");
  render.helm.values_files = helm.Strings("valuesFiles");
  render.helm.values = helm.Tree("values");
  render.helm.skip_crds = helm.Bool("skipCrds", false);
  render.helm.skip_schema_validation = helm.Bool("skipSchemaValidation", false);
  render.helm.kube_version = helm.String("kubeVersion");
  render.helm.api_versions = helm.Strings("apiVersions");
  const std::string random = helm.String("random", "new");
  if (random != "new" && random != "keep") helm.Fail("random", "expected new or keep");
  render.helm.keep_random = random == "keep";
  helm.Finish();
  fields->Finish();
  return render;
}

}  // namespace headgate::core
