// urlParse and urlJoin: URLs as maps.

#include <string>

#include "templating/helm/functions/functions.h"
#include "templating/helm/functions/url.h"
#include "templating/helm/functions/values.h"

namespace headgate::templating::helm {
namespace {

Value Parse(Call& call) {
  std::string error;
  const std::optional<Url> url = ParseUrl(call.Text(0), &error);
  if (!url) return call.Fail("unable to parse url: " + error);
  const std::pair<std::string_view, std::string> kParts[] = {
      {"scheme", url->scheme},       {"host", url->host},
      {"hostname", url->Hostname()}, {"path", url->path},
      {"query", url->query},         {"opaque", url->opaque},
      {"fragment", url->fragment},   {"userinfo", url->user ? url->user->Text() : ""},
  };
  Map* map = call.heap()->NewMap(std::size(kParts));
  for (const auto& [name, text] : kParts) map->Set(name, call.New(text), call.heap());
  return Value::Of(map);
}

// A part of the map: a text, or missing.
std::string Part(Call& call, std::string_view name) {
  const Value* value = call.map(0) ? call.map(0)->Find(name) : nullptr;
  if (!value || call.failed()) return "";
  if (value->is_string()) return std::string(value->text());
  call.Fail(value->is_nil()
                ? kNilDereference
                : "unable to parse " + std::string(name) + " key, must be of type string, but " +
                      std::string(KindName(*value)) + " found");
  return "";
}

Value Join(Call& call) {
  Url url;
  url.scheme = Part(call, "scheme");
  url.host = Part(call, "host");
  url.path = Part(call, "path");
  url.query = Part(call, "query");
  url.opaque = Part(call, "opaque");
  url.fragment = Part(call, "fragment");
  if (const std::string user = Part(call, "userinfo"); !user.empty()) {
    std::string error;
    const std::optional<Url> parsed = ParseUrl("proto://" + user + "@host", &error);
    if (!parsed) return call.Fail("unable to parse userinfo in dict: " + error);
    url.user = parsed->user;
  }
  return call.failed() ? Value() : call.New(url.Text());
}

constexpr Function kFunctions[] = {
    {"urlParse", {Type::kString}, Parse},
    {"urlJoin", {Type::kMap}, Join},
};

}  // namespace

void AddUrls(FunctionTable* table) { table->Add(kFunctions); }

}  // namespace headgate::templating::helm
