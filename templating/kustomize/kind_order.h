#pragma once

#include <array>
#include <string_view>

namespace headgate::templating::kustomize {

// Kinds that come before all others, and behind them. Source: kustomize 5.8.1, kyaml/resid
// (orderFirst, orderLast) and SortOrderTransformer, which say the same.
inline constexpr std::array<std::string_view, 22> kFirstKinds{"Namespace",
                                                              "ResourceQuota",
                                                              "StorageClass",
                                                              "CustomResourceDefinition",
                                                              "ServiceAccount",
                                                              "PodSecurityPolicy",
                                                              "Role",
                                                              "ClusterRole",
                                                              "RoleBinding",
                                                              "ClusterRoleBinding",
                                                              "ConfigMap",
                                                              "Secret",
                                                              "Endpoints",
                                                              "Service",
                                                              "LimitRange",
                                                              "PriorityClass",
                                                              "PersistentVolume",
                                                              "PersistentVolumeClaim",
                                                              "Deployment",
                                                              "StatefulSet",
                                                              "CronJob",
                                                              "PodDisruptionBudget"};
inline constexpr std::array<std::string_view, 2> kLastKinds{"MutatingWebhookConfiguration",
                                                            "ValidatingWebhookConfiguration"};

}  // namespace headgate::templating::kustomize
