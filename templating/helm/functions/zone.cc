#include "templating/helm/functions/zone.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>
#include <mutex>
#include <utility>

#include "templating/helm/functions/calendar.h"

namespace headgate::templating::helm {
namespace {

constexpr const char* kFolders[] = {"/usr/share/zoneinfo/", "/usr/share/lib/zoneinfo/",
                                    "/usr/lib/locale/TZ/", "/etc/zoneinfo/"};
constexpr size_t kFileBytesMax = 1024 * 1024;

std::optional<std::string> ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  std::string bytes(kFileBytesMax + 1, '\0');
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<size_t>(std::max<std::streamsize>(0, file.gcount())));
  if (bytes.empty() || bytes.size() > kFileBytesMax) return std::nullopt;
  return bytes;
}

}  // namespace

// Reads a TZif file; beyond its end everything is empty, and `good` is false.
class Zone::Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  std::string_view Take(size_t bytes) {
    if (bytes > rest_.size()) {
      good = false;
      rest_ = {};
      return {};
    }
    const std::string_view taken = rest_.substr(0, bytes);
    rest_.remove_prefix(bytes);
    return taken;
  }
  static int64_t Number(std::string_view bytes) {
    uint64_t number = !bytes.empty() && (bytes[0] & 0x80) ? ~uint64_t{0} : 0;
    for (const char c : bytes) number = (number << 8) | static_cast<unsigned char>(c);
    return static_cast<int64_t>(number);
  }
  std::string_view rest() const { return rest_; }

  // The six counts of a header, behind its first twenty bytes.
  struct Counts {
    size_t universal, standard, leaps, changes, kinds, letters;
  };
  Counts TakeCounts() {
    const auto next = [this] { return static_cast<size_t>(Number(Take(4)) & 0xffffffff); };
    Counts counts{};
    for (size_t* count : {&counts.universal, &counts.standard, &counts.leaps, &counts.changes,
                          &counts.kinds, &counts.letters}) {
      *count = next();
      if (*count > kFileBytesMax) good = false;
    }
    return counts;
  }

  bool good = true;

 private:
  std::string_view rest_;
};

std::shared_ptr<const Zone> Zone::Read(std::string name, std::string_view bytes) {
  Reader reader(bytes);
  if (reader.Take(4) != "TZif") return nullptr;
  const std::string_view version = reader.Take(16);
  const bool wide = !version.empty() && version[0] != '\0';
  Reader::Counts counts = reader.TakeCounts();
  if (wide && reader.good) {  // the same again, with 64 bits
    reader.Take(counts.changes * 5 + counts.kinds * 6 + counts.letters + counts.leaps * 8 +
                counts.standard + counts.universal + 20);
    counts = reader.TakeCounts();
  }
  if (!reader.good || counts.kinds == 0) return nullptr;
  const size_t size = wide ? 8 : 4;
  const std::string_view times = reader.Take(counts.changes * size);
  const std::string_view indexes = reader.Take(counts.changes);
  const std::string_view kinds = reader.Take(counts.kinds * 6);
  const std::string_view letters = reader.Take(counts.letters);
  reader.Take(counts.leaps * (size + 4) + counts.standard + counts.universal);
  if (!reader.good) return nullptr;

  auto zone = std::make_shared<Zone>();
  zone->name_ = std::move(name);
  for (size_t i = 0; i < counts.kinds; ++i) {
    const std::string_view kind = kinds.substr(i * 6, 6);
    const auto letter = static_cast<unsigned char>(kind[5]);
    if (letter >= letters.size()) return nullptr;
    const std::string_view from = letters.substr(letter);
    zone->kinds_.push_back({Reader::Number(kind.substr(0, 4)), kind[4] != 0,
                            std::string(from.substr(0, from.find('\0')))});
  }
  for (size_t i = 0; i < counts.changes; ++i) {
    const auto kind = static_cast<unsigned char>(indexes[i]);
    if (kind >= zone->kinds_.size()) return nullptr;
    zone->changes_.push_back({Reader::Number(times.substr(i * size, size)), kind});
  }
  if (zone->changes_.empty()) zone->changes_.push_back({INT64_MIN, 0});
  const std::string_view rest = reader.rest();
  if (rest.size() > 2 && rest.front() == '\n' && rest.back() == '\n') {
    zone->rule_ = rest.substr(1, rest.size() - 2);
  }
  return zone;
}

std::shared_ptr<const Zone> Zone::Fixed(std::string name, int64_t seconds) {
  auto zone = std::make_shared<Zone>();
  zone->kinds_ = {{seconds, false, name}};
  zone->changes_ = {{INT64_MIN, 0}};
  zone->name_ = std::move(name);
  return zone;
}

std::shared_ptr<const Zone> Zone::Utc() {
  static const std::shared_ptr<const Zone> kUtc = [] {
    auto zone = std::make_shared<Zone>();
    zone->name_ = "UTC";
    return zone;
  }();
  return kUtc;
}

std::shared_ptr<const Zone> Zone::LoadFile(const std::string& path, std::string name) {
  const std::optional<std::string> bytes = ReadFile(path);
  return bytes ? Read(std::move(name), *bytes) : nullptr;
}

std::shared_ptr<const Zone> Zone::Load(std::string_view name) {
  if (name.empty() || name == "UTC") return Utc();
  if (name == "Local") return Local();
  if (name.find("..") != std::string_view::npos || name.find('\0') != std::string_view::npos ||
      name[0] == '/' || name[0] == '\\') {
    return nullptr;
  }
  static std::mutex mutex;
  static std::map<std::string, std::shared_ptr<const Zone>, std::less<>> loaded;  // by mutex
  {
    const std::lock_guard lock(mutex);
    if (const auto found = loaded.find(name); found != loaded.end()) return found->second;
  }
  for (const char* folder : kFolders) {
    std::shared_ptr<const Zone> zone = LoadFile(folder + std::string(name), std::string(name));
    if (!zone) continue;
    const std::lock_guard lock(mutex);
    return loaded.emplace(name, std::move(zone)).first->second;
  }
  return nullptr;
}

std::shared_ptr<const Zone> Zone::Local() {
  static const std::shared_ptr<const Zone> kLocal = []() -> std::shared_ptr<const Zone> {
    std::shared_ptr<const Zone> zone;
    if (const char* set = std::getenv("TZ"); !set) {
      zone = LoadFile("/etc/localtime", "Local");
    } else {
      std::string_view name = set;
      if (name.starts_with(':')) name.remove_prefix(1);
      if (name.starts_with('/')) {
        zone = LoadFile(std::string(name), name == "/etc/localtime" ? "Local" : std::string(name));
      } else if (!name.empty() && name != "UTC" && name != "Local") {
        zone = Load(name);
      }
    }
    return zone ? zone : Fixed("UTC", 0);
  }();
  return kLocal;
}

size_t Zone::FirstKind() const {
  const bool used = std::any_of(changes_.begin(), changes_.end(),
                                [](const Change& change) { return change.kind == 0; });
  if (!used) return 0;
  if (!changes_.empty() && kinds_[changes_[0].kind].summer) {
    for (size_t i = changes_[0].kind; i > 0; --i) {
      if (!kinds_[i - 1].summer) return i - 1;
    }
  }
  const auto found =
      std::find_if(kinds_.begin(), kinds_.end(), [](const Kind& kind) { return !kind.summer; });
  return found == kinds_.end() ? 0 : static_cast<size_t>(found - kinds_.begin());
}

ZoneOffset Zone::Show(const Kind& kind, int64_t start, int64_t end) const {
  return {kind.name, kind.seconds, kind.summer, start, end};
}

ZoneOffset Zone::At(int64_t unix_seconds) const {
  if (kinds_.empty()) return {"UTC", 0, false, INT64_MIN, INT64_MAX};
  const auto next =
      std::upper_bound(changes_.begin(), changes_.end(), unix_seconds,
                       [](int64_t seconds, const Change& change) { return seconds < change.when; });
  const int64_t end = next == changes_.end() ? INT64_MAX : next->when;
  if (next == changes_.begin()) return Show(kinds_[FirstKind()], INT64_MIN, end);
  const Change& last = *(next - 1);
  if (next == changes_.end() && !rule_.empty()) {
    if (const std::optional<ZoneOffset> ruled = ApplyZoneRule(rule_, last.when, unix_seconds)) {
      return *ruled;
    }
  }
  return Show(kinds_[last.kind], last.when, end);
}

std::optional<int64_t> Zone::OffsetOf(std::string_view abbreviation, int64_t unix_seconds) const {
  for (const Kind& kind : kinds_) {
    if (kind.name != abbreviation) continue;
    const ZoneOffset then = At(WrapSubtract(unix_seconds, kind.seconds));
    if (then.name == abbreviation) return then.seconds;
  }
  for (const Kind& kind : kinds_) {
    if (kind.name == abbreviation) return kind.seconds;
  }
  return std::nullopt;
}

}  // namespace headgate::templating::helm
