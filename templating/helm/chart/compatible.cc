#include "templating/helm/chart/compatible.h"

#include <string>

#include "templating/helm/functions/constraint.h"
#include "templating/helm/functions/version.h"

namespace headgate::templating::helm {

bool IsVersion(std::string_view text) {
  std::string error;
  return ParseVersion(text, &error).has_value();
}

bool IsCompatible(std::string_view constraint, std::string_view version) {
  std::string error;
  const std::optional<Version> parsed = ParseVersion(version, &error);
  const std::shared_ptr<const Constraints> allowed = Constraints::Parse(constraint, &error);
  return parsed && allowed && allowed->Allows(*parsed);
}

}  // namespace headgate::templating::helm
