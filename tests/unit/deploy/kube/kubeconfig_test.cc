#include "deploy/kube/kubeconfig.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "core/hash.h"
#include "net/http.h"

namespace headgate::deploy {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string Kubeconfig(const std::string& cluster, const std::string& user) {
  return R"(apiVersion: v1
kind: Config
current-context: main
contexts:
- name: main
  context: {cluster: c, user: u, namespace: shop}
- name: other
  context: {cluster: nosuch, user: u}
clusters:
- name: c
  cluster: )" +
         cluster + R"(
users:
- name: u
  user: )" +
         user + "\n";
}

const std::string kServer = "{server: 'https://10.0.0.1:6443/'}";

TEST(Kubeconfig, GivesServerIdentityAndNamespace) {
  const core::Result<Cluster> cluster = ParseKubeconfig(Kubeconfig(
      "{server: 'https://10.0.0.1:6443/', certificate-authority-data: " + core::ToBase64("CA") +
          "}",
      "{client-certificate-data: " + core::ToBase64("CERT") +
          ", client-key-data: " + core::ToBase64("KEY") + ", token: t}"));
  ASSERT_TRUE(cluster.ok()) << cluster.error().text();
  EXPECT_EQ(cluster->name, "main");
  EXPECT_EQ(cluster->server, "https://10.0.0.1:6443");
  EXPECT_EQ(cluster->namespace_name, "shop");
  EXPECT_EQ(cluster->identity->ca_pem, "CA");
  EXPECT_EQ(cluster->identity->client_cert_pem, "CERT");
  EXPECT_EQ(cluster->identity->client_key_pem, "KEY");
  EXPECT_EQ(*cluster->identity->bearer_token(), "t");
}

struct Refusal {
  const char* name;
  std::string cluster;
  std::string user;
  std::string context;
  std::string want;
};

void PrintTo(const Refusal& refusal, std::ostream* out) { *out << refusal.name; }

const Refusal kRefusals[] = {
    {"Exec", kServer, "{exec: {command: aws}}", "", "exec plugins are refused"},
    {"AuthProvider", kServer, "{auth-provider: {name: gcp}}", "",
     "auth-provider plugins are refused"},
    {"Insecure", "{server: 'https://x', insecure-skip-tls-verify: true}", "{}", "",
     "insecure-skip-tls-verify is refused"},
    {"Plain", "{server: 'http://10.0.0.1'}", "{token: hunter2}", "", "is not https"},
    {"NoServer", "{}", "{}", "", "server is missing"},
    {"Proxy", "{server: 'https://x', proxy-url: 'http://p'}", "{}", "",
     "proxy-url is not supported"},
    {"FileInSecret", kServer, "{client-certificate: /etc/passwd, client-key: /etc/passwd}", "",
     "client-certificate refers to a file"},
    {"TokenFileInSecret", kServer, "{tokenFile: /etc/passwd}", "", "tokenFile refers to a file"},
    {"HalfACertificate", kServer, "{client-certificate-data: eA==}", "", "one is missing"},
    {"BadBase64", kServer, "{client-certificate-data: hunter2!, client-key-data: eA==}", "",
     "client-certificate-data is no base64"},
    {"NoContext", kServer, "{}", "nosuch", "contexts has no entry named \"nosuch\""},
    {"NoCluster", kServer, "{}", "other", "clusters has no entry named \"nosuch\""},
    {"NoYaml", "{", "hunter2", "", "no valid YAML"},
};

class KubeconfigTest : public testing::TestWithParam<Refusal> {};

TEST_P(KubeconfigTest, RefusesAndSaysWhy) {
  const core::Result<Cluster> cluster =
      ParseKubeconfig(Kubeconfig(GetParam().cluster, GetParam().user), GetParam().context);
  ASSERT_FALSE(cluster.ok());
  EXPECT_EQ(cluster.error().fault(), core::Fault::kInvalid);
  EXPECT_THAT(cluster.error().text(), HasSubstr(GetParam().want));
  EXPECT_THAT(cluster.error().text(), Not(HasSubstr("hunter2")));
}
INSTANTIATE_TEST_SUITE_P(Cases, KubeconfigTest, testing::ValuesIn(kRefusals),
                         [](const auto& test) { return test.param.name; });

class Folder {
 public:
  Folder() {
    std::string path = testing::TempDir() + "headgate-kube-XXXXXX";
    path_ = mkdtemp(path.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::filesystem::path Write(const std::string& name, const std::string& text) const {
    const std::filesystem::path next = path_ / (name + ".next");
    std::ofstream(next) << text;
    std::filesystem::rename(next, path_ / name);
    return path_ / name;
  }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

TEST(Kubeconfig, ReadsFilesBesideItAndRotatedTokens) {
  const Folder folder;
  folder.Write("token", "first\n");
  folder.Write("ca.pem", "CA");
  const auto file = folder.Write(
      "config",
      Kubeconfig("{server: 'https://x', certificate-authority: ca.pem}", "{tokenFile: token}"));
  const core::Result<Cluster> cluster = LoadKubeconfig(file);
  ASSERT_TRUE(cluster.ok()) << cluster.error().text();
  EXPECT_EQ(cluster->identity->ca_pem, "CA");
  EXPECT_EQ(*cluster->identity->bearer_token(), "first");
  folder.Write("token", "second\n");
  EXPECT_EQ(*cluster->identity->bearer_token(), "second");
  std::filesystem::remove(folder.path() / "token");
  EXPECT_EQ(*cluster->identity->bearer_token(), "second")
      << "the last good one, while it is replaced";
}

TEST(Kubeconfig, NamesAMissingFile) {
  const core::Result<Cluster> cluster = LoadKubeconfig("/nosuch/config");
  ASSERT_FALSE(cluster.ok());
  EXPECT_THAT(cluster.error().text(), HasSubstr("/nosuch/config"));
}

TEST(InClusterTest, ReadsWhatAPodFinds) {
  const Folder folder;
  folder.Write("ca.crt", "CA");
  folder.Write("token", "t");
  folder.Write("namespace", "headgate-system");
  setenv("KUBERNETES_SERVICE_HOST", "fd00::1", 1);
  setenv("KUBERNETES_SERVICE_PORT", "443", 1);
  const core::Result<Cluster> cluster = InCluster(folder.path());
  unsetenv("KUBERNETES_SERVICE_HOST");
  unsetenv("KUBERNETES_SERVICE_PORT");
  ASSERT_TRUE(cluster.ok()) << cluster.error().text();
  EXPECT_EQ(cluster->server, "https://[fd00::1]:443");
  EXPECT_EQ(cluster->namespace_name, "headgate-system");
  EXPECT_EQ(*cluster->identity->bearer_token(), "t");
  EXPECT_FALSE(InCluster(folder.path()).ok()) << "outside of a pod";
}

}  // namespace
}  // namespace headgate::deploy
