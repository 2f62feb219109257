#include <fmt/format.h>

#include <filesystem>
#include <fstream>

#include "cli/commands.h"
#include "cli/directory.h"
#include "templating/yaml/yaml.h"

namespace headgate::cli {

core::Status Build(const BuildOptions& options) {
  core::Result<core::Objects> objects =
      RenderDirectory(options.directory, options.reorder == "none" ? templating::Order::kAsRead
                                                                   : templating::Order::kLegacy);
  if (!objects) return objects.error();
  const std::string text = templating::PrintYaml(*objects);
  if (options.output.empty()) {
    fmt::print("{}", text);
    return core::Ok();
  }
  std::ofstream file(options.output, std::ios::binary);
  file << text;
  file.close();
  if (!file) return core::Invalid("cannot write " + options.output);
  return core::Ok();
}

}  // namespace headgate::cli
