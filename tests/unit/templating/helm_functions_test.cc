// The functions of templates, called as the evaluator calls them.

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cmath>
#include <string>
#include <vector>

#include "templating/helm/function.h"
#include "templating/helm/functions/bcrypt.h"
#include "templating/helm/functions/functions.h"
#include "templating/helm/template/printf.h"

namespace headgate::templating::helm {
namespace {

using Arguments = std::vector<Value>;

Heap& TestHeap() {
  static Heap heap;
  return heap;
}

Value T(std::string_view text) { return Value::Text(text, &TestHeap()); }
Value I(int64_t number) { return Value::Int(number); }
Value F(double number) { return Value::Float(number); }
Value L(const Arguments& items, Type type = Type::kList) {
  const std::span<Value> copy = TestHeap().NewList(items.size());
  std::copy(items.begin(), items.end(), copy.begin());
  return Value::List(copy, type);
}
Value M(const std::vector<std::pair<const char*, Value>>& entries) {
  Map* map = TestHeap().NewMap();
  for (const auto& [key, value] : entries) map->Set(key, value, &TestHeap());
  return Value::Of(map);
}

struct Outcome {
  Value value;
  std::string text;  // as %v shows it, or "error: " and why
};

Outcome CallBy(std::string_view name, const Arguments& arguments, const Limits& limits = {}) {
  static const FunctionTable kTable = [] {
    FunctionTable table;
    AddFunctions(&table);
    return table;
  }();
  const Function* function = kTable.Find(name);
  if (!function) return {{}, "no such function"};
  Context context;
  context.heap = &TestHeap();
  context.limits = limits;
  context.now = [] { return std::chrono::system_clock::time_point(std::chrono::seconds(86400)); };
  Call call(&context, arguments);
  const Value value = function->native(call);
  if (call.failed()) return {{}, "error: " + call.error()};
  std::string text;
  AppendValue(&text, value, 1 << 20);
  return {value, text};
}

struct Case {
  const char* function;
  Arguments arguments;
  const char* want;
};

const Case kTexts[] = {
    {"trunc", {I(3), T("hello")}, "hel"},
    {"trunc", {I(-3), T("hello")}, "llo"},
    {"trunc", {I(-9), T("hello")}, "hello"},
    {"substr", {I(1), I(3), T("hello")}, "el"},
    {"substr", {I(-1), I(3), T("hello")}, "hel"},
    {"substr",
     {I(-1), I(9), T("hello")},
     "error: runtime error: slice bounds out of range [:9] with length 5"},
    {"substr", {I(4), I(2), T("hello")}, "error: runtime error: slice bounds out of range [4:2]"},
    {"trim", {T(" \t\n x y\u00a0\u2003")}, "x y"},
    {"trimAll", {T("äx"), T("xäxhix")}, "hi"},
    {"nospace", {T("a b\u00e9")}, "abÃ©"},
    {"indent", {I(2), T("a\n\nb\n")}, "  a\n  \n  b\n  "},
    {"nindent", {I(1), T("a\nb")}, "\n a\n b"},
    {"indent", {I(-1), T("a")}, "error: strings: negative Repeat count"},
    {"replace", {T(""), T("-"), T("aé")}, "-a-é-"},
    {"repeat", {I(3), T("ab")}, "ababab"},
    {"quote", {T("a\"\n"), Value(), I(5)}, "\"a\\\"\\n\" \"5\""},
    {"squote", {T("it's"), F(1e6)}, "'it's' '1e+06'"},
    {"cat", {T(" a "), Value(), I(1)}, " a  1"},
    {"join", {T("-"), L({T("a"), Value(), I(2)})}, "a-2"},
    {"join", {T("-"), T("whole")}, "whole"},
    {"splitn", {T(","), I(2), T("a,b,c")}, "map[_0:a _1:b,c]"},
    {"splitList", {T(""), T("aé")}, "[a é]"},
    {"title", {T("hello wORLD it's_a-dog")}, "Hello WORLD It'S_a-Dog"},
    {"untitle", {T("Hello World")}, "hello world"},
    {"swapcase", {T("This Is a test")}, "tHIS iS A TEST"},
    {"initials", {T("First Try")}, "FT"},
    {"snakecase", {T("HTTP20xOK")}, "http_20x_ok"},
    {"snakecase", {T("Bld4Floor3rd")}, "bld4_floor_3rd"},
    {"snakecase", {T("FirstName-of me")}, "first_name_of_me"},
    {"kebabcase", {T("HTTPServer")}, "http-server"},
    {"camelcase", {T("_complex__case_")}, "_Complex_Case_"},
    {"camelcase", {T("GOLANG_IS_GREAT")}, "GolangIsGreat"},
    {"upper", {T("ß é\xff")}, "ß É\ufffd"},
    {"wrap", {I(5), T("Hello World again")}, "Hello\nWorld\nagain"},
    {"wrapWith", {I(5), T("\t"), T("HelloWorld")}, "Hello\tWorld"},
    {"abbrev", {I(5), T("hello world")}, "he..."},
    {"abbrevboth", {I(5), I(10), T("1234 5678 9123")}, "...5678..."},
    {"b64enc", {T("hi?")}, "aGk/"},
    {"b64dec", {T("aG\nk/")}, "hi?"},
    {"b64dec", {T("a=")}, "illegal base64 data at input byte 1"},
    {"b32enc", {T("coffee")}, "MNXWMZTFMU======"},
    {"b32dec", {T("MNXWMZTFMU======")}, "coffee"},
    {"b32dec", {T("MNXW1")}, "illegal base32 data at input byte 4"},
    {"sha1sum", {T("abc")}, "a9993e364706816aba3e25717850c26c9cd0d89d"},
    {"adler32sum", {T("abc")}, "38600999"},
    {"clean", {T("a/../../b//c/.")}, "../b/c"},
    {"dir", {T("/a/b/")}, "/a/b"},
    {"base", {T("///")}, "/"},
    {"ext", {T("a.b/c")}, ""},
};

const Case kCollections[] = {
    {"append", {L({I(1)}), Value()}, "[1 <nil>]"},
    {"append", {T("x"), I(1)}, "error: Cannot push on type string"},
    {"first", {L({I(1), I(2)}, Type::kInts)}, "1"},
    {"first", {L({})}, "<nil>"},
    {"first", {Value()}, "error: runtime error: invalid memory address or nil pointer dereference"},
    {"last", {M({})}, "error: Cannot find last on type map"},
    {"rest", {L({I(1), I(2)})}, "[2]"},
    {"uniq", {L({I(1), I(1), Value::Int64(1), T("1"), L({I(1)}), L({I(1)})})}, "[1 1 1 [1]]"},
    {"without", {L({I(1), I(2), I(1)}), I(1)}, "[2]"},
    {"has", {I(2), Value()}, "false"},
    {"compact", {L({I(0), T(""), T("a"), Value()})}, "[a]"},
    {"slice", {L({I(1), I(2), I(3)}), I(1), I(2)}, "[2]"},
    {"slice", {L({I(1)}), I(2)}, "error: reflect.Value.Slice: slice index out of bounds"},
    {"concat", {L({I(1)}), L({T("a")}, Type::kStrings)}, "[1 a]"},
    {"concat", {I(1)}, "error: Cannot concat type int as list"},
    {"chunk", {I(2), L({I(1), I(2), I(3)})}, "[[1 2] [3]]"},
    {"chunk", {I(0), L({I(1)})}, "error: runtime error: makeslice: len out of range"},
    {"sortAlpha", {L({I(10), I(9), T("a")})}, "[10 9 a]"},
    {"dict", {T("a"), I(1), T("b")}, "map[a:1 b:]"},
    {"get", {M({{"a", I(1)}}), T("b")}, ""},
    {"set", {Value::Nil(Type::kMap), T("a"), I(1)}, "error: assignment to entry in nil map"},
    {"keys", {M({{"b", I(1)}, {"a", I(2)}}), M({{"c", I(1)}})}, "[a b c]"},
    {"pick", {M({{"a", I(1)}, {"b", I(2)}}), T("b"), T("z")}, "map[b:2]"},
    {"omit", {M({{"a", I(1)}, {"b", I(2)}}), T("b"), T("z")}, "map[a:1]"},
    {"pluck", {T("a"), M({{"a", I(1)}}), M({}), M({{"a", I(3)}})}, "[1 3]"},
    {"dig", {T("a"), T("b"), T("no"), M({{"a", M({{"b", I(1)}})}})}, "1"},
    {"dig", {T("a"), T("b"), T("no"), M({{"a", M({})}})}, "no"},
    {"dig",
     {T("a"), T("b"), T("no"), M({{"a", T("text")}})},
     "error: interface conversion: interface {} is string, not map[string]interface {}"},
    {"merge", {M({{"a", I(1)}, {"b", T("")}}), M({{"a", I(2)}, {"b", I(3)}})}, "map[a:1 b:3]"},
    {"merge", {M({{"a", M({{"x", I(1)}})}}), M({{"a", M({{"y", I(2)}})}})}, "map[a:map[x:1 y:2]]"},
    {"mergeOverwrite", {M({{"a", I(1)}}), M({{"a", Value()}})}, "map[a:<nil>]"},
    {"mergeOverwrite", {M({{"a", L({I(1)})}}), M({{"a", L({})}})}, "map[a:[]]"},
    {"deepCopy", {Value()}, "error: reflect: call of reflect.Value.Type on zero Value"},
    {"until", {I(-3)}, "[0 -1 -2]"},
    {"untilStep", {I(0), I(10), I(4)}, "[0 4 8]"},
    {"seq", {I(3)}, "1 2 3"},
    {"seq", {I(2), I(-2)}, "2 1 0 -1 -2"},
    {"seq", {I(0), I(2), I(10)}, "0 2 4 6 8 10"},
    {"default", {T("d"), F(0)}, "d"},
    {"coalesce", {Value(), I(0), T("x")}, "x"},
    {"typeOf", {Value()}, "<nil>"},
    {"typeIsLike", {T("semver.Version"), CallBy("semver", {T("1.2.3")}).value}, "true"},
};

const Case kNumbers[] = {
    {"int64", {T("0x1f")}, "31"},
    {"int64", {T("017")}, "15"},
    {"int64", {T("08")}, "0"},
    {"int64", {T("2.0")}, "2"},
    {"int64", {T("2.5")}, "0"},
    {"int64", {T("1_000")}, "1000"},
    {"int64", {F(1e30)}, "-9223372036854775808"},
    {"int", {Value::Bool(true)}, "1"},
    {"float64", {T("1e3")}, "1000"},
    {"atoi", {T("99999999999999999999")}, "9223372036854775807"},
    {"atoi", {T("1.5")}, "0"},
    {"add", {T("1"), F(2.9), I(3)}, "6"},
    {"div", {I(7), I(0)}, "error: runtime error: integer divide by zero"},
    {"div", {Value::Int64(INT64_MIN), I(-1)}, "-9223372036854775808"},
    {"mod", {I(-7), I(3)}, "-1"},
    {"addf", {F(0.1), F(0.2)}, "0.3"},
    {"subf", {F(0.3), F(0.1)}, "0.2"},
    {"divf", {I(1), I(3)}, "0.3333333333333333"},
    {"divf", {I(1), I(0)}, "error: decimal division by 0"},
    {"mulf", {F(1.1), F(1.1)}, "1.21"},
    {"addf", {T("NaN")}, "error: Cannot create a Decimal from NaN"},
    {"round", {F(123.555555), I(3)}, "123.556"},
    {"round", {F(-1.5), I(0)}, "-2"},
    {"floor", {T("-1.5")}, "-2"},
    {"max", {T("a"), I(-1)}, "0"},
    {"toDecimal", {T("777")}, "511"},
    {"semverCompare", {T("^1.2.0"), T("1.3.0")}, "true"},
    {"semverCompare", {T(">=1.2"), T("1.3.0-rc.1")}, "false"},
    {"semverCompare", {T(">=1.2-0"), T("v1.3.0-rc.1")}, "true"},
    {"semverCompare", {T("1.2 - 1.4.0 || ~2"), T("1.4.9")}, "false"},
    {"semverCompare", {T("1.2 - 1.4 || ~2"), T("1.4.9")}, "true"},
    {"semverCompare", {T("oops"), T("1")}, "error: improper constraint: oops"},
    {"semver", {T("1.2.3.4")}, "error: invalid semantic version"},
    {"semver", {T("v01.2")}, "1.2.0"},
};

const Case kSearches[] = {
    {"regexMatch", {T("^a.c$"), T("abc")}, "true"},
    {"regexMatch", {T("("), T("abc")}, "false"},
    {"mustRegexMatch", {T("("), T("abc")}, "error: error parsing regexp: missing closing ): `(`"},
    {"regexFind",
     {T("a**"), T("abc")},
     "error: regexp: Compile(`a**`): error parsing regexp: invalid nested repetition operator: "
     "`**`"},
    {"regexFindAll", {T("a*"), T("baaac"), I(-1)}, "[ aaa ]"},
    {"regexReplaceAll", {T("(?<x>a)(x*)"), T("-ab-axxb-"), T("${x}-${2}W")}, "-a-Wb-a-xxWb-"},
    {"regexReplaceAll", {T("a"), T("banana"), T("$1x")}, "bnn"},
    {"regexReplaceAllLiteral", {T("a(x*)b"), T("-ab-axxb-"), T("${1}")}, "-${1}-${1}-"},
    {"regexSplit", {T("z+"), T("pizza"), I(-1)}, "[pi a]"},
    {"regexSplit", {T(""), T("abc"), I(2)}, "[a bc]"},
    {"regexReplaceAll",
     {T("."),
      T("a\xff"
        "b"),
      T("<$0>")},
     "<a><\xff><b>"},
    {"regexQuoteMeta", {T("a.b*c")}, "a\\.b\\*c"},
};

const Case kTimes[] = {
    {"dateInZone",
     {T("2006-01-02 15:04:05 MST"), I(1560458379), T("Europe/Berlin")},
     "2019-06-13 22:39:39 CEST"},
    {"dateInZone",
     {T("Mon _2 Jan 3:04PM .000"), Value::Int64(5), T("Nowhere")},
     "Thu  1 Jan 12:00AM .000"},
    {"date", {T("2006"), F(5)}, "1970"},
    {"htmlDateInZone", {I(1e9), T("Asia/Tokyo")}, "2001-09-09"},
    {"dateInZone", {T("2006 Z07:00"), I(4102444800), T("America/New_York")}, "2099 -05:00"},
    {"mustToDate",
     {T("2006-01-02"), T("2017-13-31")},
     "error: parsing time \"2017-13-31\": month out of range"},
    {"mustToDate",
     {T("2006-01-02"), T("x")},
     "error: parsing time \"x\" as \"2006-01-02\": cannot parse \"x\" as \"2006\""},
    {"toDate",
     {T("2006-01-02T15:04:05Z07:00"), T("2017-12-31T01:02:03.5+02:00")},
     "2017-12-31 01:02:03.5 +0200 +0200"},
    {"toDate", {T("2006 002"), T("2020 060")}, "2020-02-29 00:00:00 +0000 UTC"},
    {"unixEpoch", {CallBy("toDate", {T("2006-01-02"), T("2017-12-31")}).value}, "1514678400"},
    {"mustDateModify",
     {T("-1.5h"), CallBy("toDate", {T("2006-01-02"), T("2017-12-31")}).value},
     "2017-12-30 22:30:00 +0000 UTC"},
    {"mustDateModify",
     {T("1x"), CallBy("now", {}).value},
     "error: time: unknown unit \"x\" in duration \"1x\""},
    {"ago", {Value::Int64(0)}, "24h0m0s"},
    {"duration", {T("95")}, "1m35s"},
    {"durationRound", {T("2h10m5s")}, "2h"},
};

const Case kUrls[] = {
    {"urlParse",
     {T("HTTPS://u%40:p@[fe80::1%25eth0]:80/a%20b?q=1#f")},
     "map[fragment:f host:[fe80::1%eth0]:80 hostname:fe80::1%eth0 opaque: path:/a b query:q=1 "
     "scheme:https userinfo:u%40:p]"},
    {"urlParse",
     {T("mailto:a@b")},
     "map[fragment: host: hostname: opaque:a@b path: query: "
     "scheme:mailto userinfo:]"},
    {"urlParse",
     {T("http://a b/")},
     "error: unable to parse url: parse \"http://a b/\": invalid character \" \" in host name"},
    {"urlParse",
     {T("a:b:c%zz")},
     "map[fragment: host: hostname: opaque:b:c%zz path: query: scheme:a userinfo:]"},
    {"urlJoin",
     {M({{"scheme", T("http")},
         {"host", T("h:80")},
         {"path", T("a b?")},
         {"query", T("x=1")},
         {"fragment", T("f g")},
         {"userinfo", T("me:p w")}})},
     "error: unable to parse userinfo in dict: parse \"proto://me:p w@host\": net/url: invalid "
     "userinfo"},
    {"urlJoin",
     {M({{"host", I(1)}})},
     "error: unable to parse host key, must be of type string, but int found"},
};

// Made by bcrypt and sprig.
const Case kSecrets[] = {
    {"derivePassword",
     {Value::Number(Type::kUint32, 1), T("long"), T("password"), T("user"), T("example.com")},
     "ZedaFaxcZaso9*"},
    {"derivePassword",
     {Value::Number(Type::kUint32, 1), T("x"), T(""), T(""), T("")},
     "cannot find password template x"},
    {"htpasswd", {T("a:b"), T("c")}, "invalid username: a:b"},
    {"bcrypt",
     {T(std::string(73, 'x'))},
     "failed to encrypt string with bcrypt: bcrypt: password length exceeds 72 bytes"},
    {"decryptAES", {T("k"), T("")}, ""},
    {"decryptAES",
     {T("k"), T("AAAA")},
     "error: runtime error: slice bounds out of range [:16] with capacity 3"},
    {"decryptAES", {T("k"), CallBy("encryptAES", {T("k"), T("some text")}).value}, "some text"},
    {"genPrivateKey", {T("x")}, "Unknown type x"},
    {"genSelfSignedCert",
     {T("a"), L({T("1.2.3")}), Value::Nil(Type::kList), I(1)},
     "error: error parsing ip: 1.2.3"},
    {"genCAWithKey", {T("a"), I(1), T("x")}, "error: parsing private key: no PEM data in input"},
    {"buildCustomCert", {T("!"), T("")}, "error: unable to decode base64 certificate"},
};

const Case kTrees[] = {
    {"toJson",
     {M({{"b", T("<&>\u2028\x01")}, {"a", L({Value(), F(1e21), F(0.5), I(7)})}})},
     "{\"a\":[null,1e+21,0.5,7],\"b\":\"\\u003c\\u0026\\u003e\\u2028\\u0001\"}"},
    {"toRawJson", {T("<&>")}, "\"<&>\""},
    {"toPrettyJson",
     {M({{"a", L({})}, {"b", L({I(1)})}})},
     "{\n  \"a\": [],\n  \"b\": [\n    1\n  ]\n}"},
    {"toJson", {F(NAN)}, ""},
    {"mustToJson", {F(NAN)}, "error: json: unsupported value: NaN"},
    {"toJson", {Value::Bytes("hi")}, "\"aGk=\""},
    {"toJson", {CallBy("semver", {T("v1.2")}).value}, "\"1.2.0\""},
    {"toJson", {Value::Nil(Type::kMap)}, "null"},
    {"fromJson", {T("{\"a\": 1}")}, "map[a:1]"},
    {"fromJson",
     {T("[1]")},
     "map[Error:json: cannot unmarshal array into Go value of type map[string]interface {}]"},
    {"fromJson", {T("")}, "map[Error:unexpected end of JSON input]"},
    {"fromJsonArray",
     {T("{}")},
     "[json: cannot unmarshal object into Go value of type []interface {}]"},
    {"mustFromJson", {T("5")}, "5"},
    {"mustFromJson", {T("{")}, "error: unexpected end of JSON input"},
    {"toYaml",
     {M({{"b", L({T("yes"), T("1:30"), T("a: b"), F(1e6)})}, {"a10", M({})}, {"a9", Value()}})},
     "a9: null\na10: {}\nb:\n- \"yes\"\n- \"1:30\"\n- 'a: b'\n- 1000000"},
    {"toYaml", {T("a\nb\n")}, "|\n  a\n  b"},
    {"toYaml", {Value()}, "null"},
    {"toYaml", {F(12345678901234567890.0)}, "12345678901234567000"},
    {"toYaml", {F(-1e19)}, "-1e+19"},
    {"toYaml", {F(0x1p64)}, "1.8446744073709552e+19"},
    {"toYaml", {F(NAN)}, ""},
    {"mustToYaml", {F(NAN)}, "error: json: unsupported value: NaN"},
    {"toYamlPretty",
     {M({{"l", L({T("no"), T("12"), L({I(1)})})}, {"f", F(1e6)}, {"n", Value::Nil(Type::kMap)}})},
     "f: 1e+06\nl:\n  - \"no\"\n  - \"12\"\n  - - 1\n\"n\": {}"},
    {"fromYaml", {T("a: [1, yes]\nb: 0x10\n")}, "map[a:[1 true] b:16]"},
    {"fromYaml", {T("")}, "map[]"},
    {"fromYaml",
     {T("a: [unclosed")},
     "map[Error:error converting YAML to JSON: yaml: line 1: did not find expected ',' or ']']"},
    {"fromYaml",
     {T("- - -\n-x")},
     "map[Error:error converting YAML to JSON: yaml: line 3: could not find expected ':']"},
    {"fromYaml",
     {T("a: *x")},
     "map[Error:error converting YAML to JSON: yaml: unknown anchor 'x' referenced]"},
    {"fromYaml",
     {T("a: .inf")},
     "map[Error:error converting YAML to JSON: json: unsupported value: +Inf]"},
    {"fromYaml",
     {T("{a: b}: c")},
     "map[Error:error converting YAML to JSON: yaml: invalid map key: map[interface {}]interface "
     "{}{\"a\":\"b\"}]"},
    {"fromYaml",
     {T("x:\n  [1, two, 1.5, null, true, {b: 1, a: [2]}]: c")},
     "map[Error:error converting YAML to JSON: yaml: invalid map key: []interface {}{1, \"two\", "
     "1.5, interface {}(nil), true, map[interface {}]interface {}{\"a\":[]interface {}{2}, "
     "\"b\":1}}]"},
    {"fromYamlArray", {T("- 1\n- a\n")}, "[1 a]"},
    {"fromYamlArray",
     {T("a: @x")},
     "[error converting YAML to JSON: yaml: found character that cannot start any token]"},
};

const Case kToml[] = {
    {"toToml",
     {M({{"b", I(1)},
         {"a", M({{"x", F(2)}, {"y z", T("\n\x01")}})},
         {"n", Value()},
         {"t", L({M({{"q", L({I(1), T("a")})}})})}})},
     "b = 1\n\n[a]\n  x = 2.0\n  \"y z\" = \"\\n\\u0001\"\n\n[[t]]\n  q = [1, \"a\"]\n"},
    {"toToml", {M({{"a", L({L({M({{"b", I(1)}})}), I(2)})}})}, "a = [[{b = 1}], 2]\n"},
    {"toToml", {L({M({})})}, "toml: top-level values must be Go maps or structs"},
    {"toToml", {M({{"a", L({Value()})}})}, "toml: cannot encode array with nil element"},
    {"toToml", {Value()}, "error: reflect: call of reflect.Value.Type on zero Value"},
    {"fromToml",
     {T("a.b = 0x1F\n[t]\nx = [1.5, 'q']\n[[l]]\ny = {z = true}\n")},
     "map[a:map[b:31] l:[map[y:map[z:true]]] t:map[x:[1.5 q]]]"},
    {"fromToml",
     {T("d = 1979-05-27 07:32:00Z\ne = 12:30")},
     "map[d:1979-05-27 07:32:00 +0000 UTC e:0000-01-01 12:30:00 +0000 time-local]"},
    {"fromToml", {T("a = \"\"\"\nx\\\n  y\"\"\"\"\"")}, "map[a:xy\"\"]"},
    {"fromToml",
     {T("a=1\na=2")},
     "map[Error:toml: line 2 (last key \"a\"): Key 'a' has already been defined.]"},
    {"fromToml", {T("a = [1,,2]")}, "map[Error:toml: line 1 (last key \"a\"): unexpected comma]"},
    {"fromToml",
     {T("x = 01")},
     "map[Error:toml: line 1 (last key \"x\"): Invalid integer \"01\": cannot have leading "
     "zeroes]"},
};

TEST(HelmFunctionsTest, PrintsWhatHoldsItselfAsNothing) {
  const Value map = M({});
  CallBy("set", {map, T("self"), map});
  EXPECT_EQ(CallBy("toJson", {map}).text, "");
  EXPECT_EQ(CallBy("toYaml", {map}).text, "");
  Limits limits;
  limits.text_bytes = 1000;
  const Value large = L(Arguments(200, T("some text")));
  for (const char* name : {"toJson", "toYaml", "toYamlPretty"}) {
    EXPECT_TRUE(CallBy(name, {large}, limits).text.starts_with("error: the result would be larger"))
        << name;
  }
}

TEST(HelmFunctionsTest, HashesPasswordsSoThatOthersKnowThem) {
  const std::array<std::byte, 16> salt = {};
  EXPECT_EQ(BcryptHash("U*U", salt, 4),
            "$2a$04$......................OFozeos6d2lMGDeQ3d5irLzOX9aUXQa");
}

TEST(HelmFunctionsTest, SignsCertificates) {
  const Value key = CallBy("genPrivateKey", {T("ecdsa")}).value;
  const Value ca = CallBy("genCAWithKey", {T("my-ca"), I(365), key}).value;
  ASSERT_EQ(ca.type(), Type::kCertificate);
  const Value cert = CallBy("genSignedCertWithKey",
                            {T("svc"), L({T("10.0.0.1")}), L({T("svc.ns")}), I(10), ca, key})
                         .value;
  ASSERT_EQ(cert.type(), Type::kCertificate);
  EXPECT_TRUE(cert.fields()->fields[0].value->text().starts_with("-----BEGIN CERTIFICATE-----\n"));
  EXPECT_EQ(cert.fields()->fields[1].value->text(), key.text());
  const auto encoded = [](const Value& of, size_t field) {
    return CallBy("b64enc", {*of.fields()->fields[field].value}).value;
  };
  EXPECT_EQ(CallBy("buildCustomCert", {encoded(cert, 0), encoded(cert, 1)}).value.type(),
            Type::kCertificate);
}

TEST(HelmFunctionsTest, GivesWhatSprigGives) {
  ASSERT_EQ(setenv("TZ", "UTC", 1), 0);
  const auto check = [](std::span<const Case> cases) {
    for (const Case& test : cases) {
      EXPECT_EQ(CallBy(test.function, test.arguments).text, test.want) << test.function;
    }
  };
  check(kTexts);
  check(kCollections);
  check(kNumbers);
  check(kSearches);
  check(kTimes);
  check(kUrls);
  check(kSecrets);
  check(kTrees);
  check(kToml);
}

TEST(HelmFunctionsTest, RefusesWhatWouldBeTooLarge) {
  Limits limits;
  limits.text_bytes = 1000;
  const Case kLarge[] = {
      {"repeat", {I(1'000'000'000), T("ab")}, ""},
      {"until", {I(1'000'000'000)}, ""},
      {"untilStep", {I(0), I(INT64_MAX), I(1)}, ""},
      {"seq", {I(INT64_MAX - 1)}, ""},
      {"randAlpha", {I(1'000'000'000)}, ""},
      {"randBytes", {I(INT64_MAX)}, ""},
      {"indent", {I(INT64_MAX), T("a\nb")}, ""},
      {"replace", {T(""), T("12345678901234567890"), T(std::string(100, 'x'))}, ""},
      {"regexReplaceAll", {T("x"), T(std::string(100, 'x')), T("12345678901234567890")}, ""},
      {"wrapWith", {I(1), T("12345678901234567890"), T(std::string(100, 'x'))}, ""},
      {"splitList", {T(""), T(std::string(100, 'x'))}, ""},
      {"join", {T(std::string(600, '-')), L({I(1), I(2), I(3)})}, ""},
  };
  for (const Case& test : kLarge) {
    EXPECT_TRUE(CallBy(test.function, test.arguments, limits)
                    .text.starts_with("error: the result would be larger than the limit"))
        << test.function;
  }
}

TEST(HelmFunctionsTest, ChangesMapsInPlace) {
  const Value map = M({{"a", I(1)}});
  CallBy("set", {map, T("b"), I(2)});
  CallBy("unset", {map, T("a")});
  EXPECT_EQ(CallBy("toString", {map}).text, "map[b:2]");
  const Value copy = CallBy("deepCopy", {M({{"m", map}})}).value;
  CallBy("set", {map, T("c"), I(3)});
  EXPECT_EQ(CallBy("toString", {copy}).text, "map[m:map[b:2]]");
}

TEST(HelmFunctionsTest, MakesRandomTextsOfTheRightLetters) {
  const Value text = CallBy("randAlphaNum", {I(300)}).value;
  EXPECT_EQ(CallBy("regexMatch", {T("^[0-9A-Za-z]{300}$"), text}).text, "true");
  EXPECT_NE(CallBy("randAlphaNum", {I(300)}).text, text.text());
  EXPECT_EQ(CallBy("regexMatch",
                   {T("^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"),
                    CallBy("uuidv4", {}).value})
                .text,
            "true");
  EXPECT_EQ(CallBy("randInt", {I(5), I(6)}).text, "5");
  EXPECT_EQ(CallBy("randInt", {I(5), I(5)}).text, "error: invalid argument to Intn");
}

TEST(HelmFunctionsTest, KnowsAllFunctionsThatVary) {
  for (const Varying& varying : VaryingFunctions()) EXPECT_FALSE(varying.name.empty());
}

}  // namespace
}  // namespace headgate::templating::helm
