#include "templating/helm/source/registry.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <optional>

#include "core/hash.h"
#include "templating/helm/functions/version.h"
#include "templating/helm/json_read.h"

namespace headgate::templating::helm {
namespace {

constexpr size_t kManifestBytesMax = 4 * 1024 * 1024;  // as the specification demands at least
constexpr size_t kTokenBytesMax = 64 * 1024;
constexpr int kTagPagesMax = 50;
constexpr std::string_view kManifest = "application/vnd.oci.image.manifest.v1+json";
constexpr std::string_view kChartLayer = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";
constexpr std::string_view kOldChartLayer = "application/tar+gzip";
constexpr std::string_view kSha256 = "sha256:";

std::string TextAt(const Value& map, std::string_view key) {
  const Value* found = map.is_map() && map.map() ? map.map()->Find(key) : nullptr;
  return found && found->is_string() ? std::string(found->text()) : "";
}

// The parameters of `Bearer realm="https://...",service="...",scope="..."`.
std::map<std::string, std::string> Parameters(std::string_view challenge) {
  std::map<std::string, std::string> found;
  while (!challenge.empty()) {
    const size_t equals = challenge.find('=');
    if (equals == std::string_view::npos) break;
    std::string_view name = challenge.substr(0, equals);
    name.remove_prefix(std::min(name.find_first_not_of(" ,"), name.size()));
    challenge.remove_prefix(equals + 1);
    const bool quoted = challenge.starts_with('"');
    if (quoted) challenge.remove_prefix(1);
    const size_t end = std::min(challenge.find(quoted ? '"' : ','), challenge.size());
    found[std::string(name)] = std::string(challenge.substr(0, end));
    challenge.remove_prefix(std::min(end + 1, challenge.size()));
  }
  return found;
}

// The target of `<...>; rel="next"`, where it stays at the registry; "" where there is none.
std::string NextPage(std::string_view link, const std::string& host) {
  if (!link.starts_with('<') || link.find("rel=\"next\"") == std::string_view::npos) return "";
  std::string_view target = link.substr(1, link.find('>') - 1);
  const std::string origin = "https://" + host;
  if (target.starts_with(origin + "/")) target.remove_prefix(origin.size());
  return target.starts_with("/v2/") ? std::string(target) : "";
}

bool IsSha256(std::string_view digest) {
  return digest.starts_with(kSha256) && digest.size() == kSha256.size() + 64 &&
         std::all_of(digest.begin() + kSha256.size(), digest.end(), [](char c) {
           return std::isdigit(static_cast<unsigned char>(c)) != 0 || (c >= 'a' && c <= 'f');
         });
}

std::string PercentEncode(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = std::isalnum(byte) != 0 || c == '-' || c == '.' || c == '_' || c == '~';
    encoded += plain ? std::string(1, c) : fmt::format("%{:02X}", byte);
  }
  return encoded;
}

std::string TagOf(std::string version) {
  std::replace(version.begin(), version.end(), '+', '_');
  return version;
}

// Three numbers, and what may follow: "1.2.3-rc.1+build".
bool IsStrict(std::string_view version) {
  const size_t end = std::min(version.find_first_of("-+"), version.size());
  return std::count(version.begin(), version.begin() + static_cast<std::ptrdiff_t>(end), '.') ==
             2 &&
         std::isdigit(static_cast<unsigned char>(version.front())) != 0;
}

}  // namespace

core::Status CheckAnswer(const WebAnswer& answer, const std::string& shown) {
  if (answer.status == 200) return core::Ok();
  const std::string text = fmt::format("{}: the server answers {}", shown, answer.status);
  if (answer.status == 404) return core::NotFound(text);
  if (answer.status == 401 || answer.status == 403) {
    return core::Forbidden(text + ": other credentials are needed, or it is not there");
  }
  if (answer.status == 429 || answer.status >= 500) return core::Unavailable(text);
  return core::Invalid(text);
}

core::Status Registry::Authorize(const std::string& challenge) {
  constexpr std::string_view kBearer = "bearer ";
  std::string scheme = challenge.substr(0, kBearer.size());
  std::transform(scheme.begin(), scheme.end(), scheme.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (scheme != kBearer) return core::Forbidden(Shown() + ": credentials are needed");
  std::map<std::string, std::string> parameters =
      Parameters(std::string_view(challenge).substr(kBearer.size()));
  const std::string& realm = parameters["realm"];
  if (!realm.starts_with("https://")) {
    return core::Invalid(Shown() + ": it names no https address that gives tokens");
  }
  std::string scope = parameters["scope"];
  if (scope.empty()) scope = fmt::format("repository:{}:pull", path_);
  WebRequest request;
  request.url = fmt::format("{}{}service={}&scope={}", realm,
                            realm.find('?') == std::string::npos ? '?' : '&',
                            PercentEncode(parameters["service"]), PercentEncode(scope));
  request.credentials_of = host_;
  request.bytes_max = kTokenBytesMax;
  request.may_redirect = false;
  core::Result<WebAnswer> answer = web_.Get(request);
  if (!answer) return answer.error();
  if (core::Status fine = CheckAnswer(*answer, Shown() + ", asked for a token"); !fine) return fine;
  Heap heap;
  const core::Result<Value> json = ReadJson(answer->body, &heap);
  token_ = json ? TextAt(*json, "token") : "";
  if (json && token_.empty()) token_ = TextAt(*json, "access_token");
  const bool printable =
      std::all_of(token_.begin(), token_.end(), [](unsigned char c) { return c > ' ' && c < 127; });
  if (!token_.empty() && printable) return core::Ok();
  return core::Invalid(Shown() + ": where it sends for tokens there is none");
}

core::Result<WebAnswer> Registry::Get(const std::string& below, const std::string& accept,
                                      size_t bytes_max) {
  WebRequest request;
  request.url = fmt::format("https://{}{}", host_, below);
  request.accept = accept;
  request.bytes_max = bytes_max;
  request.bearer = token_;
  core::Result<WebAnswer> answer = web_.Get(request);
  if (!answer || answer->status != 401 || answer->authenticate.empty()) return answer;
  if (core::Status authorized = Authorize(answer->authenticate); !authorized) {
    return authorized.error();
  }
  request.bearer = token_;
  return web_.Get(request);
}

core::Result<std::vector<std::string>> Registry::Versions() {
  std::vector<std::string> versions;
  std::string page = fmt::format("/v2/{}/tags/list?n=1000", path_);
  for (int pages = 0; !page.empty(); ++pages) {
    if (pages == kTagPagesMax) {
      return core::Invalid(fmt::format("{}: more than {} pages of tags", Shown(), kTagPagesMax));
    }
    core::Result<WebAnswer> answer = Get(page, "application/json", kManifestBytesMax);
    if (!answer) return answer.error();
    if (core::Status fine = CheckAnswer(*answer, Shown()); !fine) return fine.error();
    Heap heap;
    const core::Result<Value> json = ReadJson(answer->body, &heap);
    const Value* tags = json && json->is_map() && json->map() ? json->map()->Find("tags") : nullptr;
    if (!tags) return core::Invalid(Shown() + ": a list of tags expected");
    for (const Value& tag : tags->is_list() ? tags->items() : std::span<Value>()) {
      std::string version(tag.is_string() ? tag.text() : "");
      std::replace(version.begin(), version.end(), '_', '+');
      if (!version.empty() && IsStrict(version)) versions.push_back(std::move(version));
    }
    page = NextPage(answer->link, host_);
  }
  return versions;
}

core::Result<Registry::Layer> Registry::FindLayer(const std::string& version) {
  const std::string shown = Shown() + ":" + TagOf(version);
  core::Result<WebAnswer> answer = Get(fmt::format("/v2/{}/manifests/{}", path_, TagOf(version)),
                                       std::string(kManifest), kManifestBytesMax);
  if (!answer) return answer.error();
  if (core::Status fine = CheckAnswer(*answer, shown); !fine) return fine.error();
  if (!answer->digest.empty() &&
      answer->digest != std::string(kSha256) + core::Sha256(answer->body)) {
    return core::Invalid(shown + ": the manifest has another digest than the registry says");
  }
  Heap heap;
  const core::Result<Value> json = ReadJson(answer->body, &heap, {.keep_integers = true});
  if (!json) return json.error().In(shown + ": manifest");
  const Value* layers = json->is_map() && json->map() ? json->map()->Find("layers") : nullptr;
  for (const Value& layer : layers && layers->is_list() ? layers->items() : std::span<Value>()) {
    const std::string type = TextAt(layer, "mediaType"), digest = TextAt(layer, "digest");
    if (type != kChartLayer && type != kOldChartLayer) continue;
    const Value* size = layer.map()->Find("size");
    if (!IsSha256(digest) || !size || !size->is_integer() || size->integer() <= 0) {
      return core::Invalid(shown + ": manifest: digest (sha256:...) and size of a layer expected");
    }
    return Layer{digest.substr(kSha256.size()), static_cast<size_t>(size->integer())};
  }
  return core::Invalid(shown + " is no chart: its manifest has no layer of type " +
                       std::string(kChartLayer));
}

core::Result<std::string> Registry::Read(const Layer& layer) {
  const std::string digest = std::string(kSha256) + layer.digest;
  core::Result<WebAnswer> answer =
      Get(fmt::format("/v2/{}/blobs/{}", path_, digest), "", layer.bytes);
  if (!answer) return answer.error();
  if (core::Status fine = CheckAnswer(*answer, Shown() + "@" + digest); !fine) return fine.error();
  if (answer->body.size() != layer.bytes) {
    return core::Invalid(fmt::format("{}@{}: {} bytes expected, {} found", Shown(), digest,
                                     layer.bytes, answer->body.size()));
  }
  const std::string found = core::Sha256(answer->body);
  if (found != layer.digest) {
    return core::Invalid(
        fmt::format("{}: digest {} expected, {} found", Shown(), layer.digest, found));
  }
  return std::move(answer->body);
}

}  // namespace headgate::templating::helm
