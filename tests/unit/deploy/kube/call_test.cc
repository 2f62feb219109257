#include "deploy/kube/call.h"

#include <gtest/gtest.h>

#include "deploy/kube/fast_json.h"
#include "tests/unit/deploy/parsed.h"

namespace headgate::deploy {
namespace {

struct Case {
  std::string name;
  int status;
  std::string body;
  bool is_secret;
  std::string want;
  bool retried;
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

const Case kCases[] = {
    {"Missing", 404,
     R"({"message":"deployments.apps \"web\" not found","details":{"kind":"deployments"}})", false,
     "not found: patch Deployment shop/web: not found", false},
    {"MissingNamespace", 404,
     R"({"message":"namespaces \"shop\" not found","details":{"kind":"namespaces"}})", false,
     R"(not found: patch Deployment shop/web: namespaces "shop" not found)", false},
    {"Credentials", 401, R"({"message":"Unauthorized"})", false,
     "forbidden: patch Deployment shop/web: the server does not accept our credentials (401): the "
     "token or client "
     "certificate is missing, expired or of another cluster",
     false},
    {"Rule", 403,
     R"({"message":"deployments.apps \"web\" is forbidden: User \"ada\" cannot patch resource \"deployments\" in API group \"apps\" in the namespace \"shop\""})",
     false,
     "forbidden: patch Deployment shop/web: ada may not patch deployments; it needs a Role in "
     "namespace shop with the "
     "rule {apiGroups: [\"apps\"], resources: [deployments], verbs: [patch]}",
     false},
    {"ClusterRule", 403,
     R"({"message":"x is forbidden: User \"ada\" cannot impersonate resource \"users\" in API group \"\" at the cluster scope"})",
     false,
     "forbidden: patch Deployment shop/web: ada may not impersonate users; it needs a ClusterRole "
     "with the rule "
     "{apiGroups: [\"\"], resources: [users], verbs: [impersonate]}",
     false},
    {"Quota", 403, R"({"message":"exceeded quota: pods=1"})", false,
     "forbidden: patch Deployment shop/web: refused: exceeded quota: pods=1", false},
    {"Dispute", 409,
     R"({"message":"Apply failed","details":{"causes":[{"reason":"FieldManagerConflict","message":"conflict with \"kubectl\"","field":".spec.replicas"},)"
     R"({"reason":"FieldManagerConflict","message":"conflict with \"hpa\"","field":".spec.x"}]}})",
     false,
     R"(conflict: patch Deployment shop/web: conflict with "kubectl" (.spec.replicas), conflict with "hpa" (.spec.x))",
     false},
    {"Moved", 409, R"({"message":"the object has been modified"})", false,
     "conflict: patch Deployment shop/web: the object has been modified", false},
    {"Invalid", 422, R"({"message":"spec.selector: field is immutable"})", false,
     "invalid: patch Deployment shop/web: spec.selector: field is immutable", false},
    {"InvalidSecret", 422,
     R"({"message":"data[k]: Invalid value: \"hunter2\"","details":{"causes":[{"message":"hunter2","field":"data[k]"}]}})",
     true,
     "invalid: patch Deployment shop/web: the server refuses these fields (values are not shown): "
     "data[k]",
     false},
    {"InvalidSecretWithoutFields", 400, R"({"message":"hunter2"})", true,
     "invalid: patch Deployment shop/web: the server refuses it; its answer is not shown, it may "
     "hold secrets",
     false},
    {"SchemaAsServerError", 500,
     R"({"message":"failed to create typed patch object (x): .spec.replicaz: field not declared in schema"})",
     false,
     "invalid: patch Deployment shop/web: failed to create typed patch object (x): .spec.replicaz: "
     "field not declared in schema",
     false},
    {"ServerError", 500, R"({"message":"etcdserver: request timed out"})", false,
     "unavailable: patch Deployment shop/web: etcdserver: request timed out", true},
    {"TooMany", 429, "", false, "unavailable: patch Deployment shop/web: the server answers 429",
     true},
    {"NoKubernetesAtAll", 502, "<html>Bad gateway</html>", false,
     "unavailable: patch Deployment shop/web: the server answers 502", true},
};

class CallTest : public testing::TestWithParam<Case> {};

TEST_P(CallTest, SaysWhatARefusalMeans) {
  Call call;
  call.verb = "patch";
  call.what = "Deployment shop/web";
  call.plural = "deployments";
  call.is_secret = GetParam().is_secret;
  net::Response answer;
  answer.status = GetParam().status;
  answer.body = GetParam().body;
  const core::Error error = ErrorOf(call, answer);
  EXPECT_EQ(std::string(core::Show(error.fault())) + ": " + error.text(), GetParam().want);
  EXPECT_EQ(MayRetry(call, answer), GetParam().retried);
}
INSTANTIATE_TEST_SUITE_P(Cases, CallTest, testing::ValuesIn(kCases),
                         [](const auto& test) { return test.param.name; });

TEST(Call, RepeatsWhatIsNotRepeatableOnlyWhenItWasNotBegun) {
  Call call;
  call.repeatable = false;
  net::Response answer;
  answer.status = 503;
  EXPECT_FALSE(MayRetry(call, answer));
  answer.status = 429;
  EXPECT_TRUE(MayRetry(call, answer));
}

TEST(Call, TakesRetryAfterInSecondsOnly) {
  Call call;
  net::Response answer;
  answer.status = 429;
  answer.headers = {{"retry-after", "7"}};
  EXPECT_EQ(ErrorOf(call, answer).retry_after(), std::chrono::seconds(7));
  for (const char* other : {"", "soon", "-1", "99999999999999", "Wed, 21 Oct 2026 07:28:00 GMT"}) {
    answer.headers = {{"retry-after", other}};
    EXPECT_EQ(ErrorOf(call, answer).retry_after(), std::nullopt) << other;
  }
}

TEST(Call, EscapesQueries) {
  Call call;
  AddQuery(&call, "labelSelector", "a in (b,c)");
  AddQuery(&call, "x", "é&=");
  EXPECT_EQ(call.query, "labelSelector=a%20in%20%28b%2Cc%29&x=%C3%A9%26%3D");
}

TEST(FastJson, ReadsAsTheOtherParserDoes) {
  for (const char* text :
       {"{}", "[]", "null", "[1,-2,2.5,1e3,9223372036854775807,18446744073709551615]",
        R"({"a":{"b":["c",true,false,null,"\u00e9\n"]}})", R"("x")"}) {
    const core::Result<core::Value> fast = ParseFast(text);
    ASSERT_TRUE(fast.ok()) << text;
    EXPECT_EQ(*fast, *core::ParseJson(text)) << text;
  }
  for (const char* text : {"", "{", "[1,]", "{\"a\":}", "x", "\xff"}) {
    EXPECT_FALSE(ParseFast(text).ok()) << text;
  }
  EXPECT_FALSE(ParseFast(std::string(5000, '[')).ok());
}

}  // namespace
}  // namespace headgate::deploy
