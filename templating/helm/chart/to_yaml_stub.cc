#include "templating/helm/function.h"
namespace headgate::templating::helm {
Value ToYaml(Call& call, const Value&) { return call.Fail("no toYaml yet"); }
}  // namespace headgate::templating::helm
