// Trees made to harm, one for each way that is known: a clear error that names the limit, within
// bounded memory.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/file_tree.h"
#include "templating/kustomize/kustomize.h"

namespace headgate::templating::kustomize {
namespace {

using testing::HasSubstr;
using Tree = std::map<std::string, std::string>;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

const std::string kObject = "apiVersion: v1\nkind: A\nmetadata: {name: a}\n";
constexpr size_t kMemoryMax = size_t{64} << 20;  // what a build that ends with an error may take

std::string Built(Tree tree, const std::string& path = "") {
  const core::MemoryTree files(std::move(tree));
  const auto text = BuildYaml(files, path, {}, nullptr);
  return text ? *text : text.error().text();
}

// One resource file.
Tree File(std::string text, const std::string& name = "a.yaml") {
  return {{"kustomization.yaml", "resources: [" + name + "]\n"}, {name, std::move(text)}};
}

// The object of a file, patched for all whose name fits an expression.
Tree Patched(const std::string& expression) {
  return {{"kustomization.yaml", "resources: [a.yaml]\npatches:\n- target: {name: '" + expression +
                                     "'}\n  patch: |-\n    - {op: add, path: /b, value: 1}\n"},
          {"a.yaml", "apiVersion: v1\nkind: A\nmetadata: {name: " + std::string(200, 'a') + "}\n"}};
}

std::string Repeated(std::string_view part, size_t times) {
  std::string text;
  text.reserve(part.size() * times);
  for (size_t i = 0; i < times; ++i) text += part;
  return text;
}

std::string AliasBomb(size_t levels, std::string_view form) {
  std::string text = kObject + "a0: &a0 {k: lol}\n";
  for (size_t i = 1; i < levels; ++i) {
    const std::string last = "*a" + std::to_string(i - 1);
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " ";
    text += form == "list" ? "[" + Repeated(last + ", ", 9) + last + "]\n"
                           : "{<<: " + last + ", x: " + last + ", y: " + last + "}\n";
  }
  return text;
}

std::string Utf16(std::string_view text, bool little) {
  std::string wide = little ? "\xFF\xFE" : "\xFE\xFF";
  for (const char c : text) wide += little ? std::string{c, '\0'} : std::string{'\0', c};
  return wide;
}

// What the process takes at most from now on; 0 where the kernel does not say.
size_t PeakBytes(bool reset) {
  if (reset) std::ofstream("/proc/self/clear_refs") << 5;
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::stoul(line.substr(6)) << 10;
  }
  return 0;
}

struct Case {
  const char* name;
  std::function<Tree()> tree;
  std::string want;  // a part of the error, or of what is printed
  const char* path = "";
};

class Hostile : public testing::TestWithParam<Case> {};

TEST_P(Hostile, EndsWithWhatIsWrongInBoundedMemory) {
  Tree tree = GetParam().tree();
  const core::MemoryTree files(std::move(tree));
  const size_t before = PeakBytes(true);
  const auto text = BuildYaml(files, GetParam().path, {}, nullptr);
  const std::string said = text ? *text : text.error().text();
  EXPECT_THAT(said.substr(0, 2000), HasSubstr(GetParam().want));
  if (!kSanitized) {
    EXPECT_LE(PeakBytes(false) - before, kMemoryMax);
  }
}

const Case kPaths[] = {
    {"ParentOfTheRoot",
     [] {
       return Tree{{"kustomization.yaml", "resources: [../x.yaml]\n"}};
     },
     "../x.yaml leads out of the source tree"},
    {"BaseAboveTheRoot",
     [] {
       return Tree{{"a/kustomization.yaml", "resources: [../../../b]\n"}};
     },
     "../../../b leads out of the source tree", "a"},
    {"AbsoluteBase",
     [] {
       return Tree{{"kustomization.yaml", "resources: [/etc]\n"}};
     },
     "/etc is absolute; bases are named by relative paths"},
    {"AbsoluteFile",
     [] {
       return Tree{
           {"kustomization.yaml", "configMapGenerator: [{name: c, files: [/etc/passwd]}]\n"}};
     },
     "/etc/passwd is absolute"},
    {"ZeroByteInAPath",
     [] {
       return Tree{{"kustomization.yaml", "resources: [\"a.yaml\\0/../x\"]\n"},
                   {"a.yaml", kObject}};
     },
     "a path cannot hold a zero byte"},
    {"OtherCase",
     [] {
       return Tree{{"kustomization.yaml", "resources: [A.YAML]\n"}, {"a.yaml", kObject}};
     },
     "A.YAML: no such file or directory (did you mean a.yaml?)"},
    {"BackslashesAreNoParents",
     [] {
       return Tree{{"a/kustomization.yaml", "resources: ['..\\x.yaml']\n"}, {"x.yaml", kObject}};
     },
     "..\\x.yaml: no such file or directory", "a"},
    {"EncodedParent",
     [] {
       return Tree{{"a/kustomization.yaml", "resources: ['%2e%2e/x.yaml']\n"}, {"x.yaml", kObject}};
     },
     "%2e%2e/x.yaml: no such file or directory", "a"},
    {"RemoteBase",
     [] {
       return Tree{{"kustomization.yaml", "resources: ['https://github.com/a/b?ref=v1']\n"}};
     },
     "is remote: only what is in the repository is read"},
    {"MetadataServer",
     [] {
       return Tree{{"kustomization.yaml", "resources: ['http://169.254.169.254/latest/x.yaml']\n"}};
     },
     "is remote: only what is in the repository is read"},
};

const Case kCycles[] = {
    {"Itself",
     [] {
       return Tree{{"a/kustomization.yaml", "resources: [../a]\n"}};
     },
     "cycle: a is already being built on the way here", "a"},
    {"OfTwo",
     [] {
       return Tree{{"a/kustomization.yaml", "resources: [../b]\n"},
                   {"b/kustomization.yaml", "resources: [../a]\n"}};
     },
     "cycle: a is already being built on the way here", "a"},
    {"OfComponents",
     [] {
       const std::string kind = "kind: Component\napiVersion: kustomize.config.k8s.io/v1alpha1\n";
       return Tree{{"a/kustomization.yaml", "components: [../b]\n"},
                   {"b/kustomization.yaml", kind + "components: [../c]\n"},
                   {"c/kustomization.yaml", kind + "components: [../b]\n"}};
     },
     "cycle: b is already being built on the way here", "a"},
    {"OfGenerators",
     [] {
       return Tree{{"a/kustomization.yaml", "generators: [../b]\n"},
                   {"b/kustomization.yaml", "transformers: [../a]\n"}};
     },
     "cycle: a is already being built on the way here", "a"},
    {"TheDirectoryAround",
     [] {
       return Tree{{"kustomization.yaml", "resources: [a]\n"},
                   {"a/kustomization.yaml", "resources: [..]\n"}};
     },
     "cycle: "},
};

const Case kYaml[] = {
    {"AliasBomb", [] { return File(AliasBomb(12, "list")); },
     "aliases that expand to at most 10 MiB expected"},
    {"MergeKeyBomb", [] { return File(AliasBomb(40, "merge")); },
     "aliases that expand to at most 10 MiB expected"},
    {"AliasBombInAKustomization",
     [] {
       return Tree{{"kustomization.yaml", AliasBomb(12, "list")}};
     },
     "aliases that expand to at most 10 MiB expected"},
    {"NestedInFlow",
     [] { return File(kObject + "b: " + std::string(100'000, '[') + std::string(100'000, ']')); },
     "a.yaml:4:1003: at most 1000 levels of nesting expected"},
    {"NestedInMappings", [] { return File(kObject + "b: " + Repeated("{a: ", 100'000)); },
     "at most 1000 levels of nesting expected"},
    {"NestedDashes", [] { return File(Repeated("- ", 100'000)); },
     "at most 1000 levels of nesting expected"},
    {"NestedInAPatch",
     [] {
       return Tree{{"kustomization.yaml", "resources: [a.yaml]\npatches: [{path: p.yaml}]\n"},
                   {"a.yaml", kObject},
                   {"p.yaml", kObject + "b: " + std::string(100'000, '[')}};
     },
     "at most 1000 levels of nesting expected"},
    {"NestedInAJsonPatch",
     [] {
       return Tree{{"kustomization.yaml",
                    "resources: [a.yaml]\npatches: [{target: {kind: A}, path: p.json}]\n"},
                   {"a.yaml", kObject},
                   {"p.json", "[{\"op\": \"add\", \"path\": \"/b\", \"value\": " +
                                  std::string(100'000, '[') + std::string(100'000, ']') + "}]"}};
     },
     "p.json:1:1037: a text that is at most 1000 deep expected"},
    {"DuplicateKey", [] { return File(kObject + "metadata: {name: b}\n"); },
     "a.yaml:4:1: key \"metadata\" is given twice; it stands in line 3 already"},
    {"UnfitTag", [] { return File(kObject + "b: !!int x\n"); }, "a.yaml"},
    {"ObjectOfALanguage",
     [] { return File(kObject + "b: !!python/object/apply:os.system [id]\n"); }, "- id\n"},
    {"BinaryTagThatIsNone", [] { return File(kObject + "b: !!binary '***'\n"); }, "a.yaml"},
    {"NoUtf8", [] { return File(kObject + "b: \xC3\x28\n"); },
     "a.yaml:4:4: UTF-8 expected, the byte 0xC3 found"},
    {"Utf16", [] { return File(Utf16(kObject, true)); }, kObject.substr(0, 14)},
    {"Utf16OfTheOtherEnd", [] { return File(Utf16(kObject, false)); }, kObject.substr(0, 14)},
    {"HalfOfUtf16", [] { return File(Utf16(kObject, true) + "x"); },
     "UTF-16 expected, half a character found"},
    {"Utf16WithoutMark", [] { return File(Utf16(kObject, true).substr(2)); },
     "text expected, the control character U+0000 found"},
    {"ZeroByte", [] { return File(kObject + "b: a" + std::string(1, '\0') + "c\n"); },
     "a.yaml:4:5: text expected, the control character U+0000 found"},
    {"BinaryFile",
     [] {
       return File(
           "\x7F"
           "ELF\x02\x01\x01" +
           std::string(64, '\0') + "\xFF\xFE\x90");
     },
     "a.yaml:1:1: text expected, the control character U+007F found"},
    {"TruncatedInQuotes", [] { return File(kObject + "b: \"x\n"); }, "a.yaml:4:4: "},
    {"TruncatedInFlow", [] { return File(kObject + "b: [x,\n"); },
     "a.yaml:5:1: an item or \"]\" expected in what begins in line 4, the end of the text found"},
    {"TruncatedKustomization",
     [] {
       return Tree{{"kustomization.yaml", "resources: [a.ya"}};
     },
     "kustomization.yaml:1:17: \",\" or \"]\" expected, the end of the text found"},
    {"TabsAsIndentation", [] { return File("a:\n\tb: 1\n"); },
     "a.yaml:2:1: spaces expected as indentation, a tab found"},
};

const Case kSizes[] = {
    {"ALargeScalar", [] { return File(kObject + "b: " + std::string(100 << 20, 'x') + "\n"); },
     "a.yaml is larger than 33554432 bytes"},
    {"ALargeScalarInQuotes",
     [] { return File(kObject + "b: \"" + std::string(100 << 20, ' ') + "\"\n"); },
     "a.yaml is larger than 33554432 bytes"},
    {"AConfigMapBeyondTheApiServer",
     [] {
       return Tree{{"kustomization.yaml", "configMapGenerator: [{name: c, files: [f]}]\n"},
                   {"f", std::string((1 << 20) + 1, 'x')}};
     },
     "1048577 bytes of data; the API server takes at most 1048576"},
    {"ASecretBeyondTheApiServer",
     [] {
       return Tree{{"kustomization.yaml", "secretGenerator: [{name: s, files: [f, g]}]\n"},
                   {"f", std::string(600'000, 'x')},
                   {"g", std::string(600'000, 'y')}};
     },
     "1200000 bytes of data; the API server takes at most 1048576"},
    {"AMergedConfigMapBeyondTheApiServer",
     [] {
       return Tree{
           {"base/kustomization.yaml", "configMapGenerator: [{name: c, files: [f]}]\n"},
           {"base/f", std::string(600'000, 'x')},
           {"over/kustomization.yaml",
            "resources: [../base]\nconfigMapGenerator: [{name: c, behavior: merge, files: [g]}]\n"},
           {"over/g", std::string(600'000, 'y')}};
     },
     "1200000 bytes of data; the API server takes at most 1048576", "over"},
    {"AnEnvFileWithALongLine",
     [] {
       return Tree{{"kustomization.yaml", "configMapGenerator: [{name: c, envs: [e]}]\n"},
                   {"e", "a=" + std::string(70'000, 'x') + "\n"}};
     },
     "kustomization.yaml:1: configMapGenerator[0]"},
};

const Case kExpressions[] = {
    {"NestedRepeats", [] { return Patched("(a+)+b"); }, "kind: A"},
    {"RepeatsOfRepeats", [] { return Patched("((a{1,1000}){1,1000}){1,1000}"); },
     "a regular expression expected"},
    {"BackReference", [] { return Patched("(a*)\\1"); }, "a regular expression expected"},
    {"OpenGroup", [] { return Patched("(a"); }, "a regular expression expected"},
    {"ManyAlternatives", [] { return Patched(Repeated("(a|a)?", 5000) + "b"); }, "kind: A"},
};

std::string NameOf(const testing::TestParamInfo<Case>& test) { return test.param.name; }
INSTANTIATE_TEST_SUITE_P(Paths, Hostile, testing::ValuesIn(kPaths), NameOf);
INSTANTIATE_TEST_SUITE_P(Cycles, Hostile, testing::ValuesIn(kCycles), NameOf);
INSTANTIATE_TEST_SUITE_P(Yaml, Hostile, testing::ValuesIn(kYaml), NameOf);
INSTANTIATE_TEST_SUITE_P(Sizes, Hostile, testing::ValuesIn(kSizes), NameOf);
INSTANTIATE_TEST_SUITE_P(Expressions, Hostile, testing::ValuesIn(kExpressions), NameOf);

// Every directory and file of it is small; what they come to together is not.
TEST(HostileTrees, MayNotGrowWithoutEnd) {
  Tree tree{{"base/kustomization.yaml", "resources: [a.yaml]\n"}, {"base/a.yaml", ""}};
  for (int i = 0; i < 10'000; ++i) {
    tree["base/a.yaml"] +=
        "apiVersion: v1\nkind: A\nmetadata: {name: a" + std::to_string(i) + "}\n---\n";
  }
  tree["kustomization.yaml"] = "resources:\n";
  for (int i = 0; i < 5'000; ++i) {
    const std::string name = "x" + std::to_string(i);
    tree["kustomization.yaml"] += "- " + name + "\n";
    tree[name + "/kustomization.yaml"] = "namePrefix: " + name + "-\nresources: [../base]\n";
  }
  EXPECT_THAT(Built(std::move(tree)), HasSubstr("more than 100000 resources in one build"));
}

// Links as a commit may hold them; what leads out of the tree is not there at all.
class LinkTree : public core::MemoryTree {
 public:
  LinkTree(Tree files, std::map<std::string, std::string> links)
      : MemoryTree(std::move(files)), links_(std::move(links)) {}
  Type TypeOf(std::string_view path) const override { return MemoryTree::TypeOf(Real(path)); }
  core::Result<std::string> Read(std::string_view path) const override {
    return MemoryTree::Read(Real(path));
  }
  std::vector<std::string> Through(std::string_view path) const override {
    return {std::string(path), Real(path)};
  }

 private:
  std::string Real(std::string_view path) const {
    for (const auto& [from, to] : links_) {
      if (path == from) return to;
      if (path.starts_with(from + "/")) return to + std::string(path.substr(from.size()));
    }
    return std::string(path);
  }
  const std::map<std::string, std::string> links_;
};

TEST(HostileTrees, MayHaveLinks) {
  const auto built = [](const std::string& resources, std::map<std::string, std::string> links) {
    const LinkTree files({{"a/kustomization.yaml", "resources: [" + resources + "]\n"},
                          {"b/kustomization.yaml", "resources: [x.yaml]\n"},
                          {"b/x.yaml", kObject}},
                         std::move(links));
    const auto text = BuildYaml(files, "a", {}, nullptr);
    return text ? *text : text.error().text();
  };
  EXPECT_THAT(built("l.yaml", {{"a/l.yaml", "b/x.yaml"}}),
              HasSubstr("l.yaml leads to b/x.yaml, outside of a: a kustomization reads files only "
                        "from its own directory and below"));
  EXPECT_THAT(built("l/x.yaml", {{"a/l", "b"}}), HasSubstr("l/x.yaml leads to b/x.yaml, outside"));
  EXPECT_THAT(built("l", {{"a/l", "b"}}), HasSubstr("kind: A"));  // a base may stand anywhere
  EXPECT_THAT(built("l", {{"a/l", "a"}}), HasSubstr("cycle: a is already being built"));
  EXPECT_THAT(built("l", {{"a/l", ""}}), HasSubstr("cycle: . contains a"));
  EXPECT_THAT(built("l", {{"a/l", "nowhere"}}), HasSubstr("l: no such file or directory"));
}

TEST(HostileTrees, MayBreakOffAnywhere) {
  const std::string kustomization =
      "namePrefix: x\nresources: [a.yaml]\npatches:\n- target: {kind: A}\n  patch: |-\n    - op: "
      "add\n"
      "      path: /b\n      value: \"c\"\n";
  for (size_t length = 0; length <= kustomization.size(); ++length) {
    const std::string said =
        Built({{"kustomization.yaml", kustomization.substr(0, length)}, {"a.yaml", kObject}});
    EXPECT_THAT(said, testing::AnyOf(HasSubstr("kustomization.yaml"), HasSubstr("kind: A"),
                                     testing::IsEmpty()))
        << length;
  }
}

}  // namespace
}  // namespace headgate::templating::kustomize
