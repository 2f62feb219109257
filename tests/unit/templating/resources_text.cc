#include "resources_text.h"

#include <gtest/gtest.h>

#include <memory>
#include <utility>

#include "node_text.h"
#include "templating/yaml/parse.h"

namespace headgate::templating::kustomize {

ResourceMap ReadResources(Build* build, std::string_view text) {
  ResourceMap all(build);
  const std::string_view kept = build->arena->Copy(text);
  const auto documents = yaml::Parse(kept, "test.yaml", build->arena);
  EXPECT_TRUE(documents) << (documents ? "" : documents.error().text());
  if (!documents) return all;
  for (yaml::Node* document : *documents) {
    auto resource = std::make_unique<Resource>();
    resource->body = document;
    ReadHistory(resource.get(), build);
    const core::Status added = all.Append(std::move(resource));
    EXPECT_TRUE(added) << (added ? "" : added.error().text());
  }
  return all;
}

std::string ShowResources(ResourceMap* all) {
  std::string text;
  for (const auto& each : all->all()) {
    FinishAnnotations(each.get(), all->build());
    text += (text.empty() ? "" : "\n") + ShowNode(*each->body);
  }
  return text;
}

std::string ShowAfter(const core::Status& done, ResourceMap* all) {
  return done ? ShowResources(all) : done.error().text();
}

}  // namespace headgate::templating::kustomize
