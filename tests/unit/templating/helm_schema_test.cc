#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <string>

#include "templating/helm/chart/schema/check.h"
#include "templating/helm/chart/schema/compile.h"
#include "templating/helm/json_read.h"

namespace headgate::templating::helm {
namespace {

std::string ShowCheck(std::string_view schema, std::string_view value,
                      const ChartLimits& limits = {}) {
  const core::Result<std::unique_ptr<SchemaSet>> compiled = CompileSchema(schema, limits);
  if (!compiled) return "no schema: " + compiled.error().text();
  Heap heap;
  const core::Result<Value> read = ReadJson(value, &heap);
  if (!read) return read.error().text();
  return fmt::format("{}", fmt::join(CheckValue(*(*compiled)->root, *read, limits), "; "));
}

struct Case {
  const char* name;
  const char* schema;
  const char* value;
  const char* want;
};
class HelmSchemaTest : public testing::TestWithParam<Case> {};
TEST_P(HelmSchemaTest, SaysWhatDoesNotFit) {
  EXPECT_EQ(ShowCheck(GetParam().schema, GetParam().value), GetParam().want) << GetParam().schema;
}
const Case kCases[] = {
    {"Nothing", "{}", "1", ""},
    {"Types", R"({"properties":{"a":{"type":["string","null"]},"b":{"type":"integer"}}})",
     R"({"a":1,"b":1.5})",
     "at /a: null or string expected, number found; at /b: integer expected, number found"},
    {"WholeFloats", R"({"type":"integer"})", "2.0", ""},
    {"Required", R"({"required":["a","b"]})", R"({"a":1})", "at the top: \"b\" is missing"},
    {"Additional", R"({"properties":{"a":true},"additionalProperties":false})", R"({"b":1})",
     "at the top: \"b\" is not allowed"},
    {"Numbers", R"({"items":{"multipleOf":0.1,"exclusiveMaximum":1}})", "[0.3, 0.25, 1]",
     "at /1: no multiple of what is demanded; at /2: not below the maximum"},
    {"OldExclusive",
     R"({"$schema":"http://json-schema.org/draft-04/schema#","maximum":1,"exclusiveMaximum":true})",
     "1", "at the top: not below the maximum"},
    {"NoValueIsShown", R"({"properties":{"password":{"pattern":"^[a-z]$"}}})",
     R"({"password":"Secret"})", "at /password: a text that matches ^[a-z]$ expected"},
    {"References",
     R"({"$ref":"#/$defs/a","$defs":{"a":{"items":{"$ref":"#/$defs/b"}},"b":{"const":1}}})",
     "[1,2]", "at /1: not the one value that is allowed"},
    {"Recursion", R"({"properties":{"next":{"$ref":"#"}},"required":["value"]})",
     R"({"value":1,"next":{"value":2,"next":{}}})", "at /next/next: \"value\" is missing"},
    {"Anchors", R"({"$ref":"#it","$defs":{"a":{"$anchor":"it","type":"string"}}})", "1",
     "at the top: string expected, number found"},
    {"Ids", R"({"$ref":"sub","$defs":{"a":{"$id":"sub","type":"string"}}})", "1",
     "at the top: string expected, number found"},
    {"Unevaluated", R"({"allOf":[{"properties":{"a":true}}],"unevaluatedProperties":false})",
     R"({"a":1,"b":2})", "at /b: nothing is allowed here"},
    {"DynamicReferences",
     R"({"$id":"http://x/tree","$dynamicAnchor":"n","properties":{"below":{"items":{"$dynamicRef":"#n"}},"v":{"type":"number"}}})",
     R"({"below":[{"v":1},{"below":[{"v":"x"}]}]})",
     "at /below/1/below/0/v: number expected, string found"},
    {"Formats",
     R"({"$schema":"http://json-schema.org/draft-07/schema#","items":{"format":"ipv4"}})",
     R"(["1.2.3.4","1.2.3.256"])", "at /1: an IPv4 address expected"},
    {"FormatsSince2019", R"({"format":"ipv4"})", R"("x")", ""},
    {"Contains", R"({"contains":{"const":1},"minContains":2})", "[1,2]",
     "at the top: at least 2 items of a certain form expected"},
    {"Unique", R"({"uniqueItems":true})", "[1,{\"a\":[1]},{\"a\":[1.0]}]",
     "at the top: items 1 and 2 are equal"},
    {"Conditions",
     R"({"if":{"required":["a"]},"then":{"required":["b"]},"else":{"required":["c"]}})",
     R"({"a":1})", "at the top: \"b\" is missing"},
    {"OneOf", R"({"oneOf":[{"type":"number"},{"minimum":1}]})", "2",
     "at the top: two forms of which exactly one is allowed"},
    {"BadType", R"({"type":"text"})", "1",
     "no schema: # is no schema: at /type: none of several forms that are allowed"},
    {"BadPattern", R"({"pattern":"("})", "1",
     "no schema: # is no schema: at /pattern: a regular expression expected"},
    {"NoJson", "{", "1", "no schema: unexpected end of JSON input"},
    {"Lost", R"({"$ref":"#/nowhere"})", "1", "no schema: #/nowhere: the reference leads nowhere"},
    {"Remote", R"({"$ref":"https://example.com/a.json"})", "1",
     "no schema: #/$ref: the reference to https://example.com/a.json leads out of the file; it is "
     "not followed"},
    {"File", R"({"$ref":"/etc/passwd"})", "1",
     "no schema: #/$ref: the reference to file:///etc/passwd leads out of the file; it is not "
     "followed"},
    {"OtherDraft", R"({"$schema":"http://example.com/schema"})", "1",
     "no schema: #: $schema: draft 4, 6, 7, 2019-09 or 2020-12 of json-schema.org expected"},
    {"Circle",
     R"({"$ref":"#/$defs/a","$defs":{"a":{"$ref":"#/$defs/b"},"b":{"$ref":"#/$defs/a"}}})", "1",
     "at the top: #/$defs/a refers to itself for the same value"},
};
INSTANTIATE_TEST_SUITE_P(Helm, HelmSchemaTest, testing::ValuesIn(kCases),
                         [](const auto& test) { return test.param.name; });

TEST(HelmSchemaTest, KnowsTheSchemasOfSchemas) {
  for (const char* draft :
       {"http://json-schema.org/draft-04/schema#", "http://json-schema.org/draft-06/schema#",
        "http://json-schema.org/draft-07/schema#", "https://json-schema.org/draft/2019-09/schema",
        "https://json-schema.org/draft/2020-12/schema"}) {
    const std::string schema =
        fmt::format(R"({{"$schema":"{0}","properties":{{"a":{{"$ref":"{0}"}}}}}})", draft);
    EXPECT_EQ(ShowCheck(schema, R"({"a":{"type":"string"}})"), "") << draft;
    EXPECT_NE(ShowCheck(schema, R"({"a":{"minLength":-1}})"), "") << draft;
  }
}

TEST(HelmSchemaTest, IsBounded) {
  ChartLimits limits;
  limits.schema_steps = 100'000;
  // Each level asks twice.
  std::string doubling = R"({"$defs":{)";
  for (int i = 0; i < 40; ++i) {
    doubling +=
        fmt::format(R"("d{}":{{"allOf":[{{"$ref":"#/$defs/d{}"}},{{"$ref":"#/$defs/d{}"}}]}},)", i,
                    i + 1, i + 1);
  }
  doubling += R"("d40":true},"$ref":"#/$defs/d0"})";
  EXPECT_EQ(ShowCheck(doubling, "1", limits), "the schema takes more than 100000 steps");

  std::string deep;
  for (int i = 0; i < 500; ++i) deep += "[";
  deep += std::string(500, ']');
  EXPECT_EQ(ShowCheck(R"({"items":{"$ref":"#"}})", deep),
            "schemas applied in each other more than 400 deep");
}

}  // namespace
}  // namespace headgate::templating::helm
