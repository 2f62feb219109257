#include "git/protocol.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace headgate::git {
namespace {

using testing::HasSubstr;

const std::string kId(40, 'a');
const std::string kOther(40, 'b');

std::string Show(const core::Result<Advertisement>& server) {
  if (!server)
    return std::string(core::Show(server.error().fault())) + ": " + server.error().text();
  std::string text = "v" + std::to_string(server->version);
  if (server->can_shallow) text += " shallow";
  for (const auto& [name, id] : server->references) text += " " + name + "=" + id.substr(0, 2);
  return text;
}

std::string Flush(const std::string& packets) { return packets + std::string(kFlush); }

struct Case {
  const char* name;
  std::string body;
  const char* shown;  // a part of it
};

std::string Zero(const std::string& capabilities) { return std::string(1, '\0') + capabilities; }

const Case kCases[] = {
    {"ReadsVersion2",
     Flush(ToPacket("version 2\n") + ToPacket("ls-refs=unborn\n") + ToPacket("fetch=shallow x\n")),
     "v2 shallow"},
    {"ReadsVersion2AfterTheService",
     Flush(ToPacket("# service=git-upload-pack\n")) +
         Flush(ToPacket("version 2\n") + ToPacket("ls-refs\n") + ToPacket("fetch\n")),
     "v2"},
    {"ReadsVersion0",
     Flush(ToPacket("# service=git-upload-pack\n")) +
         Flush(ToPacket(kId + " HEAD" + Zero("side-band-64k ofs-delta shallow\n")) +
               ToPacket(kId + " refs/heads/main\n")),
     "v0 shallow HEAD=aa refs/heads/main=aa"},
    {"ReadsVersion0OfAnEmptyRepository",
     Flush(ToPacket("# service=git-upload-pack\n")) +
         Flush(
             ToPacket(std::string(40, '0') + " capabilities^{}" + Zero("side-band-64k ofs-delta"))),
     "v0"},
    {"ReadsVersion0OfAnEmptyRepositoryThatSaysNothing",
     Flush(ToPacket("# service=git-upload-pack\n")) + std::string(kFlush), "v0"},
    {"RefusesAFlushAlone", std::string(kFlush), "unavailable: "},
    {"RefusesSha256",
     Flush(ToPacket("version 2\n") + ToPacket("ls-refs\n") + ToPacket("fetch\n") +
           ToPacket("object-format=sha256\n")),
     "invalid: the repository has object-format=sha256"},
    {"RefusesAnAncientServer", Flush(ToPacket(kId + " HEAD" + Zero("multi_ack"))), "invalid: "},
    {"RefusesHtml", "<!DOCTYPE html><html>", "unavailable: the server does not answer as a git"},
    {"RefusesNothing", "", "unavailable: "},
    {"RefusesAHugePacket", "ffff" + std::string(100, 'x'), "no packet begins with \"ffff\""},
    {"RefusesALengthOfThree", "0003", "no packet begins with"},
    {"RefusesANegativeLength", "-001", "no packet begins with"},
    {"RefusesACutOffPacket", "0032version 2", "its answer is cut off"},
    {"RefusesVersion2WithoutFetch", Flush(ToPacket("version 2\n") + ToPacket("ls-refs\n")),
     "version 2 without"},
    {"RefusesABadReference", Flush(ToPacket("nothing" + Zero("side-band-64k ofs-delta"))),
     "a bad reference"},
    {"SaysWhatTheServerSays", ToPacket("ERR access denied\x1b[31m"),
     "unavailable: the server says: access denied?[31m"},
};

class AdvertisementTest : public testing::TestWithParam<Case> {};

TEST_P(AdvertisementTest, IsRead) {
  EXPECT_THAT(Show(ParseAdvertisement(GetParam().body)), HasSubstr(GetParam().shown));
}
INSTANTIATE_TEST_SUITE_P(Protocol, AdvertisementTest, testing::ValuesIn(kCases),
                         [](const auto& test) { return test.param.name; });

TEST(Listing, HasNamesAndIds) {
  const core::Result<References> references = ParseListing(Flush(
      ToPacket(kId + " refs/heads/main peeled:x\n") + ToPacket(kOther + " refs/heads/next\n")));
  ASSERT_TRUE(references.ok());
  EXPECT_EQ(*references, (References{{"refs/heads/main", kId}, {"refs/heads/next", kOther}}));
  EXPECT_TRUE(ParseListing(std::string(kFlush))->empty());
  EXPECT_FALSE(ParseListing("").ok());
  EXPECT_FALSE(ParseListing(Flush(ToPacket("nonsense\n"))).ok());
}

TEST(FetchRequest, AsksForOneCommitWithoutHistory) {
  EXPECT_THAT(FetchRequest({2, true, {}}, kId, {kOther}),
              HasSubstr("want " + kId + "\n0035shallow " + kOther + "\n000ddeepen 1\n0032have " +
                        kOther + "\n0009done\n0000"));
  EXPECT_THAT(FetchRequest({0, false, {}}, kId, {}), HasSubstr("agent=headgate\n00000009done\n"));
}

// What came of an answer to a fetch that arrives in pieces of `piece` bytes.
std::string ReadPack(const std::string& answer, size_t piece) {
  PackReader reader;
  std::string pack;
  const auto sink = [&](std::string_view bytes) {
    pack += bytes;
    return core::Ok();
  };
  for (size_t at = 0; at < answer.size(); at += piece) {
    if (core::Status taken = reader.Take(std::string_view(answer).substr(at, piece), sink);
        !taken) {
      return std::string(core::Show(taken.error().fault())) + ": " + taken.error().text();
    }
  }
  const core::Status finished = reader.Finish();
  return finished ? pack : finished.error().text();
}

TEST(PackReader, GivesThePackOfEitherVersion) {
  const std::string bands =
      Flush(ToPacket("\x01PA") + ToPacket("\x02progress") + ToPacket("\x01") + ToPacket("\x01K"));
  const std::string v2 = ToPacket("shallow-info\n") + ToPacket("shallow " + kId) +
                         std::string(kDelimiter) + ToPacket("packfile\n") + bands;
  const std::string v0 = Flush(ToPacket("shallow " + kId)) + ToPacket("NAK\n") + bands;
  for (const size_t piece : std::initializer_list<size_t>{1, 3, 7, 10'000}) {
    EXPECT_EQ(ReadPack(v2, piece), "PAK");
    EXPECT_EQ(ReadPack(v0, piece), "PAK");
  }
}

TEST(PackReader, SaysWhatWentWrong) {
  EXPECT_EQ(ReadPack(ToPacket("NAK\n") + ToPacket("\x01PA"), 100),
            "the server ended in the middle of the pack");
  EXPECT_EQ(ReadPack(Flush(ToPacket("NAK\n")), 100), "the server sent no pack");
  EXPECT_EQ(ReadPack(ToPacket("\x03"
                              "out of memory\n"),
                     100),
            "unavailable: the server says: out of memory");
  EXPECT_EQ(ReadPack(ToPacket("ERR upload-pack: not our ref " + kId), 100),
            "conflict: the server does not have that commit any more");
  EXPECT_THAT(ReadPack("<html>", 100), HasSubstr("no packet begins with \"<htm\""));
}

// No input makes it crash or read outside of its bytes; the sanitizers watch.
TEST(Protocol, SurvivesEveryCutAndEveryFlippedByte) {
  std::string whole = Flush(ToPacket("# service=git-upload-pack\n")) +
                      Flush(ToPacket(kId + " HEAD" + Zero("side-band-64k ofs-delta\n")) +
                            ToPacket(kId + " refs/heads/main\n"));
  size_t refused = 0;
  for (size_t at = 0; at < whole.size(); ++at) {
    if (!ParseAdvertisement(whole.substr(0, at)).ok()) ++refused;
    for (const char flipped : {'\0', '\xff', ' ', '0', 'f'}) {
      std::string changed = whole;
      changed[at] = flipped;
      if (!ParseAdvertisement(changed).ok()) ++refused;
      if (!ParseListing(changed).ok()) ++refused;
    }
  }
  EXPECT_GT(refused, whole.size());
}

}  // namespace
}  // namespace headgate::git
