#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "git/mirrors.h"
#include "git/protocol.h"
#include "net/http.h"
#include "tests/unit/git/git_server.h"
#include "tests/unit/net/loopback_server.h"

namespace headgate::git {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using testing::HasSubstr;

const std::string kCommit(40, 'a');

// Speaks version 2 and has one branch; what comes after the first bytes of a pack is the test's.
class InterruptedTest : public testing::Test {
 protected:
  InterruptedTest() {
    server_->Get("/repo.git/info/refs", [](const httplib::Request&, httplib::Response& response) {
      response.body = ToPacket("version 2\n") + ToPacket("ls-refs\n") +
                      ToPacket("fetch=shallow\n") + std::string(kFlush);
    });
    server_->Post("/repo.git/git-upload-pack", [this](const httplib::Request& request,
                                                      httplib::Response& response) {
      if (request.body.find("command=fetch") == std::string::npos) {
        response.body = ToPacket(kCommit + " refs/heads/main\n") + std::string(kFlush);
        return;
      }
      const std::string begin = ToPacket("packfile\n") + ToPacket("\x01PACK");
      response.set_chunked_content_provider("application/x-git-upload-pack-result",
                                            [this, begin](size_t offset, httplib::DataSink& sink) {
                                              if (offset == 0)
                                                return sink.write(begin.data(), begin.size());
                                              return then_(sink);
                                            });
    });
    server_.Listen();
  }

  core::Error FetchError(std::stop_token stop = {}) {
    const auto tree = mirrors_->Tree({server_.Url("/repo.git"), {}}, kCommit, "", std::move(stop));
    return tree ? core::Internal("it was fetched") : tree.error();
  }

  std::function<bool(httplib::DataSink&)> then_;
  test::Loopback<httplib::Server> server_;
  const test::TemporaryDirectory directory_;
  net::Http http_;
  std::unique_ptr<Mirrors> mirrors_ =
      std::make_unique<Mirrors>(directory_.path(), &http_, Mirrors::Options{});
};

TEST_F(InterruptedTest, EndsWhenStopped) {
  std::promise<void> began, over;
  then_ = [&](httplib::DataSink&) {
    began.set_value();
    over.get_future().wait();
    return false;
  };
  std::stop_source stop;
  std::jthread stopper([&] {
    began.get_future().wait();
    stop.request_stop();
  });
  EXPECT_EQ(FetchError(stop.get_token()).fault(), core::Fault::kCancelled);
  over.set_value();
}

TEST_F(InterruptedTest, EndsAtItsDeadline) {
  std::promise<void> over;
  then_ = [&](httplib::DataSink&) {
    over.get_future().wait();
    return false;
  };
  Mirrors::Options options;
  options.fetch_deadline = 200ms;
  mirrors_ = std::make_unique<Mirrors>(directory_.path(), &http_, options);
  const core::Error error = FetchError();
  over.set_value();
  EXPECT_EQ(error.fault(), core::Fault::kUnavailable);
  EXPECT_THAT(error.text(), HasSubstr("no whole answer within 200ms"));
}

TEST_F(InterruptedTest, SaysThatThePackWasCutOff) {
  then_ = [](httplib::DataSink& sink) {
    sink.done();
    return true;
  };
  const core::Error error = FetchError();
  EXPECT_EQ(error.fault(), core::Fault::kUnavailable);
  EXPECT_THAT(error.text(), HasSubstr("ended in the middle of the pack"));
}

TEST_F(InterruptedTest, SaysThatThePackIsNone) {
  then_ = [](httplib::DataSink& sink) {
    const std::string rest = ToPacket("\x01 and no more of one than that") + std::string(kFlush);
    sink.write(rest.data(), rest.size());
    sink.done();
    return true;
  };
  const core::Error error = FetchError();
  EXPECT_EQ(error.fault(), core::Fault::kUnavailable);
  EXPECT_THAT(error.text(), HasSubstr("index the pack"));
}

// A blob that cannot be read is an error, and never looks like a file that is not there; the next
// try has the whole mirror again.
TEST(DamagedMirror, IsFetchedAgain) {
  const test::TemporaryDirectory directory;
  test::GitServer server;
  std::string noise(200'000, ' ');
  unsigned seed = 1;
  for (char& c : noise) c = static_cast<char>((seed = seed * 1103515245 + 12345) >> 16);
  const std::string commit = server.repository().Push({{"file", noise}, {"other", "fine"}});
  const Remote remote{server.Url(), {}};
  net::Http http;
  const auto mirrors = std::make_unique<Mirrors>(directory.path(), &http, Mirrors::Options{});
  ASSERT_EQ(*(*mirrors->Tree(remote, commit, ""))->Read("file"), noise);
  const auto mirror = test::OnlyMirror(directory.path());
  for (const auto& pack : std::filesystem::directory_iterator(mirror / "objects/pack")) {
    if (pack.path().extension() != ".pack") continue;
    std::string bytes = test::ReadFile(pack.path());
    bytes.replace(bytes.size() / 2, 1000, 1000, '\0');
    std::filesystem::permissions(pack.path(), std::filesystem::perms::owner_write,
                                 std::filesystem::perm_options::add);
    test::WriteFile(pack.path(), bytes);
  }
  const auto damaged = *mirrors->Tree(remote, commit, "");
  EXPECT_EQ(damaged->Read("file").error().fault(), core::Fault::kUnavailable);
  EXPECT_EQ(*(*mirrors->Tree(remote, commit, ""))->Read("file"), noise);
  EXPECT_EQ(mirrors->counts().fetches, 2U);
}

}  // namespace
}  // namespace headgate::git
