#include "templating/renderer.h"

#include <fmt/format.h>

#include <string>

#include "templating/kustomize/kustomize.h"
#include "templating/plain.h"

namespace headgate::templating {
namespace {

// Says why a path cannot be rendered.
class Refusal : public Renderer {
 public:
  explicit Refusal(core::Error why) : why_(std::move(why)) {}
  core::Result<core::Objects> Render(const core::FileTree&, std::string_view) const override {
    return why_;
  }

 private:
  core::Error why_;
};

}  // namespace

std::unique_ptr<Renderer> RendererFor(const core::FileTree& files, std::string_view path,
                                      Order order) {
  using Type = core::FileTree::Type;
  const std::string at(path);
  const std::string shown = at.empty() ? "." : at;
  const std::string prefix = at.empty() ? "" : at + "/";
  const Type type = at.empty() ? Type::kDirectory : files.TypeOf(at);
  if (type != Type::kDirectory) {
    const char* what =
        type == Type::kFile ? "a directory expected, this is a file" : "no such directory";
    return std::make_unique<Refusal>(core::Invalid(fmt::format("{}: {}", shown, what)));
  }
  if (HasKustomization(files, path)) return std::make_unique<KustomizeRenderer>(order);
  if (files.TypeOf(prefix + "Chart.yaml") == Type::kFile) {
    return std::make_unique<Refusal>(
        core::Invalid(prefix + "Chart.yaml: charts are not rendered yet"));
  }
  return std::make_unique<PlainRenderer>();
}

}  // namespace headgate::templating
