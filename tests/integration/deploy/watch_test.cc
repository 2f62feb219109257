#include "deploy/kube/watch.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>

#include "environment.h"
#include "proxy.h"

namespace headgate::deploy {
namespace {

// What a watch told: "added a=1", "synced"...
class Heard {
 public:
  void operator()(const WatchEvent& event) {
    std::string text(Show(event.what));
    if (event.object) {
      text += " " + core::NameOf(*event.object) + "=" + event.object->StringAt("data", "k");
    }
    const std::lock_guard lock(mutex_);
    all_.push_back(text);
  }
  size_t Count(const std::string& text) const {
    const std::lock_guard lock(mutex_);
    return static_cast<size_t>(std::count(all_.begin(), all_.end(), text));
  }
  bool WaitFor(const std::string& text, size_t times = 1) const {
    return Eventually([&] { return Count(text) >= times; });
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> all_;
};

class WatchTest : public ClusterTest {
 protected:
  WatchOptions Options() const {
    WatchOptions options;
    options.type = kConfigMaps;
    options.namespace_name = namespace_name_;
    options.label_selector = "watched=yes";
    options.pause_first = std::chrono::milliseconds(10);
    return options;
  }
  void Put(std::string_view name, std::string_view value) {
    core::Value map = ConfigMap(name, value);
    core::SetLabel(&map, "watched", "yes");
    Must(client_.Apply(map));
  }
  void Remove(std::string_view name) {
    EXPECT_TRUE(client_.Delete(kConfigMaps, namespace_name_, name).ok());
  }
  std::string Stored(const Watch& watch, const std::string& name) {
    const auto object = watch.store().Get({"", "ConfigMap", namespace_name_, name});
    return object ? object->StringAt("data", "k") : "(none)";
  }
};

TEST_F(WatchTest, TellsWhatIsThereAndWhatChanges) {
  Put("old", "1");
  Must(client_.Apply(ConfigMap("unwatched", "1")));
  Heard heard;
  const Watch watch(client_, Options(), std::ref(heard));
  ASSERT_TRUE(watch.WaitSynced(std::chrono::seconds(10)).ok());
  EXPECT_EQ(watch.store().size(), 1u);
  EXPECT_TRUE(heard.WaitFor("synced"));
  EXPECT_EQ(heard.Count("added old=1"), 1u);
  Put("new", "1");
  EXPECT_TRUE(heard.WaitFor("added new=1"));
  Put("new", "2");
  EXPECT_TRUE(heard.WaitFor("modified new=2"));
  EXPECT_EQ(Stored(watch, "new"), "2");
  Remove("old");
  EXPECT_TRUE(heard.WaitFor("deleted old=1"));
  EXPECT_EQ(watch.store().size(), 1u);
}

TEST_F(WatchTest, GoesOnAfterALossWithoutListingAgain) {
  Proxy proxy;
  Heard heard;
  const Client client(proxy.cluster(), &TestHttp());
  const Watch watch(client, Options(), std::ref(heard));
  ASSERT_TRUE(heard.WaitFor("synced"));
  Put("a", "1");
  ASSERT_TRUE(heard.WaitFor("added a=1"));  // by the stream
  proxy.CutStreams();
  Put("a", "2");
  Put("b", "1");
  EXPECT_TRUE(heard.WaitFor("modified a=2"));
  EXPECT_TRUE(heard.WaitFor("added b=1"));
  EXPECT_EQ(heard.Count("synced"), 1u);
  EXPECT_EQ(heard.Count("broken"), 1u);
}

TEST_F(WatchTest, ListsAgainWhenItsPlaceInHistoryIsGone) {
  Proxy proxy;
  Heard heard;
  const Client client(proxy.cluster(), &TestHttp());
  Put("kept", "1");
  Put("lost", "1");
  const Watch watch(client, Options(), std::ref(heard));
  ASSERT_TRUE(heard.WaitFor("synced"));
  ASSERT_TRUE(Eventually([&] {
    for (const std::string& request : proxy.requests()) {
      if (request.find("watch=true") != std::string::npos) return true;
    }
    return false;
  }));
  // Away for longer than the server remembers: the next watch is answered by 410, as an answer and
  // as an event.
  std::atomic<int> times = 0;
  proxy.SetFault([&](const std::string& request) -> std::optional<Proxy::Answer> {
    if (request.find("watch=true") == std::string::npos) return std::nullopt;
    const int n = ++times;
    if (n == 1) return Proxy::Answer{410, "", {}};
    if (n == 2) {
      return Proxy::Answer{
          200,
          R"({"type":"ERROR","object":{"kind":"Status","code":410,"message":"too old"}})"
          "\n",
          {}};
    }
    return std::nullopt;
  });
  Remove("lost");
  Put("kept", "2");
  Put("new", "1");
  proxy.CutStreams();
  EXPECT_TRUE(heard.WaitFor("synced", 3));
  EXPECT_EQ(heard.Count("deleted lost=1"), 1u);
  EXPECT_EQ(heard.Count("modified kept=2"), 1u);
  EXPECT_EQ(heard.Count("added new=1"), 1u);
  EXPECT_EQ(watch.store().size(), 2u);
  Put("new", "2");
  EXPECT_TRUE(heard.WaitFor("modified new=2"));
}

TEST_F(WatchTest, ReconnectsWhenAStreamStalls) {
  Heard heard;
  WatchOptions options = Options();
  options.idle_max = std::chrono::seconds(1);
  const Watch watch(client_, options, std::ref(heard));
  ASSERT_TRUE(heard.WaitFor("synced"));
  EXPECT_TRUE(heard.WaitFor("broken", 1));  // nothing is said for a second
  Put("a", "1");
  EXPECT_TRUE(heard.WaitFor("added a=1"));
  EXPECT_EQ(heard.Count("synced"), 1u);
}

TEST_F(WatchTest, SaysWhyItCannotSync) {
  WatchOptions options = Options();
  options.type = {"example.com/v1", "Toaster"};
  const Watch watch(client_, options, {});
  const core::Status synced = watch.WaitSynced(std::chrono::milliseconds(300));
  ASSERT_FALSE(synced.ok());
  EXPECT_NE(synced.error().text().find("no kind Toaster"), std::string::npos);
}

TEST_F(WatchTest, KeepsOnlyWhatItsOwnerReads) {
  Put("a", "1");
  WatchOptions options = Options();
  options.trim = [](core::Value* object) { object->MakeMap().Erase("data"); };
  const Watch watch(client_, options, {});
  ASSERT_TRUE(watch.WaitSynced(std::chrono::seconds(10)).ok());
  EXPECT_EQ(watch.store().List()[0]->Find("data"), nullptr);
}

TEST_F(WatchTest, StopsAtOnce) {
  const core::RealClock clock;
  std::optional<Watch> watch(std::in_place, client_, Options(), nullptr);
  ASSERT_TRUE(watch->WaitSynced(std::chrono::seconds(10)).ok());
  const core::BootTime begin = clock.SinceBoot();
  watch.reset();
  EXPECT_LT(clock.SinceBoot() - begin, std::chrono::seconds(2));
}

}  // namespace
}  // namespace headgate::deploy
