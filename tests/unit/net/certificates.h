#pragma once

#include <memory>
#include <string>

namespace headgate::test {

struct Certificate {
  std::string cert_pem, key_pem;
};

// An authority made for one test; its certificates hold for localhost and 127.0.0.1, for a day.
class Authority {
 public:
  explicit Authority(const std::string& name);
  ~Authority();

  std::string ca_pem() const;
  Certificate Issue(const std::string& common_name) const;

 private:
  struct Keys;
  std::unique_ptr<Keys> keys_;
};

}  // namespace headgate::test
