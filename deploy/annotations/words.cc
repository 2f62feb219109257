#include "deploy/annotations/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <sstream>

namespace headgate::deploy {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";
constexpr std::string_view kChangeGroup = "kapp.k14s.io/change-group";
constexpr std::string_view kChangeRule = "kapp.k14s.io/change-rule";

std::vector<std::string> Split(std::string_view text, char by) {
  std::vector<std::string> parts;
  while (true) {
    const size_t end = text.find(by);
    parts.push_back(Trimmed(text.substr(0, end)));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

core::Result<core::ObjectRef> ParseReference(const std::string& text) {
  const std::vector<std::string> parts = Split(text, '/');
  const bool namespaced = parts.size() == 5 && parts[1] == "namespaces";
  const core::ObjectRef ref = namespaced ? core::ObjectRef{parts[0], parts[3], parts[2], parts[4]}
                              : parts.size() == 3
                                  ? core::ObjectRef{parts[0], parts[1], "", parts[2]}
                                  : core::ObjectRef{};
  if (ref.kind.empty() || ref.name.empty() || (namespaced && ref.namespace_name.empty())) {
    return core::Invalid(fmt::format(
        "GROUP/namespaces/NAMESPACE/KIND/NAME or GROUP/KIND/NAME was expected, not \"{}\"", text));
  }
  return ref;
}

bool IsOrDots(std::string_view key, std::string_view name) {
  return key == name || (key.starts_with(name) && key[name.size()] == '.');
}

// "upsert after upserting apps.example.com/db"
core::Status ReadRule(const std::string& text, std::vector<std::string>* after,
                      std::vector<std::string>* before) {
  std::istringstream words(text);
  std::string what, where, other, group, more;
  words >> what >> where >> other >> group;
  const bool form = !group.empty() && !(words >> more) && (what == "upsert" || what == "delete") &&
                    (where == "after" || where == "before") &&
                    (other == "upserting" || other == "deleting");
  if (!form) {
    return core::Invalid(fmt::format(
        "annotation {}: \"upsert after upserting GROUP\" or the like was expected, not \"{}\"",
        kChangeRule, text));
  }
  if (what == "upsert" && other == "upserting") {
    (where == "after" ? after : before)->push_back(group);
  }
  return core::Ok();
}

}  // namespace

std::string Trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return "";
  return std::string(text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1));
}

std::vector<std::string> SplitWords(std::string_view text) {
  std::vector<std::string> words = Split(text, ',');
  std::erase(words, "");
  return words;
}

bool IsWord(std::string_view text, std::string_view word) {
  return std::equal(text.begin(), text.end(), word.begin(), word.end(), [](char a, char b) {
    return std::tolower(static_cast<unsigned char>(a)) ==
           std::tolower(static_cast<unsigned char>(b));
  });
}

core::Result<std::vector<core::ObjectRef>> ParseDependsOn(std::string_view text) {
  std::vector<core::ObjectRef> refs;
  for (const std::string& each : SplitWords(text)) {
    core::Result<core::ObjectRef> ref = ParseReference(each);
    if (!ref) return ref.error();
    refs.push_back(std::move(*ref));
  }
  return refs;
}

core::Status ReadKapp(const core::Value& body, std::vector<std::string>* groups,
                      std::vector<std::string>* after, std::vector<std::string>* before) {
  for (const core::Map::Entry& entry : body.MapAt("metadata", "annotations")) {
    const std::string* text = entry.second.AsString();
    if (!text) continue;
    if (IsOrDots(entry.first, kChangeGroup)) groups->push_back(Trimmed(*text));
    if (!IsOrDots(entry.first, kChangeRule)) continue;
    if (core::Status read = ReadRule(*text, after, before); !read) return read;
  }
  return core::Ok();
}

}  // namespace headgate::deploy
