#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <string_view>

#include "core/json.h"
#include "core/object.h"
#include "core/value.h"
#include "deploy/kube/client.h"
#include "net/http.h"

namespace headgate::deploy {

// The real API server that all tests of this program share.
const Cluster& TestCluster();
// One I/O thread for all of them.
net::Http& TestHttp();

// A namespace of its own for each test, deleted afterwards, and a client.
class ClusterTest : public testing::Test {
 protected:
  ClusterTest();
  ~ClusterTest() override;

  // JSON written in a test; single quotes stand for double ones, NS for the test's namespace.
  core::Value Parsed(std::string_view json) const;
  core::Value ConfigMap(std::string_view name, std::string_view value) const;
  // A right for `user` in the test's namespace.
  void Grant(const std::string& user, const std::string& group, const std::string& resource,
             const std::vector<std::string>& verbs);

  const std::string namespace_name_;
  Client client_;
};

inline const Type kConfigMaps = {"v1", "ConfigMap"};

// Waits until it is true, asking every few milliseconds; false after `wait_max`. For what a server
// does in its own time.
bool Eventually(const std::function<bool()>& is_true,
                core::Duration wait_max = std::chrono::seconds(20));

// The value, or a failed test and an empty one.
template <class T>
T Must(core::Result<T> result) {
  EXPECT_TRUE(result.ok()) << (result.ok() ? "" : result.error().text());
  return result.ok() ? std::move(*result) : T();
}

}  // namespace headgate::deploy
