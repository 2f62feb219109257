#include "tests/unit/templating/directory.h"

#include <fstream>
#include <iterator>

namespace headgate::tests {

namespace fs = std::filesystem;

std::string ReadFile(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::map<std::string, std::string> ReadFiles(const fs::path& root) {
  std::map<std::string, std::string> files;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(root)) {
    if (!entry.is_regular_file()) continue;
    files[entry.path().lexically_relative(root).generic_string()] = ReadFile(entry.path());
  }
  return files;
}

core::MemoryTree ReadTree(const fs::path& root) { return core::MemoryTree(ReadFiles(root)); }

}  // namespace headgate::tests
