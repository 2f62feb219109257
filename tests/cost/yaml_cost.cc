// Reads YAML files PASSES times over, and with "emit" prints each document as a resource, too. Made
// to be counted by `valgrind --tool=cachegrind`: instructions per byte are (those of 3 passes -
// those of 1 pass) / 2 / bytes, without the start of the program.
//
//   yaml_cost parse|emit PASSES FILE...
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "templating/yaml/emit.h"
#include "templating/yaml/parse.h"

namespace yaml = headgate::templating::yaml;

namespace {

struct Total {
  size_t documents = 0, printed_bytes = 0, tree_bytes = 0;
};

// Whether all could be read, and printed.
bool Pass(const std::vector<std::string>& texts, bool emit, Total* total) {
  for (const std::string& text : texts) {
    yaml::Arena arena;
    const auto documents = yaml::Parse(text, "FILE", &arena);
    if (!documents) return std::fprintf(stderr, "%s\n", documents.error().text().c_str()), false;
    std::string out;
    for (const yaml::Node* document : *documents) {
      if (emit && !yaml::EmitResource(*document, &out)) return false;
    }
    total->documents += documents->size();
    total->printed_bytes += out.size();
    total->tree_bytes += arena.bytes();
  }
  return true;
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 4) return std::fprintf(stderr, "yaml_cost parse|emit PASSES FILE...\n"), 2;
  const bool emit = std::string_view(arguments[1]) == "emit";
  std::vector<std::string> texts;
  size_t bytes = 0;
  for (int i = 3; i < count; ++i) {
    std::ifstream file(arguments[i], std::ios::binary);
    texts.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    bytes += texts.back().size();
  }
  Total total;
  for (int pass = std::atoi(arguments[2]); pass > 0; --pass) {
    total = {};
    if (!Pass(texts, emit, &total)) return 1;
  }
  std::printf("%zu bytes, %zu documents, %zu bytes of trees, %zu bytes printed\n", bytes,
              total.documents, total.tree_bytes, total.printed_bytes);
}
