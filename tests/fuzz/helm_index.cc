// Any bytes are an index of a repository or an error that says so; and whatever a server answers, a
// fetcher asks no host that was not allowed. The first line is what is wanted: "NAME VERSION".
#include <algorithm>
#include <cstdint>
#include <string>

#include "templating/helm/source/fetcher.h"
#include "templating/helm/source/index.h"
#include "tests/fuzz/fuzzed.h"

namespace helm = headgate::templating::helm;
using headgate::fuzz::Fail;

namespace {

// Answers everything with the same bytes.
class Echo : public helm::Web {
 public:
  explicit Echo(std::string_view body) : body_(body) {}
  headgate::core::Result<helm::WebAnswer> Get(const helm::WebRequest& request) override {
    constexpr std::string_view kAllowed = "https://a.example.com/";
    if (request.bearer.empty() && request.credentials_of.empty() &&
        !request.url.starts_with(kAllowed)) {
      Fail("another host is asked", request.url);
    }
    if (++asked_ > 200) Fail("asked without end", request.url);
    return helm::WebAnswer{200, body_.substr(0, request.bytes_max)};
  }

 private:
  const std::string body_;
  int asked_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string_view line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(line.size() + 1, text.size()));
  const std::string name(line.substr(0, line.find(' ')));
  const std::string version(line.substr(std::min(name.size() + 1, line.size())));
  const auto found = helm::FindInIndex(text, name);
  if (!found && found.error().text().empty()) Fail("an empty error", text);
  Echo web(text);
  helm::ChartFetcher fetcher(&web, nullptr, {.hosts = {"a.example.com"}});
  for (const char* repository : {"https://a.example.com/charts", "oci://a.example.com/team"}) {
    const auto chart = fetcher.Find({repository, name, version});
    if (!chart && chart.error().text().empty()) Fail("an empty error", text);
  }
  return 0;
}
