#include "templating/helm/chart/capabilities.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "templating/helm/strconv.h"

namespace headgate::templating::helm {
namespace {

constexpr std::string_view kHelmVersion = "v4.1.4";
constexpr std::string_view kClientVersion = "v1.35";

// A struct of texts; those whose name does not begin with a capital are hidden.
struct TextField {
  std::string_view name;
  std::string_view text;
};
const Struct* MakeStruct(std::initializer_list<TextField> fields, Heap* heap) {
  const std::span<Value> values = heap->NewList(fields.size());
  auto* made = static_cast<Field*>(heap->Allocate(fields.size() * sizeof(Field)));
  size_t i = 0;
  for (const TextField& field : fields) {
    values[i] = Value::Text(field.text, heap);
    const bool exported = field.name[0] >= 'A' && field.name[0] <= 'Z';
    new (&made[i]) Field{field.name, exported, &values[i]};
    ++i;
  }
  return heap->New<Struct>(Struct{{made, fields.size()}});
}

}  // namespace

core::Result<KubeVersion> ParseKubeVersion(std::string_view text) {
  const auto wrong = [text] {
    return core::Invalid(
        fmt::format("invalid kube version '{}': two numbers or more expected, such as 1.30", text));
  };
  constexpr std::string_view kSpaces = " \t\n\f\r";
  std::string_view rest = text;
  rest.remove_prefix(std::min(rest.find_first_not_of(kSpaces), rest.size()));
  if (rest.starts_with('v')) rest.remove_prefix(1);
  std::vector<std::string> numbers;
  for (;;) {
    const size_t end = std::min(rest.find_first_not_of("0123456789"), rest.size());
    const std::string_view digits = rest.substr(0, end);
    const Parsed<uint64_t> parsed = ParseUint(digits, 10);
    if (!parsed || (numbers.empty() && digits.starts_with('0') && digits != "0")) return wrong();
    numbers.push_back(std::to_string(parsed.number));
    rest.remove_prefix(end);
    const bool more = rest.size() > 1 && rest[0] == '.' && rest[1] >= '0' && rest[1] <= '9';
    if (!more) break;
    rest.remove_prefix(1);
  }
  if (numbers.size() < 2 || rest.find('\n') != std::string_view::npos) return wrong();
  KubeVersion version;
  version.version = text.starts_with('v') ? text : "v" + std::string(text);
  version.normalized = fmt::format("v{}", fmt::join(numbers, "."));
  version.major = numbers[0];
  version.minor = numbers[1];
  return version;
}

KubeVersion DefaultKubeVersion() { return {"v1.35.0", "v1.35.0", "1", "35"}; }

const std::vector<std::string_view>& DefaultApiVersions() {
  static const auto* const kVersions = new std::vector<std::string_view>{
      "v1",
      "admissionregistration.k8s.io/v1",
      "admissionregistration.k8s.io/v1alpha1",
      "admissionregistration.k8s.io/v1beta1",
      "internal.apiserver.k8s.io/v1alpha1",
      "apps/v1",
      "apps/v1beta1",
      "apps/v1beta2",
      "authentication.k8s.io/v1",
      "authentication.k8s.io/v1alpha1",
      "authentication.k8s.io/v1beta1",
      "authorization.k8s.io/v1",
      "authorization.k8s.io/v1beta1",
      "autoscaling/v1",
      "autoscaling/v2",
      "autoscaling/v2beta1",
      "autoscaling/v2beta2",
      "batch/v1",
      "batch/v1beta1",
      "certificates.k8s.io/v1",
      "certificates.k8s.io/v1beta1",
      "certificates.k8s.io/v1alpha1",
      "coordination.k8s.io/v1alpha2",
      "coordination.k8s.io/v1beta1",
      "coordination.k8s.io/v1",
      "discovery.k8s.io/v1",
      "discovery.k8s.io/v1beta1",
      "events.k8s.io/v1",
      "events.k8s.io/v1beta1",
      "extensions/v1beta1",
      "flowcontrol.apiserver.k8s.io/v1",
      "flowcontrol.apiserver.k8s.io/v1beta1",
      "flowcontrol.apiserver.k8s.io/v1beta2",
      "flowcontrol.apiserver.k8s.io/v1beta3",
      "networking.k8s.io/v1",
      "networking.k8s.io/v1beta1",
      "node.k8s.io/v1",
      "node.k8s.io/v1alpha1",
      "node.k8s.io/v1beta1",
      "policy/v1",
      "policy/v1beta1",
      "rbac.authorization.k8s.io/v1",
      "rbac.authorization.k8s.io/v1beta1",
      "rbac.authorization.k8s.io/v1alpha1",
      "resource.k8s.io/v1",
      "resource.k8s.io/v1beta2",
      "resource.k8s.io/v1beta1",
      "resource.k8s.io/v1alpha3",
      "scheduling.k8s.io/v1alpha1",
      "scheduling.k8s.io/v1beta1",
      "scheduling.k8s.io/v1",
      "storage.k8s.io/v1beta1",
      "storage.k8s.io/v1",
      "storage.k8s.io/v1alpha1",
      "storagemigration.k8s.io/v1beta1",
      "apiextensions.k8s.io/v1beta1",
      "apiextensions.k8s.io/v1",
  };
  return *kVersions;
}

Value MakeCapabilities(const KubeVersion& version, const std::vector<std::string>& more,
                       Heap* heap) {
  const std::vector<std::string_view>& defaults = DefaultApiVersions();
  const std::span<Value> versions = heap->NewList(defaults.size() + more.size());
  for (size_t i = 0; i < versions.size(); ++i) {
    versions[i] = i < defaults.size() ? Value::Text(defaults[i])
                                      : Value::Text(more[i - defaults.size()], heap);
  }
  const Struct* kube = MakeStruct({{"Version", version.version},
                                   {"normalizedVersion", version.normalized},
                                   {"Major", version.major},
                                   {"Minor", version.minor}},
                                  heap);
  const Struct* build = MakeStruct({{"Version", kHelmVersion},
                                    {"GitCommit", ""},
                                    {"GitTreeState", "clean"},
                                    {"GoVersion", ""},
                                    {"KubeClientVersion", kClientVersion}},
                                   heap);
  const std::span<Value> values = heap->NewList(3);
  values[0] = Value::Of(kube, Type::kKubeVersion, true);
  values[1] = Value::List(versions, Type::kVersionSet);
  values[2] = Value::Of(build, Type::kBuildInfo);
  auto* fields = static_cast<Field*>(heap->Allocate(3 * sizeof(Field)));
  new (&fields[0]) Field{"KubeVersion", true, &values[0]};
  new (&fields[1]) Field{"APIVersions", true, &values[1]};
  new (&fields[2]) Field{"HelmVersion", true, &values[2]};
  return Value::Of(heap->New<Struct>(Struct{{fields, 3}}), Type::kCapabilities);
}

}  // namespace headgate::templating::helm
