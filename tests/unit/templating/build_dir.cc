// build_dir build [--reorder legacy|none] DIR: prints what DIR renders to, or the error on stderr
// and exit status 1. The tree is rooted some directories above DIR, so that ../base is in it.
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>

#include "templating/kustomize/kustomize.h"
#include "templating/renderer.h"
#include "templating/yaml/yaml.h"
#include "tests/unit/templating/directory.h"

namespace {

namespace fs = std::filesystem;
using headgate::templating::KustomizeRenderer;

constexpr int kLevelsAbove = 1;  // the working directory, where it is above DIR, else its parent

struct Arguments {
  fs::path directory = ".";
  KustomizeRenderer::Order order = KustomizeRenderer::Order::kLegacy;
};

int Fail(const std::string& text) {
  std::cerr << "Error: " << text << "\n";
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (i == 1 && word == "build") continue;
    if (word == "--reorder" && i + 1 < argc) {
      if (std::string(argv[++i]) == "none") arguments.order = KustomizeRenderer::Order::kAsRead;
    } else if (word.starts_with("-")) {
      return Fail("option " + word + " is not known");
    } else {
      arguments.directory = word;
    }
  }
  std::error_code missing;
  const fs::path directory = fs::canonical(arguments.directory, missing);
  if (missing) return Fail(arguments.directory.string() + ": no such directory");
  fs::path root = fs::current_path();
  if (directory.lexically_relative(root).generic_string().starts_with("..")) {
    root = directory;
    for (int i = 0; i < kLevelsAbove; ++i) root = root.parent_path();
  }
  std::string path = directory.lexically_relative(root).generic_string();
  if (path == ".") path.clear();

  const headgate::core::MemoryTree files = headgate::tests::ReadTree(root);
  std::unique_ptr<headgate::templating::Renderer> renderer =
      headgate::templating::RendererFor(files, path);
  if (dynamic_cast<KustomizeRenderer*>(renderer.get())) {
    renderer = std::make_unique<KustomizeRenderer>(arguments.order);
  }
  const headgate::core::Result<headgate::core::Objects> objects = renderer->Render(files, path);
  if (!objects) return Fail(objects.error().text());
  std::cout << headgate::templating::PrintYaml(*objects);
  return 0;
}
