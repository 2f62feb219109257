#include <gtest/gtest.h>
#include <zlib.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "templating/helm/chart/archive.h"

namespace headgate::templating::helm {
namespace {

std::string Gzip(const std::string& bytes) {
  z_stream stream = {};
  deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  std::string packed(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

std::string Octal(size_t number, size_t digits) {
  std::string text(digits, '0');
  for (size_t i = digits; i > 0; --i, number /= 8)
    text[i - 1] = static_cast<char>('0' + number % 8);
  return text;
}

// A member of a tar archive. `declared` is the size that its header says, where that is a lie.
std::string Member(const std::string& name, const std::string& data, char type = '0',
                   size_t declared = SIZE_MAX) {
  std::string header(512, '\0');
  header.replace(0, name.size(), name);
  header.replace(124, 11, Octal(declared == SIZE_MAX ? data.size() : declared, 11));
  header[156] = type;
  header.replace(257, 8, std::string_view("ustar\00000", 8));
  header.replace(148, 8, "        ");
  size_t sum = 0;
  for (const char c : header) sum += static_cast<unsigned char>(c);
  header.replace(148, 7, Octal(sum, 6) + std::string(1, '\0'));
  return header + data + std::string((512 - data.size() % 512) % 512, '\0');
}

std::string Archive(const std::vector<std::string>& members) {
  std::string tar;
  for (const std::string& member : members) tar += member;
  return Gzip(tar + std::string(1024, '\0'));
}

std::string ShowArchive(std::string_view bytes, const ChartLimits& limits = {}) {
  const core::Result<std::vector<ArchiveFile>> files = ReadArchive(bytes, limits);
  if (!files) return files.error().text();
  std::string shown;
  for (const ArchiveFile& file : *files) shown += file.name + "=" + file.data + ";";
  return shown;
}

struct Case {
  const char* name;
  std::string archive;
  const char* want;
};
class HelmArchiveTest : public testing::TestWithParam<Case> {};
TEST_P(HelmArchiveTest, TakesWhatIsSound) {
  EXPECT_EQ(ShowArchive(GetParam().archive), GetParam().want);
}
const Case kCases[] = {
    {"Files",
     Archive({Member("web/", "", '5'), Member("web/Chart.yaml", "a"),
              Member("web/templates/x.yaml",
                     "\xEF\xBB\xBF"
                     "b")}),
     "Chart.yaml=a;templates/x.yaml=b;"},
    {"OldHeader", Archive({Member("web/a", "a", '\0')}), "a=a;"},
    {"WindowsPaths", Archive({Member("web\\templates\\x.yaml", "a")}), "templates/x.yaml=a;"},
    {"DotsWithin", Archive({Member("web/./a//b", "a")}), "a/b=a;"},
    {"LongGnuName",
     Archive(
         {Member("././@LongLink", "web/" + std::string(120, 'n'), 'L'), Member("web/nnn", "a")}),
     "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn"
     "n"
     "nnnnnnnnnnnnnnnnnnnnnnnnnn=a;"},
    {"PaxPath",
     Archive({Member("PaxHeaders/x", "16 path=web/new\n", 'x'), Member("web/old", "a"),
              Member("web/b", "b")}),
     "new=a;b=b;"},
    {"GlobalHeader",
     Archive({Member("pax_global_header", "11 comment=\n", 'g'), Member("web/a", "a")}), "a=a;"},
    {"NothingInIt", Archive({}), "no files in chart archive"},
    {"SymbolicLink", Archive({Member("web/a", "", '2')}),
     "web/a: links in archives are not followed"},
    {"HardLink", Archive({Member("web/a", "", '1')}), "web/a: links in archives are not followed"},
    {"Device", Archive({Member("web/a", "", '3')}), "web/a: devices in archives are refused"},
    {"Sparse", Archive({Member("web/a", "", 'S')}), "web/a: sparse files in archives are refused"},
    {"AbsolutePath", Archive({Member("/etc/passwd", "a")}),
     "/etc/passwd: chart illegally contains absolute paths"},
    {"AbsoluteBelow", Archive({Member("web//etc/passwd", "a")}),
     "web//etc/passwd: chart illegally contains absolute paths"},
    {"PathUp", Archive({Member("web/../../etc/passwd", "a")}),
     "web/../../etc/passwd: chart illegally references parent directory"},
    {"PathUpAtTheTop", Archive({Member("../a", "a")}),
     "../a: chart illegally references parent directory"},
    {"Drive", Archive({Member("web/c:/a", "a")}), "web/c:/a: chart contains illegally named files"},
    {"NoDirectory", Archive({Member("Chart.yaml", "a")}),
     "Chart.yaml: chart yaml not in base directory"},
    {"FileAtTheTop", Archive({Member("web", "a")}),
     "web: chart illegally contains content outside the base directory"},
    {"NoGzip", "PK\003\004 something else", "no gzip archive"},
    {"Empty", "", "the archive ends too early"},
    {"NoTar", Gzip(std::string(600, 'x')), "a header of the archive is broken"},
    {"BrokenPax", Archive({Member("x", "99 path=a\n", 'x')}), "a PAX header is broken"},
    {"Shorter", Gzip(Member("web/a", "abc", '0', 5000)), "the archive ends too early"},
    {"Huge", Archive({Member("web/a", "abc", '0', size_t{6} << 20)}),
     "a: larger than 5242880 bytes"},
};
INSTANTIATE_TEST_SUITE_P(Helm, HelmArchiveTest, testing::ValuesIn(kCases),
                         [](const auto& test) { return test.param.name; });

TEST(HelmArchiveTest, RefusesHalfAnArchive) {
  const std::string whole = Archive({Member("web/a", std::string(3000, 'a') + "bcd")});
  for (const size_t size : {whole.size() / 2, whole.size() / 4, size_t{12}}) {
    EXPECT_FALSE(ReadArchive(whole.substr(0, size), {})) << size;
  }
}

TEST(HelmArchiveTest, RefusesBombs) {
  const std::string zeros(size_t{5} << 20, '\0');
  const std::string bomb = Archive({Member("web/a", zeros), Member("web/b", zeros)});
  EXPECT_LT(bomb.size(), 20'000u);
  EXPECT_EQ(ShowArchive(bomb), "the archive holds more than 200 times its compressed size");

  ChartLimits few;
  few.archive_members = 2;
  const std::string many = Archive({Member("w/a", "1"), Member("w/b", "2"), Member("w/c", "3")});
  EXPECT_EQ(ShowArchive(many, few), "more than 2 members in the archive");

  ChartLimits small;
  small.archive_bytes = 2;
  EXPECT_EQ(ShowArchive(many, small), "the archive's files are larger than 2 bytes");
}

}  // namespace
}  // namespace headgate::templating::helm
