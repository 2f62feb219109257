#include "git/mirrors.h"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>

#include "core/hash.h"
#include "git/handles.h"
#include "git/object_store.h"
#include "git/smart_http.h"
#include "git/smart_ssh.h"
#include "git/spool.h"
#include "net/url.h"

namespace headgate::git {
namespace {

constexpr std::string_view kHeads = "refs/heads/";
constexpr size_t kBranchesShown = 10;
constexpr std::chrono::hours kUnusedMax{1};  // a branch or a set of credentials nobody asked for

// One at a time; waiting for it can be stopped.
class Turn {
 public:
  class Holder {
   public:
    explicit Holder(Turn* turn) : turn_(turn) {}
    Holder(Holder&& other) noexcept : turn_(std::exchange(other.turn_, nullptr)) {}
    Holder& operator=(Holder&&) = delete;
    ~Holder() {
      if (turn_ != nullptr) turn_->End();
    }

   private:
    Turn* turn_;
  };

  core::Result<Holder> Take(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    if (!free_changed_.wait(lock, stop, [&] { return free_; })) {
      return core::Cancelled("stopped while waiting for another fetch");
    }
    free_ = false;
    return Holder(this);
  }

 private:
  void End() {
    const std::lock_guard lock(mutex_);
    free_ = true;
    free_changed_.notify_one();
  }

  std::mutex mutex_;
  std::condition_variable_any free_changed_;
  bool free_ = true;  // guarded by mutex_
};

// The objects of one URL, whoever asks.
struct Mirror {
  Turn turn;  // held while it is made or filled
  std::mutex mutex;
  std::unique_ptr<ObjectStore> store;  // set once, with the turn and mutex
};

// A URL seen with one set of credentials.
struct Access {
  std::string url;         // as shown and as hashed: without user, password
  std::string local_path;  // of a file URL, else empty
  std::shared_ptr<Mirror> mirror;
  std::unique_ptr<Transport> transport;  // nullptr for a file URL
  Turn turn;                             // held while listing

  std::mutex mutex;
  core::BootTime used{0};                                // guarded by mutex, as are the rest
  std::map<std::string, core::BootTime> asked_branches;  // and when
  size_t listings_begun = 0;
  bool let_in = false;  // a listing was given, and none was refused since
  References listing;
  size_t listing_number = 0;                // of listings_begun
  std::optional<core::BootTime> listed_at;  // when the listing was begun
  size_t expired_before = 0;                // listings up to this number count no more
  std::vector<std::string> listed_branches;
};

bool IsBranchName(const std::string& branch) {
  int valid = 0;
  const std::string name = std::string(kHeads) + branch;
  return git_reference_name_is_valid(&valid, name.c_str()) == 0 && valid == 1 &&
         branch.find('\n') == branch.npos;
}

// Which other branches there are, for a person who mistyped one.
core::Error NoBranch(const std::string& branch, const References& heads) {
  if (heads.empty()) {
    return core::NotFound(
        fmt::format("the repository is empty: it has no branch yet; push a commit to {}", branch));
  }
  std::vector<std::string_view> names;
  for (const auto& [name, id] : heads) {
    if (names.size() == kBranchesShown) break;
    names.push_back(std::string_view(name).substr(kHeads.size()));
  }
  const size_t more = heads.size() - names.size();
  return core::NotFound(fmt::format("no branch {}; there {}: {}{}", branch,
                                    heads.size() == 1 ? "is" : "are", fmt::join(names, ", "),
                                    more > 0 ? fmt::format(" and {} more", more) : ""));
}

References OnlyHeads(const References& references) {
  References heads;
  for (const auto& [name, id] : references) {
    if (name.starts_with(kHeads)) heads.emplace(name, id);
  }
  return heads;
}

}  // namespace

struct Mirrors::Inside {
  const std::filesystem::path directory;
  net::Http* const http;
  const Options options;
  const core::RealClock real_clock;

  mutable std::mutex mutex;
  std::map<std::string, std::weak_ptr<Mirror>> mirrors;     // by URL; guarded by mutex
  std::map<std::string, std::shared_ptr<Access>> accesses;  // by URL and credentials; likewise
  Counts counts;                                            // likewise

  core::BootTime Now() const {
    return (options.clock != nullptr ? options.clock : &real_clock)->SinceBoot();
  }
  void Count(size_t Counts::*what) {
    const std::lock_guard lock(mutex);
    ++(counts.*what);
  }

  core::Result<std::shared_ptr<Access>> AccessTo(const Remote& remote);
  core::Status SetPlace(Access& access, const Remote& remote) const;
  void ForgetUnused();
  core::Result<References> List(Access& access, const std::vector<std::string>& prefixes,
                                std::stop_token stop);
  core::Status ListAsked(Access& access, std::stop_token stop);
  core::Result<ObjectStore*> Store(Mirror& mirror, const std::string& url);
  core::Result<ObjectStore*> StoreWith(Access& access, const std::string& commit,
                                       std::stop_token stop);
  core::Status Fetch(Access& access, ObjectStore& store, const std::string& commit,
                     std::stop_token stop);
};

// What kind of remote it is; an error for what is not spoken here.
core::Status Mirrors::Inside::SetPlace(Access& access, const Remote& remote) const {
  const std::string shown = ShowSafe(remote);
  const TransportLimits limits{options.listing_deadline, options.fetch_deadline,
                               options.public_addresses_only};
  if (IsSsh(remote.url)) {
    core::Result<SshAddress> address = ParseSsh(remote.url);
    if (!address) return address.error().In("source.url");
    access.url = ToText(*address);
    access.transport = std::make_unique<SmartSsh>(*std::move(address), remote.credentials, limits);
    return core::Ok();
  }
  const core::Result<net::Url> url = net::ParseUrl(remote.url);
  if (!url) return url.error().In("source.url");
  if (!url->query.empty()) return core::Invalid(shown + ": a git URL has no ?query");
  access.url = net::ToText(*url);
  if (url->scheme == "https" || url->scheme == "http") {
    access.transport = std::make_unique<SmartHttp>(http, remote.url, remote.credentials, limits);
    return core::Ok();
  }
  if (url->scheme != "file") {
    return core::Invalid(fmt::format("{}: only https, http, ssh and file are supported", shown));
  }
  if (!options.allow_file_urls) {
    return core::Invalid(fmt::format("{}: file URLs are read only with --allow-file-urls", shown));
  }
  core::Result<std::string> path = net::PercentDecode(url->path);
  if (!path) return path.error().In(shown);
  access.local_path = *std::move(path);
  return core::Ok();
}

core::Result<std::shared_ptr<Access>> Mirrors::Inside::AccessTo(const Remote& remote) {
  const Credentials& with = remote.credentials;
  std::string key;
  for (const std::string& part : {remote.url, with.username, with.password, with.bearer_token,
                                  with.ca_pem, with.identity, with.known_hosts}) {
    key += fmt::format("{}:{},", part.size(), part);
  }
  key = core::Sha256(key);
  const std::lock_guard lock(mutex);
  if (const auto at = accesses.find(key); at != accesses.end()) {
    const std::lock_guard access_lock(at->second->mutex);
    at->second->used = Now();
    return at->second;
  }
  auto access = std::make_shared<Access>();
  if (core::Status set = SetPlace(*access, remote); !set) return set.error();
  ForgetUnused();
  std::weak_ptr<Mirror>& mirror = mirrors[access->url];
  access->mirror = mirror.lock();
  if (access->mirror == nullptr) mirror = access->mirror = std::make_shared<Mirror>();
  access->used = Now();
  accesses[key] = access;
  return access;
}

// Secrets rotate: what was known with the old one goes. Called with the mutex.
void Mirrors::Inside::ForgetUnused() {
  const core::BootTime now = Now();
  std::erase_if(accesses, [&](const auto& entry) {
    const std::lock_guard lock(entry.second->mutex);
    return now - entry.second->used > kUnusedMax;
  });
  std::erase_if(mirrors, [](const auto& entry) { return entry.second.expired(); });
}

core::Result<References> Mirrors::Inside::List(Access& access,
                                               const std::vector<std::string>& prefixes,
                                               std::stop_token stop) {
  Count(&Counts::listings);
  return access.transport != nullptr ? access.transport->List(prefixes, stop)
                                     : ReadReferences(access.local_path);
}

// One listing for all branches that were asked for of late. Called with the access's turn.
core::Status Mirrors::Inside::ListAsked(Access& access, std::stop_token stop) {
  const core::BootTime now = Now();
  size_t number = 0;
  std::vector<std::string> branches;
  {
    const std::lock_guard lock(access.mutex);
    std::erase_if(access.asked_branches,
                  [&](const auto& asked) { return now - asked.second > kUnusedMax; });
    for (const auto& [branch, asked] : access.asked_branches) branches.push_back(branch);
    number = ++access.listings_begun;
  }
  std::vector<std::string> prefixes;
  for (const std::string& branch : branches) prefixes.push_back(std::string(kHeads) + branch);
  core::Result<References> listing = List(access, prefixes, stop);
  const std::lock_guard lock(access.mutex);
  if (!listing) {
    const core::Fault fault = listing.error().fault();
    if (fault == core::Fault::kForbidden || fault == core::Fault::kNotFound) access.let_in = false;
    access.listed_at.reset();
    return listing.error();
  }
  access.let_in = true;
  access.listing_number = number;
  access.listing = OnlyHeads(*listing);
  access.listed_branches = std::move(branches);
  access.listed_at = now;
  return core::Ok();
}

core::Result<ObjectStore*> Mirrors::Inside::Store(Mirror& mirror, const std::string& url) {
  const std::lock_guard lock(mirror.mutex);
  if (mirror.store != nullptr) return mirror.store.get();
  core::Result<std::unique_ptr<ObjectStore>> store =
      ObjectStore::Open(directory / (core::Sha256(url).substr(0, 32) + ".git"));
  if (!store) return store.error();
  mirror.store = *std::move(store);
  return mirror.store.get();
}

core::Status Mirrors::Inside::Fetch(Access& access, ObjectStore& store, const std::string& commit,
                                    std::stop_token stop) {
  Count(&Counts::fetches);
  if (access.transport == nullptr) return store.CopyFrom(access.local_path, commit, stop);
  Spool pack(store.path(), options.fetch_bytes_max);
  core::Status got = access.transport->Fetch(commit, store.Commits(), pack, stop);
  if (!got) return got;
  return store.TakePack(pack, commit, stop);
}

// The store, after it was made sure that it has the commit and that these credentials may see it.
core::Result<ObjectStore*> Mirrors::Inside::StoreWith(Access& access, const std::string& commit,
                                                      std::stop_token stop) {
  if (!IsCommitId(commit)) return core::Invalid("not a commit's id: " + Printable(commit));
  Mirror& mirror = *access.mirror;
  {
    std::unique_lock lock(access.mutex);
    const bool was_let_in = access.let_in;
    lock.unlock();
    if (!was_let_in) {
      core::Result<Turn::Holder> turn = access.turn.Take(stop);
      if (!turn) return turn.error();
      if (core::Status listed = ListAsked(access, stop); !listed) return listed.error();
    }
  }
  core::Result<ObjectStore*> store = Store(mirror, access.url);
  if (!store) return store;
  if ((*store)->Has(commit) && !(*store)->IsDamaged()) return store;
  core::Result<Turn::Holder> turn = mirror.turn.Take(stop);
  if (!turn) return turn.error();
  if ((*store)->IsDamaged()) {
    if (core::Status remade = (*store)->Remake(); !remade) return remade.error();
  }
  if ((*store)->Has(commit)) return store;
  if (core::Status fetched = Fetch(access, **store, commit, stop); !fetched) {
    return fetched.error().In("fetch " + commit.substr(0, 7));
  }
  return store;
}

Mirrors::Mirrors(std::filesystem::path directory, net::Http* http, Options options)
    : inside_(new Inside{std::move(directory), http, options, {}, {}, {}, {}, {}}) {
  InitLibgit2();
}

Mirrors::~Mirrors() = default;

core::Result<std::string> Mirrors::Poll(const Remote& remote, const std::string& branch,
                                        core::Duration max_age, std::stop_token stop) {
  const std::string shown = ShowSafe(remote);
  if (!IsBranchName(branch)) {
    return core::Invalid(fmt::format("{} is no name of a branch", Printable(branch)));
  }
  core::Result<std::shared_ptr<Access>> found = inside_->AccessTo(remote);
  if (!found) return found.error();
  Access& access = **found;
  const core::BootTime now = inside_->Now();
  const std::string name = std::string(kHeads) + branch;
  size_t begun_before = 0;
  {
    const std::lock_guard lock(access.mutex);
    access.asked_branches[branch] = now;
    begun_before = access.listings_begun;
  }
  // From the listing where it is young enough, as one is that others began meanwhile.
  const auto known = [&]() -> std::optional<std::string> {
    const std::lock_guard lock(access.mutex);
    const auto& listed = access.listed_branches;
    const bool young = access.listed_at && access.listing_number > access.expired_before &&
                       (access.listing_number > begun_before || now - *access.listed_at < max_age);
    if (!young || std::find(listed.begin(), listed.end(), branch) == listed.end()) return {};
    const auto at = access.listing.find(name);
    return at == access.listing.end() ? std::nullopt : std::optional(at->second);
  };
  if (std::optional<std::string> id = known()) return *id;
  core::Result<Turn::Holder> turn = access.turn.Take(stop);
  if (!turn) return turn.error().In(shown);
  if (std::optional<std::string> id = known()) return *id;
  // Twice, where news came while it was listed.
  for (int i = 0; i < 2; ++i) {
    if (core::Status listed = inside_->ListAsked(access, stop); !listed) {
      return listed.error().In("list " + shown);
    }
    if (std::optional<std::string> id = known()) return *id;
    const std::lock_guard lock(access.mutex);
    if (access.listing_number > access.expired_before) break;
  }
  {
    // News come faster than listings: what is known is taken.
    const std::lock_guard lock(access.mutex);
    const auto at = access.listing.find(name);
    if (at != access.listing.end()) return at->second;
  }
  const core::Result<References> all = inside_->List(access, {std::string(kHeads)}, stop);
  if (!all) return all.error().In("list " + shown);
  return NoBranch(branch, OnlyHeads(*all)).In(shown);
}

void Mirrors::Expire(const std::string& url) {
  const core::Result<net::Url> parsed = net::ParseUrl(url);
  if (!parsed) return;
  const std::string wanted = net::ToText(*parsed);
  const std::lock_guard lock(inside_->mutex);
  for (const auto& [key, access] : inside_->accesses) {
    const std::lock_guard access_lock(access->mutex);
    if (access->url == wanted) access->expired_before = access->listings_begun;
  }
}

core::Result<std::shared_ptr<const core::FileTree>> Mirrors::Tree(const Remote& remote,
                                                                  const std::string& commit,
                                                                  const std::string& path,
                                                                  std::stop_token stop) {
  const std::string shown = ShowSafe(remote);
  core::Result<std::string> clean = core::Clean("", path);
  if (!clean) return clean.error().In("source.path");
  core::Result<std::shared_ptr<Access>> access = inside_->AccessTo(remote);
  if (!access) return access.error();
  // Twice: the first opening may be the one that finds the mirror damaged.
  for (const bool last : {false, true}) {
    core::Result<ObjectStore*> store = inside_->StoreWith(**access, commit, stop);
    if (!store) return store.error().In(shown);
    core::Result<std::shared_ptr<const core::FileTree>> tree = (*store)->OpenTree(commit, *clean);
    if (tree || last || tree.error().fault() != core::Fault::kUnavailable) {
      return tree ? tree : tree.error().In(shown);
    }
  }
  return core::Internal("unreachable");
}

std::shared_ptr<const core::Changes> Mirrors::ChangesBetween(const Remote& remote,
                                                             const std::string& from,
                                                             const std::string& to,
                                                             std::stop_token stop) {
  core::Result<std::shared_ptr<Access>> access = inside_->AccessTo(remote);
  if (!access) return nullptr;
  core::Result<ObjectStore*> store = inside_->StoreWith(**access, to, stop);
  return store ? (*store)->ChangesBetween(from, to) : nullptr;
}

core::Result<Commit> Mirrors::Describe(const Remote& remote, const std::string& commit,
                                       std::stop_token stop) {
  core::Result<std::shared_ptr<Access>> access = inside_->AccessTo(remote);
  if (!access) return access.error();
  core::Result<ObjectStore*> store = inside_->StoreWith(**access, commit, stop);
  if (!store) return store.error().In(ShowSafe(remote));
  return (*store)->Describe(commit);
}

Mirrors::Counts Mirrors::counts() const {
  const std::lock_guard lock(inside_->mutex);
  return inside_->counts;
}

std::string ShowSafe(const Remote& remote) {
  const std::string_view url = remote.url;
  const bool like_scp = IsSsh(url) && url.find("://") == url.npos;
  return like_scp && ParseSsh(url) ? remote.url : net::ShowSafe(url);
}

}  // namespace headgate::git
