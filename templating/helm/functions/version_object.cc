#include "templating/helm/functions/version_object.h"

namespace headgate::templating::helm {
namespace {

constexpr std::array<std::string_view, 6> kNames = {"major", "minor",    "patch",
                                                    "pre",   "metadata", "original"};

Value Number(uint64_t number) { return Value::Number(Type::kUint64, static_cast<int64_t>(number)); }

}  // namespace

VersionObject::VersionObject(Version made)
    : version(std::move(made)), values_{Number(version.major),
                                        Number(version.minor),
                                        Number(version.patch),
                                        Value::Text(version.pre),
                                        Value::Text(version.metadata),
                                        Value::Text(version.original)} {
  for (size_t i = 0; i < fields_.size(); ++i) fields_[i] = {kNames[i], false, &values_[i]};
}

bool VersionObject::Equals(const Object& other) const {
  return version == static_cast<const VersionObject&>(other).version;
}

Value NewVersion(Call& call, Version version, Type type) {
  return Value::Of(call.heap()->New<VersionObject>(std::move(version)), type);
}

}  // namespace headgate::templating::helm
