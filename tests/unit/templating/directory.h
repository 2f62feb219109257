#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "core/file_tree.h"

namespace headgate::tests {

// The files below a directory, by their path from there; and the same as a tree.
std::map<std::string, std::string> ReadFiles(const std::filesystem::path& root);
core::MemoryTree ReadTree(const std::filesystem::path& root);
std::string ReadFile(const std::filesystem::path& path);

}  // namespace headgate::tests
