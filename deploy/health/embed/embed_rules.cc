// embed_rules RULES.yaml OUTPUT.cc: the table of rules as JSON in a C++ string, so that the program
// needs no YAML parser for it and starts fast. Fails where the table is wrong.

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <fstream>

#include "core/json.h"
#include "deploy/health/rules.h"

namespace headgate::deploy {

extern const char kRulesJson[];
const char kRulesJson[] = "{}";  // what is being made is not there yet

namespace {

core::Value ValueOf(const YAML::Node& node) {
  if (node.IsMap()) {
    core::Map map;
    for (const auto& each : node) map.Append(each.first.as<std::string>(), ValueOf(each.second));
    return map;
  }
  if (node.IsSequence()) {
    core::List list;
    for (const YAML::Node& each : node) list.push_back(ValueOf(each));
    return list;
  }
  return node.IsNull() ? core::Value() : core::Value(node.as<std::string>());
}

int Embed(const char* from, const char* to) {
  const core::Value table = ValueOf(YAML::LoadFile(from));
  if (const core::Result<RuleTable> read = RuleTable::Parse(table); !read) {
    fmt::print(stderr, "{}: {}\n", from, read.error().text());
    return 1;
  }
  std::ofstream file(to);
  file << "namespace headgate::deploy {\nextern const char kRulesJson[];\n"
       << "const char kRulesJson[] = R\"rules(" << core::ToJson(table) << ")rules\";\n}\n";
  file.close();
  return file ? 0 : 1;
}

}  // namespace
}  // namespace headgate::deploy

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  try {
    return headgate::deploy::Embed(argv[1], argv[2]);
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}: {}\n", argv[1], error.what());
    return 1;
  }
}
