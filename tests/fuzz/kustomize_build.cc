// A whole build of a small tree ends in documents or an error, in the same where its files are
// shared with other renderings, and what it prints can be read again. An input is a text of several
// files:
//
//   DIRECTORY          to build
//   @@ PATH            begins a file; its lines follow, up to the next such line
//
// tests/fuzz/make_seeds.py makes such texts of the corpus.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <map>
#include <string>
#include <string_view>

#include "core/file_tree.h"
#include "core/hash.h"
#include "templating/file_cache.h"
#include "templating/kustomize/kustomize.h"
#include "templating/yaml/parse.h"

namespace core = headgate::core;
namespace kustomize = headgate::templating::kustomize;
namespace yaml = headgate::templating::yaml;

namespace {

constexpr size_t kInputBytesMax = size_t{64} << 10;

struct Input {
  std::string directory;
  std::map<std::string, std::string> files;
};

// The next line, its end included; it leaves the text.
std::string_view TakeLine(std::string_view* text) {
  const size_t end = text->find('\n');
  const std::string_view line = text->substr(0, end == text->npos ? end : end + 1);
  text->remove_prefix(line.size());
  return line;
}

std::string_view WithoutEnd(std::string_view line) {
  return line.ends_with('\n') ? line.substr(0, line.size() - 1) : line;
}

Input Read(std::string_view text) {
  constexpr std::string_view kBegin = "@@ ";
  Input input;
  std::string* file = nullptr;
  const auto clean = [](std::string_view path) {
    core::Result<std::string> cleaned = core::Clean("", path);
    return cleaned ? *cleaned : "";
  };
  input.directory = clean(WithoutEnd(TakeLine(&text)));
  while (!text.empty()) {
    const std::string_view line = TakeLine(&text);
    if (line.starts_with(kBegin)) {
      const std::string path = clean(WithoutEnd(line.substr(kBegin.size())));
      file = path.empty() ? nullptr : &input.files[path];
    } else if (file) {
      *file += line;
    }
  }
  return input;
}

// A tree that knows the ids of its files, as a commit's does.
class HashedTree : public core::MemoryTree {
 public:
  using MemoryTree::MemoryTree;
  std::string ContentId(std::string_view path) const override {
    const core::Result<std::string> bytes = Read(path);
    return bytes ? core::Sha256(*bytes) : "";
  }
};

[[noreturn]] void Fail(std::string_view what, std::string_view first, std::string_view second) {
  std::fprintf(stderr, "%.*s\n%.*s\n-----\n%.*s\n", static_cast<int>(what.size()), what.data(),
               static_cast<int>(first.size()), first.data(), static_cast<int>(second.size()),
               second.data());
  __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size > kInputBytesMax) return -1;
  const Input input = Read({reinterpret_cast<const char*>(data), size});
  const HashedTree files(input.files);
  const kustomize::BuildRules rules;  // charts are no part of it
  const auto built = kustomize::BuildYaml(files, input.directory, rules, nullptr);
  const std::string said = built ? *built : built.error().text();
  headgate::templating::FileCache cache;
  for (const auto& [path, bytes] : input.files) cache.Keep("", files.ContentId(path), bytes);
  for (const char* what : {"another result with what is shared", "and with what was shared"}) {
    const auto again =
        kustomize::BuildYaml(files, input.directory, {.shared = {&cache, ""}}, nullptr);
    const std::string said_again = again ? *again : again.error().text();
    if (static_cast<bool>(built) != static_cast<bool>(again) || said != said_again) {
      Fail(what, said, said_again);
    }
  }
  if (!built && said.empty()) Fail("an error without a word", "", "");
  if (!built) return 0;
  yaml::Arena arena;
  const auto read = yaml::Parse(said, "printed", &arena, {.merge_keys = false});
  if (!read) Fail("what was printed cannot be read", read.error().text(), said);
  return 0;
}
