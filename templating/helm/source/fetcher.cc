#include "templating/helm/source/fetcher.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <utility>

#include "core/hash.h"
#include "templating/helm/chart/schema/url.h"
#include "templating/helm/functions/url.h"
#include "templating/helm/functions/version.h"
#include "templating/helm/source/choose.h"
#include "templating/helm/source/registry.h"

namespace headgate::templating::helm {
namespace {

constexpr std::string_view kHttps = "https://", kOci = "oci://", kSha256 = "sha256:";

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

// A name of a chart is a path's part, and nothing else.
core::Status CheckName(const std::string& name) {
  const bool fine = !name.empty() && name.front() != '.' &&
                    std::all_of(name.begin(), name.end(), [](unsigned char c) {
                      return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.';
                    });
  if (fine) return core::Ok();
  return core::Invalid(fmt::format("the name of a chart expected, found \"{}\"", name));
}

// What the distribution specification allows as the name of a repository, roughly.
bool IsRegistryPath(std::string_view path) {
  return !path.empty() && path.find("//") == std::string_view::npos &&
         path.find("..") == std::string_view::npos &&
         std::all_of(path.begin(), path.end(), [](unsigned char c) {
           return (c >= 'a' && c <= 'z') || std::isdigit(c) != 0 || c == '-' || c == '_' ||
                  c == '.' || c == '/';
         });
}

// For errors: without what stands in front of an '@', which may be a password.
std::string ShowRepository(std::string_view url) {
  const size_t start = url.find("://") == std::string_view::npos ? 0 : url.find("://") + 3;
  const std::string_view host = url.substr(start, url.find_first_of("/?#", start) - start);
  const size_t at = host.rfind('@');
  const size_t from = at == std::string_view::npos ? start : start + at + 1;
  return fmt::format("{}{}", url.substr(0, start), url.substr(from, 200));
}

// "oci://HOST/PATH/NAME:TAG" of an index.
struct TaggedChart {
  std::string repository, name, tag;
};
std::optional<TaggedChart> ParseTagged(std::string_view url) {
  const size_t colon = url.rfind(':'), slash = url.rfind('/');
  if (slash == std::string_view::npos || colon == std::string_view::npos || colon < slash) {
    return std::nullopt;
  }
  return TaggedChart{std::string(url.substr(0, slash)),
                     std::string(url.substr(slash + 1, colon - slash - 1)),
                     std::string(url.substr(colon + 1))};
}

}  // namespace

core::Result<ChartFetcher::Place> ChartFetcher::ParsePlace(std::string_view text) {
  Place place;
  place.oci = Lower(text.substr(0, kOci.size())) == kOci;
  if (!place.oci && Lower(text.substr(0, kHttps.size())) != kHttps) {
    return core::Invalid(fmt::format(
        "a repository is fetched from https:// or oci://, not from {}",
        text.substr(0, text.find("://") == std::string_view::npos ? 40 : text.find("://") + 3)));
  }
  std::string error;
  const std::optional<Url> url = ParseUrl(text, &error);
  if (!url || url->host.empty()) return core::Invalid("the URL of a repository cannot be read");
  if (url->user) {
    return core::Invalid("a repository's URL has no user and password: they would be in git");
  }
  place.host = Lower(url->host);
  place.path = url->path;
  while (place.path.ends_with('/')) place.path.pop_back();
  if (place.path.starts_with('/')) place.path.erase(0, 1);
  return place;
}

core::Status ChartFetcher::Allow(const std::string& host) const {
  if (std::find(rules_.hosts.begin(), rules_.hosts.end(), host) != rules_.hosts.end()) {
    return core::Ok();
  }
  return core::Invalid(fmt::format("charts are not fetched from {} unless that is allowed", host));
}

std::optional<FoundChart> ChartFetcher::Kept(const std::string& version,
                                             const std::string& digest) {
  if (!store_ || digest.empty()) return std::nullopt;
  std::optional<std::string> archive = store_->Find(digest);
  if (!archive || core::Sha256(*archive) != digest) return std::nullopt;
  return FoundChart{version, digest, std::move(*archive)};
}

FoundChart ChartFetcher::Keep(const std::string& version, std::string archive) {
  const std::string digest = core::Sha256(archive);
  if (store_) store_->Keep(digest, archive);
  return {version, digest, std::move(archive)};
}

core::Result<const std::string*> ChartFetcher::IndexOf(const std::string& repository) {
  if (const auto known = indexes_.find(repository); known != indexes_.end()) return &known->second;
  WebRequest request;
  request.url = repository + (repository.ends_with('/') ? "index.yaml" : "/index.yaml");
  request.bytes_max = rules_.index_bytes_max;
  core::Result<WebAnswer> answer = web_.Get(request);
  if (!answer) return answer.error();
  if (core::Status fine = CheckAnswer(*answer, request.url); !fine) return fine.error();
  return &indexes_.emplace(repository, std::move(answer->body)).first->second;
}

core::Result<FoundChart> ChartFetcher::Download(const IndexedChart& chart, const std::string& url) {
  WebRequest request;
  request.url = url;
  request.bytes_max = rules_.archive_bytes_max;
  core::Result<WebAnswer> answer = web_.Get(request);
  if (!answer) return answer.error();
  if (core::Status fine = CheckAnswer(*answer, url); !fine) return fine.error();
  FoundChart found = Keep(chart.version, std::move(answer->body));
  if (!chart.digest.empty() && found.digest != chart.digest) {
    return core::Invalid(fmt::format("{}: digest {} expected by the index, {} found", url,
                                     chart.digest, found.digest));
  }
  return found;
}

core::Result<FoundChart> ChartFetcher::FromRepository(const Place& place,
                                                      const ChartWanted& wanted) {
  const std::string repository =
      fmt::format("https://{}{}{}", place.host, place.path.empty() ? "" : "/", place.path);
  const core::Result<const std::string*> index = IndexOf(repository);
  if (!index) return index.error();
  core::Result<std::vector<IndexedChart>> charts = FindInIndex(**index, wanted.name);
  if (!charts) return charts.error();
  std::vector<std::string> versions;
  for (const IndexedChart& chart : *charts) versions.push_back(chart.version);
  const core::Result<size_t> chosen = ChooseVersion(versions, wanted.version);
  if (!chosen) return chosen.error();
  IndexedChart& chart = (*charts)[*chosen];
  if (chart.digest.starts_with(kSha256)) chart.digest.erase(0, kSha256.size());
  if (std::optional<FoundChart> kept = Kept(chart.version, chart.digest)) return std::move(*kept);

  if (Lower(chart.url).starts_with(kOci)) {
    const std::optional<TaggedChart> tagged = ParseTagged(chart.url);
    if (!tagged) return core::Invalid("index.yaml: oci://HOST/PATH/NAME:TAG expected in urls");
    return Find({tagged->repository, tagged->name, tagged->tag});
  }
  const std::optional<SchemaUrl> url = ResolveSchemaUrl(repository + "/", chart.url);
  const core::Result<Place> at = ParsePlace(url ? url->document : "");
  if (!at) return at.error().In("index.yaml: urls");
  if (core::Status allowed = Allow(at->host); !allowed) return allowed.error().In(chart.version);
  return Download(chart, url->document);
}

core::Result<FoundChart> ChartFetcher::FromRegistry(const Place& place, const ChartWanted& wanted) {
  const std::string path = place.path.empty() ? wanted.name : place.path + "/" + wanted.name;
  if (!IsRegistryPath(path)) {
    return core::Invalid(
        fmt::format("oci://{}/{}: not the name of a repository", place.host, path));
  }
  Registry registry(&web_, place.host, path);
  std::string version = wanted.version, ignored;
  const bool exact = ParseVersion(version, &ignored).has_value();
  core::Result<Registry::Layer> layer =
      exact ? registry.FindLayer(version) : core::NotFound("a constraint");
  if (!layer && layer.error().fault() == core::Fault::kNotFound) {
    const core::Result<std::vector<std::string>> versions = registry.Versions();
    if (!versions) return versions.error();
    const core::Result<size_t> chosen = ChooseVersion(*versions, wanted.version);
    if (!chosen) return chosen.error();
    version = (*versions)[*chosen];
    layer = registry.FindLayer(version);
  }
  if (!layer) return layer.error();
  if (layer->bytes > rules_.archive_bytes_max) {
    return core::Invalid(fmt::format("{} {}: larger than the limit of {} bytes", wanted.name,
                                     version, rules_.archive_bytes_max));
  }
  if (std::optional<FoundChart> kept = Kept(version, layer->digest)) return std::move(*kept);
  core::Result<std::string> archive = registry.Read(*layer);
  if (!archive) return archive.error();
  return Keep(version, std::move(*archive));
}

core::Result<FoundChart> ChartFetcher::FindNew(const ChartWanted& wanted) {
  if (core::Status fine = CheckName(wanted.name); !fine) return fine.error();
  const core::Result<Place> place = ParsePlace(wanted.repository);
  if (!place) return place.error();
  if (core::Status allowed = Allow(place->host); !allowed) return allowed.error();
  return place->oci ? FromRegistry(*place, wanted) : FromRepository(*place, wanted);
}

core::Result<FoundChart> ChartFetcher::Find(const ChartWanted& wanted) {
  const auto key = std::make_tuple(wanted.repository, wanted.name, wanted.version);
  if (const auto known = found_.find(key); known != found_.end()) return known->second;
  if (found_.size() >= rules_.charts_max) {
    return core::Invalid(fmt::format("more than {} charts are fetched", rules_.charts_max));
  }
  core::Result<FoundChart> found = FindNew(wanted);
  if (!found) {
    return found.error().In(fmt::format("chart {}{}{} of {}", wanted.name,
                                        wanted.version.empty() ? "" : " ", wanted.version,
                                        ShowRepository(wanted.repository)));
  }
  found_.emplace(key, *found);
  return found;
}

}  // namespace headgate::templating::helm
