#include "environment.h"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <thread>

namespace headgate::deploy {
namespace {

constexpr const char* kScript = HEADGATE_SOURCE_DIR "/tests/integration/control_plane";

struct Shared {
  Cluster cluster;
  std::unique_ptr<net::Http> http;
};

Shared& TheShared() {
  static Shared shared;
  return shared;
}

std::string Output(const std::string& command) {
  std::string text;
  FILE* pipe = popen(command.c_str(), "r");
  if (!pipe) return text;
  std::array<char, 512> part{};
  while (fgets(part.data(), part.size(), pipe)) text += part.data();
  pclose(pipe);
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

// Finds the API server, or starts one; stops it when it started it.
class Environment : public testing::Environment {
 public:
  void SetUp() override {
    TheShared().http = std::make_unique<net::Http>();
    if (const char* given = std::getenv("HEADGATE_TEST_KUBECONFIG")) {
      ASSERT_TRUE(Use(given)) << "no API server answers by " << given;
      return;
    }
    if (Use(Output(std::string(kScript) + " kubeconfig 2>/dev/null"))) return;
    started_ = true;
    const std::string up = std::string(kScript) + " up >&2";
    ASSERT_EQ(std::system(up.c_str()), 0) << up;
    ASSERT_TRUE(Use(Output(std::string(kScript) + " kubeconfig")));
  }

  void TearDown() override {
    TheShared().http.reset();
    if (!started_) return;
    EXPECT_EQ(std::system((std::string(kScript) + " down >&2").c_str()), 0);
  }

 private:
  bool Use(const std::string& kubeconfig) {
    if (kubeconfig.empty()) return false;
    core::Result<Cluster> cluster = LoadKubeconfig(kubeconfig);
    if (!cluster) return false;
    ClientOptions quick;
    quick.deadline = std::chrono::seconds(3);
    const Client client(*cluster, TheShared().http.get(), quick);
    if (!client.GetText("/readyz")) return false;
    TheShared().cluster = *cluster;
    return true;
  }

  bool started_ = false;
};

std::string NewName() {
  static std::atomic<int> count = 0;
  return "itest-" + std::to_string(getpid()) + "-" + std::to_string(++count);
}

}  // namespace

const Cluster& TestCluster() { return TheShared().cluster; }
net::Http& TestHttp() { return *TheShared().http; }

ClusterTest::ClusterTest() : namespace_name_(NewName()), client_(TestCluster(), &TestHttp()) {
  Must(client_.Create(Parsed("{'apiVersion':'v1','kind':'Namespace','metadata':{'name':'NS'}}")));
}

ClusterTest::~ClusterTest() {
  EXPECT_TRUE(client_.Delete({"v1", "Namespace"}, "", namespace_name_).ok());
}

core::Value ClusterTest::Parsed(std::string_view json) const {
  std::string text(json);
  for (char& c : text) c = c == '\'' ? '"' : c;
  for (size_t at = 0; (at = text.find("NS", at)) != std::string::npos;) {
    text.replace(at, 2, namespace_name_);
  }
  core::Result<core::Value> value = core::ParseJson(text);
  EXPECT_TRUE(value.ok()) << text;
  return value ? *value : core::Value();
}

core::Value ClusterTest::ConfigMap(std::string_view name, std::string_view value) const {
  return core::Map{{"apiVersion", "v1"},
                   {"kind", "ConfigMap"},
                   {"metadata", core::Map{{"name", name}, {"namespace", namespace_name_}}},
                   {"data", core::Map{{"k", value}}}};
}

void ClusterTest::Grant(const std::string& user, const std::string& group,
                        const std::string& resource, const std::vector<std::string>& verbs) {
  core::Value role = Parsed(
      "{'apiVersion':'rbac.authorization.k8s.io/v1','kind':'Role','metadata':{'name':'granted',"
      "'namespace':'NS'},'rules':[{}]}");
  core::List list;
  for (const std::string& verb : verbs) list.push_back(verb);
  (*role.Find("rules")->AsList())[0] = core::Map{
      {"apiGroups", core::List{group}}, {"resources", core::List{resource}}, {"verbs", list}};
  Must(client_.Apply(role));
  core::Value binding = Parsed(
      "{'apiVersion':'rbac.authorization.k8s.io/v1','kind':'RoleBinding','metadata':{'name':"
      "'granted','namespace':'NS'},'roleRef':{'apiGroup':'rbac.authorization.k8s.io','kind':'Role',"
      "'name':'granted'},'subjects':[{'apiGroup':'rbac.authorization.k8s.io','kind':'User'}]}");
  (*binding.Find("subjects")->AsList())[0].AsMap()->Set("name", user);
  Must(client_.Apply(binding));
}

bool Eventually(const std::function<bool()>& is_true, core::Duration wait_max) {
  const core::RealClock clock;
  const core::BootTime until = clock.SinceBoot() + wait_max;
  while (!is_true()) {
    if (clock.SinceBoot() > until) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

}  // namespace headgate::deploy

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  testing::AddGlobalTestEnvironment(new headgate::deploy::Environment);
  return RUN_ALL_TESTS();
}
