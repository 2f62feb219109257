// Any bytes are an archive of a chart, or an error; no path of what was read leads out of it. The
// first byte says whether the rest is the .tgz, or a tar archive that is to be packed first: few
// bytes are a valid gzip stream by chance.
#include <zlib.h>

#include <cstdint>
#include <string>
#include <vector>

#include "core/file_tree.h"
#include "templating/helm/chart/archive.h"
#include "templating/helm/chart/load.h"
#include "tests/fuzz/fuzzed.h"

namespace helm = headgate::templating::helm;
using headgate::fuzz::Fail;

namespace {

std::string Pack(std::string_view tar) {
  z_stream stream = {};
  if (deflateInit2(&stream, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK) Fail("deflate");
  std::string packed(deflateBound(&stream, tar.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(tar.data()));
  stream.avail_in = static_cast<uInt>(tar.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  if (deflate(&stream, Z_FINISH) != Z_STREAM_END) Fail("deflate");
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

// A tar header demands its checksum, which is mended here, block by block.
void MendChecksums(std::string* tar) {
  for (size_t at = 0; at + 512 <= tar->size(); at += 512) {
    char* header = tar->data() + at;
    if (std::string_view(header + 257, 5) != "ustar") continue;
    unsigned sum = 0;
    for (size_t i = 0; i < 512; ++i) {
      sum += i >= 148 && i < 156 ? ' ' : static_cast<unsigned char>(header[i]);
    }
    std::snprintf(header + 148, 8, "%06o", sum);
    header[155] = ' ';
  }
}

bool LeadsOut(std::string_view path) {
  return path.empty() || path.front() == '/' || path == ".." || path.starts_with("../") ||
         path.find("/../") != std::string_view::npos || path.ends_with("/..");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  std::string archive(reinterpret_cast<const char*>(data + 1), size - 1);
  if (data[0] % 4 != 0) {
    if (data[0] % 2 != 0) MendChecksums(&archive);
    archive = Pack(archive);
  }
  const helm::ChartLimits limits = headgate::fuzz::SmallLimits();
  const auto files = helm::ReadArchive(archive, limits);
  if (!files) {
    if (files.error().text().empty()) Fail("an empty error");
    return 0;
  }
  size_t total = 0;
  for (const helm::ArchiveFile& file : *files) {
    if (LeadsOut(file.name)) Fail("a path that leads out", file.name);
    total += file.data.size();
  }
  if (files->size() > limits.archive_members || total > limits.archive_bytes) {
    Fail("more than the limits");
  }
  const headgate::core::MemoryTree tree({{"c.tgz", archive}});
  const auto chart = helm::LoadChart(tree, "c.tgz", limits);
  if (!chart && chart.error().text().find("c.tgz") == std::string::npos) {
    Fail("an error without its place", chart.error().text());
  }
  return 0;
}
