#pragma once

#include <filesystem>
#include <string>

#include "core/file_tree.h"

namespace headgate::tests {

// The files below a directory as a tree in memory.
core::MemoryTree ReadTree(const std::filesystem::path& root);
std::string ReadFile(const std::filesystem::path& path);

}  // namespace headgate::tests
