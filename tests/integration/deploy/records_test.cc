#include "deploy/records.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "core/hash.h"
#include "environment.h"

namespace headgate::deploy {
namespace {

using testing::HasSubstr;

const Type kSecrets = {"v1", "Secret"};

class RecordsTest : public ClusterTest {
 protected:
  RecordsTest() : owner_(Must(client_.Apply(ConfigMap("shop", "1")))) {}

  core::BundleRecord Record(int64_t number, const std::string& content = "x") const {
    core::BundleRecord record;
    record.number = number;
    record.bundle = core::MakeBundle("8be01d2", {{ConfigMap("web", content), "web.yaml"}});
    record.gated_hash = "abc";
    record.at = core::HandClock::kStart;
    record.by = "promotion";
    return record;
  }
  // Does not compress.
  static std::string Noise(size_t bytes) {
    std::mt19937_64 random(7);
    std::string noise;
    while (noise.size() < bytes) {
      const uint64_t n = random();
      noise.append(reinterpret_cast<const char*>(&n), sizeof n);
    }
    return core::ToBase64(noise);
  }
  size_t Secrets() const {
    return Must(client_.List(kSecrets, {.namespace_name = namespace_name_,
                                        .field_selector = "type=headgate.dev/release"}))
        .items.size();
  }
  std::string Numbers(const Records& records) const {
    std::string text;
    for (const RecordHeader& header : Must(records.List())) {
      text += std::to_string(header.number) + " ";
    }
    return text;
  }

  const core::Value owner_;
  const Records records_{client_, owner_};
};

TEST_F(RecordsTest, ReadsWhatItWrote) {
  const core::BundleRecord record = Record(3);
  ASSERT_TRUE(records_.Write(record).ok());
  const core::BundleRecord read = Must(records_.Read(3));
  EXPECT_EQ(core::ToValue(read), core::ToValue(record));
  const std::vector<RecordHeader> headers = Must(records_.List());
  ASSERT_EQ(headers.size(), 1u);
  EXPECT_EQ(headers[0],
            (RecordHeader{3, "8be01d2", record.bundle.hash, "abc", record.at, "promotion"}));

  const core::Value secret = Must(client_.Get(kSecrets, namespace_name_, "headgate.shop.v3"));
  EXPECT_EQ(secret.StringAt("type"), "headgate.dev/release");
  EXPECT_EQ(secret.ListAt("metadata", "ownerReferences")[0].StringAt("uid"),
            owner_.StringAt("metadata", "uid"));
}

TEST_F(RecordsTest, KeepsLargeOnesInParts) {
  const core::BundleRecord record = Record(1, Noise(2'000'000));
  const core::Status written = records_.Write(record);
  ASSERT_TRUE(written.ok()) << written.error().text();
  EXPECT_GE(Secrets(), 3u);
  EXPECT_EQ(core::ToValue(Must(records_.Read(1))), core::ToValue(record));
  ASSERT_TRUE(records_.Delete(1).ok());
  EXPECT_EQ(Secrets(), 0u);
}

TEST_F(RecordsTest, ReplacesTheCandidateAndLeavesNoPartsBehind) {
  ASSERT_TRUE(records_.Write(Record(0, Noise(1'500'000))).ok());
  EXPECT_GE(Secrets(), 2u);
  const core::BundleRecord next = Record(0, "next");
  ASSERT_TRUE(records_.Write(next).ok());
  EXPECT_EQ(Secrets(), 1u);
  EXPECT_EQ(core::ToValue(Must(records_.Read(0))), core::ToValue(next));
  ASSERT_TRUE(records_.Delete(0).ok());
  ASSERT_TRUE(records_.Delete(0).ok()) << "again";
  EXPECT_EQ(records_.Read(0).error().fault(), core::Fault::kNotFound);
}

TEST_F(RecordsTest, KeepsTheNewestAndTheCandidate) {
  for (const int64_t number : {0, 1, 2, 9, 10, 11})
    ASSERT_TRUE(records_.Write(Record(number)).ok());
  EXPECT_EQ(Numbers(records_), "11 10 9 2 1 0 ");
  ASSERT_TRUE(records_.DeleteOld(3).ok());
  EXPECT_EQ(Numbers(records_), "11 10 9 0 ");
}

TEST_F(RecordsTest, IsApartFromOtherApplications) {
  const Records other(client_, Must(client_.Apply(ConfigMap("shop-two", "1"))));
  ASSERT_TRUE(records_.Write(Record(1)).ok());
  ASSERT_TRUE(other.Write(Record(2)).ok());
  EXPECT_EQ(Numbers(records_), "1 ");
  EXPECT_EQ(Numbers(other), "2 ");
}

TEST_F(RecordsTest, RefusesWhatIsDamaged) {
  ASSERT_TRUE(records_.Write(Record(1)).ok());
  Must(client_.Patch(kSecrets, namespace_name_, "headgate.shop.v1",
                     Parsed("{'data':{'record':'eHh4'}}")));
  const auto read = records_.Read(1);
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().fault(), core::Fault::kInvalid);
  EXPECT_THAT(read.error().text(), HasSubstr("its hash is another one"));
}

TEST_F(RecordsTest, RefusesWhereAPartIsMissing) {
  ASSERT_TRUE(records_.Write(Record(1, Noise(1'500'000))).ok());
  for (const core::Value& secret :
       Must(client_.List(kSecrets, {.namespace_name = namespace_name_,
                                   .label_selector = "headgate.dev/record-part=1"}))
           .items) {
    EXPECT_TRUE(client_.Delete(kSecrets, namespace_name_, core::NameOf(secret)).ok());
  }
  EXPECT_THAT(records_.Read(1).error().text(), HasSubstr("part 2 of"));
}

TEST(PackRecordTest, RefusesWhatIsNoRecord) {
  for (const std::string& bytes : {std::string(), std::string("x"), std::string(100, '\0')}) {
    EXPECT_EQ(UnpackRecord(bytes).error().fault(), core::Fault::kInvalid);
  }
  core::BundleRecord record;
  record.bundle = core::MakeBundle("r", {});
  std::string packed = *PackRecord(record);
  packed.resize(packed.size() - 1);
  EXPECT_FALSE(UnpackRecord(packed).ok());
}

}  // namespace
}  // namespace headgate::deploy
