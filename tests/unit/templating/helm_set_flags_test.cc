#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "templating/helm/chart/set_flags.h"
#include "templating/helm/template/printf.h"

namespace headgate::templating::helm {
namespace {

std::string ShowSet(SetKind kind, std::string_view line) {
  Heap heap;
  Map* values = heap.NewMap();
  const core::Status applied = ApplySet(kind, line, values, &heap, {}, [](const std::string& name) {
    return name == "no" ? core::Result<std::string>(core::NotFound("no such file"))
                        : core::Result<std::string>("(" + name + ")");
  });
  if (!applied) return applied.error().text();
  std::string shown;
  AppendPrintf(&shown, "%#v", std::vector<Value>{Value::Of(values)}, 10000);
  constexpr std::string_view kMap = "map[string]interface {}", kList = "[]interface {}",
                             kAny = "interface {}";
  for (const std::string_view type : {kMap, kList, kAny}) {
    for (size_t at = 0; (at = shown.find(type)) != std::string::npos;) shown.erase(at, type.size());
  }
  return shown;
}

struct Case {
  const char* name;
  SetKind kind;
  std::string line;
  std::string want;
};
class HelmSetTest : public testing::TestWithParam<Case> {};
TEST_P(HelmSetTest, FollowsHelmsGrammar) {
  EXPECT_EQ(ShowSet(GetParam().kind, GetParam().line), GetParam().want) << GetParam().line;
}

std::string Nested(int levels) {
  std::string line = "a";
  for (int i = 0; i < levels; ++i) line += ".a";
  return line + "=1";
}

const Case kCases[] = {
    {"Types", SetKind::kTyped, "a=1,b=-5,c=TRUE,d=null,e=1.5,f=007,g=,h=0,i=+3",
     R"j({"a":1, "b":-5, "c":true, "d":(nil), "e":"1.5", "f":"007", "g":"", "h":0, "i":3})j"},
    {"Texts", SetKind::kString, "a=1,b=true,c=null", R"j({"a":"1", "b":"true", "c":"null"})j"},
    {"Names", SetKind::kTyped, "a.b.c=1,a.b.d=x", R"j({"a":{"b":{"c":1, "d":"x"}}})j"},
    {"Escapes", SetKind::kTyped, R"j(a\.b=x\,y,c\=d=\\)j", R"j({"a.b":"x,y", "c=d":"\\"})j"},
    {"Lists", SetKind::kTyped, "a={1,true,x},b={},c={a},d=1",
     R"j({"a":{1, true, "x"}, "b":{""}, "c":{"a"}, "d":1})j"},
    {"Items", SetKind::kTyped, "a[2]=x,a[0].b=1,a[0].c=2",
     R"j({"a":{{"b":1, "c":2}, (nil), "x"}})j"},
    {"ItemsOfItems", SetKind::kTyped, "a[1][0]=x", R"j({"a":{(nil), {"x"}}})j"},
    {"NothingAtAll", SetKind::kTyped, "", "{}"},
    {"IndexWithoutEnd", SetKind::kTyped, "a[0", "{}"},
    {"ItemWithoutValue", SetKind::kTyped, "a[0]", R"j({"a":{}})j"},
    {"Json", SetKind::kJson, R"j(a={"b":[1,null]},c="x" ,d.e=true,f=)j",
     R"j({"a":{"b":{1, (nil)}}, "c":"x", "d":{"e":true}, "f":(nil)})j"},
    {"JsonItem", SetKind::kJson, R"j(a[1]=1.5)j", R"j({"a":{(nil), 1.5}})j"},
    {"Literal", SetKind::kLiteral, R"j(a.b[0]=x,y\={z})j", R"j({"a":{"b":{"x,y\\={z}"}}})j"},
    {"Files", SetKind::kFile, "a=x,b[0]=y", R"j({"a":"(x)", "b":{"(y)"}})j"},
    {"NoFile", SetKind::kFile, "a=no", "no such file"},
    {"NoUtf8", SetKind::kTyped, "a=\xff", "{\"a\":\"\ufffd\"}"},
    {"NoValue", SetKind::kTyped, "a", "key \"a\" has no value"},
    {"CommaAtTheEnd", SetKind::kTyped, "a,b=1", "key \"a\" has no value (cannot end with ,)"},
    {"NoName", SetKind::kTyped, "a.=x", "key map \"a\" has no value"},
    {"TextBehindIndex", SetKind::kTyped, "a[0]x=1", "unexpected data at end of array index: \"x\""},
    {"NegativeIndex", SetKind::kTyped, "a[-1]=x", "negative -1 index not allowed"},
    {"HugeIndex", SetKind::kTyped, "a[65537]=x",
     "index of 65537 is greater than maximum supported index of 65536"},
    {"NoIndex", SetKind::kTyped, "a[x]=1", "error parsing index: \"x\" is no number"},
    {"OpenList", SetKind::kTyped, "a={1,2", "list must terminate with '}'"},
    {"MapOverText", SetKind::kTyped, "a=1,a.b=2",
     "unable to parse key: \"a\" is no map, but int64"},
    {"ListOverText", SetKind::kTyped, "a=1,a[0]=2",
     "unable to parse key: \"a\" is no list, but int64"},
    {"BadJson", SetKind::kJson, "a={bad",
     "invalid character 'b' looking for beginning of object key string"},
    {"Deep", SetKind::kTyped, Nested(31),
     "value name nested level is greater than maximum supported nested level of 30"},
};
INSTANTIATE_TEST_SUITE_P(Helm, HelmSetTest, testing::ValuesIn(kCases),
                         [](const auto& test) { return test.param.name; });

TEST(HelmSetTest, IsBounded) {
  std::string deep = "a", wide;
  for (int i = 0; i < 10'000; ++i) deep += "[0]";
  EXPECT_EQ(ShowSet(SetKind::kTyped, deep + "=1"), "lists nested deeper than 500");
  // A list that grows item by item costs what it is long.
  for (int i = 0; i < 20'000; ++i) wide += "a[" + std::to_string(i) + "]=1,";
  Heap heap;
  EXPECT_TRUE(ApplySet(SetKind::kTyped, wide, heap.NewMap(), &heap, {}));
  EXPECT_LT(heap.bytes(), size_t{8} << 20);
}

}  // namespace
}  // namespace headgate::templating::helm
