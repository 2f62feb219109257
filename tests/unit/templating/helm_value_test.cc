#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "templating/helm/function.h"
#include "templating/helm/value.h"

namespace headgate::templating::helm {
namespace {

std::string Keys(Map* map) {
  std::string keys;
  for (const Map::Entry& entry : map->entries()) keys += std::string(entry.key) + " ";
  return keys;
}

TEST(HelmMapTest, IsSortedWhateverCameFirst) {
  Heap heap;
  Map* map = heap.NewMap();
  for (const char* key : {"b", "a", "c"}) map->Set(key, Value::Int(1), &heap);
  EXPECT_EQ(Keys(map), "a b c ");
  EXPECT_TRUE(map->Erase("b"));
  EXPECT_FALSE(map->Erase("b"));
  EXPECT_EQ(Keys(map), "a c ");
}

TEST(HelmMapTest, FindsWhatIsThereAfterManyChanges) {
  Heap heap;
  Map* map = heap.NewMap();
  std::vector<bool> there(3000);
  uint32_t random = 1;
  for (int round = 0; round < 20000; ++round) {
    random = random * 1664525 + 1013904223;
    const size_t at = (random >> 8) % there.size();
    const std::string key = "key " + std::to_string(at);
    if (random >> 31) {
      map->Set(heap.Copy(key), Value::Int64(static_cast<int64_t>(at)), &heap);
    } else {
      ASSERT_EQ(map->Erase(key), there[at]);
    }
    there[at] = random >> 31;
    if (round % 1000 == 0) map->entries();
  }
  size_t count = 0;
  for (size_t at = 0; at < there.size(); ++at) {
    const Value* found = map->Find("key " + std::to_string(at));
    ASSERT_EQ(found != nullptr, there[at]) << at;
    if (!found) continue;
    EXPECT_EQ(found->integer(), static_cast<int64_t>(at));
    ++count;
  }
  EXPECT_EQ(map->size(), count);
}

TEST(HelmMapTest, KeepsValuesOfAYoungerStretch) {
  Heap heap;
  Map* old = heap.NewMap();
  const Heap::Mark mark = heap.Begin();
  old->Set("a", Value::Text("made here", &heap), &heap);
  heap.Release(mark);
  heap.Copy("over it");
  EXPECT_EQ(old->Get("a").text(), "made here");
}

TEST(HelmHeapTest, GivesAStretchBack) {
  Heap heap;
  heap.NewMap()->Set("a", Value::Int(1), &heap);
  const size_t before = heap.bytes();
  for (int i = 0; i < 3; ++i) {
    const Heap::Mark mark = heap.Begin();
    for (int j = 0; j < 1000; ++j) heap.NewMap()->Set(heap.Copy("some key"), Value::Int(j), &heap);
    EXPECT_GT(heap.bytes(), before);
    heap.Release(mark);
    EXPECT_EQ(heap.bytes(), before);
  }
}

TEST(HelmValueTest, KnowsGosTypes) {
  Heap heap;
  EXPECT_EQ(TypeName({}), "<nil>");
  EXPECT_EQ(KindName({}), "invalid");
  EXPECT_EQ(TypeName(Value::List(heap.NewList(0), Type::kStrings)), "[]string");
  EXPECT_EQ(KindName(Value::List(heap.NewList(0), Type::kStrings)), "slice");
  EXPECT_EQ(TypeName(Value::Of(heap.NewMap(), Type::kValues)), "common.Values");
  EXPECT_EQ(KindName(Value::Number(Type::kDuration, 1)), "int64");
  EXPECT_EQ(TypeName(Value::Of(static_cast<const Object*>(nullptr), Type::kVersion)),
            "*semver.Version");
  EXPECT_TRUE(AssignableTo(Type::kValues, Type::kMap));
  EXPECT_FALSE(AssignableTo(Type::kStringMap, Type::kMap));
}

TEST(HelmValueTest, ComparesDeeplyAndByType) {
  Heap heap;
  Map* a = heap.NewMap();
  Map* b = heap.NewMap();
  for (Map* map : {a, b}) {
    std::span<Value> items = heap.NewList(2);
    items[0] = Value::Text("x");
    map->Set("list", Value::List(items), &heap);
  }
  EXPECT_TRUE(DeepEqual(Value::Of(a), Value::Of(b)));
  EXPECT_FALSE(DeepEqual(Value::Of(a), Value::Of(b, Type::kValues)));
  EXPECT_FALSE(DeepEqual(Value::Int(1), Value::Int64(1)));
  EXPECT_FALSE(DeepEqual(Value::Of(heap.NewMap()), Value::Nil(Type::kMap)));
  a->Set("self", Value::Of(a), &heap);
  b->Set("self", Value::Of(b), &heap);
  EXPECT_TRUE(DeepEqual(Value::Of(a), Value::Of(b)));
}

struct DurationCase {
  int64_t nanoseconds;
  const char* want;
};
const DurationCase kDurations[] = {
    {0, "0s"},
    {1, "1ns"},
    {1100, "1.1µs"},
    {2200000, "2.2ms"},
    {3300000000, "3.3s"},
    {5 * 60 * 1000000000LL, "5m0s"},
    {4 * 3600 * 1000000000LL + 5001000000, "4h0m5.001s"},
    {INT64_MIN, "-2562047h47m16.854775808s"},
};
TEST(HelmValueTest, ShowsDurations) {
  for (const DurationCase& test : kDurations) {
    EXPECT_EQ(ShowDuration(test.nanoseconds), test.want);
  }
}

}  // namespace
}  // namespace headgate::templating::helm
