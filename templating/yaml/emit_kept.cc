#include "templating/yaml/emit.h"
namespace headgate::templating::yaml {
core::Status EmitKept(const Node&, std::string*) { return core::Invalid("not there yet"); }
}  // namespace headgate::templating::yaml
