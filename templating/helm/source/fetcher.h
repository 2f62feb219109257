#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "templating/helm/chart/sources.h"
#include "templating/helm/source/index.h"
#include "templating/helm/source/web.h"

namespace headgate::templating::helm {

// Keeps archives by their digest. What it gives back is checked again.
class ArchiveStore {
 public:
  virtual ~ArchiveStore() = default;
  virtual std::optional<std::string> Find(const std::string& digest) = 0;
  virtual void Keep(const std::string& digest, const std::string& archive) = 0;
};

struct FetchRules {
  std::vector<std::string> hosts;  // that may be asked: "charts.example.com", "r:5000"
  size_t index_bytes_max = 64 * 1024 * 1024;
  size_t archive_bytes_max = 32 * 1024 * 1024;  // packed
  size_t charts_max = 100;                      // found by one fetcher
};

// Finds charts in repositories (index.yaml over https) and OCI registries, and reads them. Asks no
// host that the rules do not name; an index is read once. For one rendering, and one thread.
class ChartFetcher : public ChartSources {
 public:
  // `store` may be nullptr.
  ChartFetcher(Web* web, ArchiveStore* store, FetchRules rules)
      : web_(*web), store_(store), rules_(std::move(rules)) {}

  core::Result<FoundChart> Find(const ChartWanted& wanted) override;

  // What a repository's URL or an OCI reference names: its host, with the port where it has one.
  // kInvalid for other schemes, and for a user or password in it.
  struct Place {
    bool oci = false;
    std::string host, path;  // the path without slashes around it
  };
  static core::Result<Place> ParsePlace(std::string_view url);

 private:
  core::Result<FoundChart> FindNew(const ChartWanted& wanted);
  core::Result<FoundChart> FromRepository(const Place& place, const ChartWanted& wanted);
  core::Result<FoundChart> FromRegistry(const Place& place, const ChartWanted& wanted);
  core::Result<const std::string*> IndexOf(const std::string& repository);
  core::Result<FoundChart> Download(const IndexedChart& chart, const std::string& url);
  core::Status Allow(const std::string& host) const;
  std::optional<FoundChart> Kept(const std::string& version, const std::string& digest);
  FoundChart Keep(const std::string& version, std::string archive);

  Web& web_;
  ArchiveStore* store_;
  const FetchRules rules_;
  std::map<std::string, std::string> indexes_;  // by repository
  std::map<std::tuple<std::string, std::string, std::string>, FoundChart> found_;
};

}  // namespace headgate::templating::helm
