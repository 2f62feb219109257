#include "templating/kustomize/kustomization_decode.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <unordered_map>
#include <variant>

#include "templating/kustomize/nearest.h"
#include "templating/yaml/parse.h"
#include "templating/yaml/resolve.h"

namespace headgate::templating::kustomize {
namespace {

using yaml::Tag;

// What go-yaml 2 takes for booleans beside true and false.
bool IsOldBoolean(std::string_view text) {
  static constexpr std::array<std::string_view, 16> kWords = {
      "y", "Y", "yes", "Yes", "YES", "on",  "On",  "ON",
      "n", "N", "no",  "No",  "NO",  "off", "Off", "OFF"};
  return text.size() <= 3 && std::find(kWords.begin(), kWords.end(), text) != kWords.end();
}

Tag TagOf(const yaml::Node& node, bool old_booleans) {
  const Tag tag = yaml::PrintedTag(node);
  const bool plain = node.style == yaml::Style::kPlain && !node.explicit_tag;
  return old_booleans && tag == Tag::kString && plain && IsOldBoolean(node.text()) ? Tag::kBool
                                                                                   : tag;
}

bool Truth(std::string_view text) {
  const char first = text.empty() ? 'n' : text[0];
  const char second = text.size() < 2 ? ' ' : text[1];
  return first == 't' || first == 'T' || first == 'y' || first == 'Y' ||
         ((first == 'o' || first == 'O') && (second == 'n' || second == 'N'));
}

// Go's strconv.FormatFloat(number, 'g', -1, 32): sigs.k8s.io/yaml halves the precision.
std::string ShowFloat(double number) {
  if (std::isnan(number)) return "NaN";
  if (std::isinf(number)) return number > 0 ? "+Inf" : "-Inf";
  std::array<char, 64> out;
  const float halved = static_cast<float>(number);
  const auto end =
      std::to_chars(out.data(), out.data() + out.size(), halved, std::chars_format::scientific).ptr;
  const std::string_view scientific(out.data(), static_cast<size_t>(end - out.data()));
  int exponent = 0;
  const size_t e = scientific.find('e');
  const char* from = scientific.data() + e + (scientific[e + 1] == '+' ? 2 : 1);
  std::from_chars(from, end, exponent);
  if (exponent < -4 || exponent >= 6) return std::string(scientific);
  std::array<char, 64> fixed;
  const auto fixed_end =
      std::to_chars(fixed.data(), fixed.data() + fixed.size(), halved, std::chars_format::fixed)
          .ptr;
  return {fixed.data(), fixed_end};
}

std::string ShowScalar(const yaml::Node& node, Tag tag) {
  if (tag == Tag::kBool) return Truth(node.text()) ? "true" : "false";
  const std::optional<yaml::Number> number = yaml::ParseNumber(node.text());
  if (!number) return std::string(node.text());
  if (const double* real = std::get_if<double>(&*number)) return ShowFloat(*real);
  if (const uint64_t* large = std::get_if<uint64_t>(&*number)) return std::to_string(*large);
  return std::to_string(std::get<int64_t>(*number));
}

std::string ShowFound(const yaml::Node& node, Tag tag) {
  if (node.is_mapping()) return "a mapping";
  if (node.is_sequence()) return "a list";
  switch (tag) {
    case Tag::kNull:
      return "null";
    case Tag::kBool:
      return fmt::format("the boolean {}", node.text());
    case Tag::kInt:
    case Tag::kFloat:
      return fmt::format("the number {}", node.text());
    default:
      return node.text().size() > 40 ? "a string" : fmt::format("the string \"{}\"", node.text());
  }
}

char Fold(char letter) {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + 'a' - 'A') : letter;
}

bool SameName(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                            [](char x, char y) { return Fold(x) == Fold(y); });
}

}  // namespace

core::Error Decoder::At(const yaml::Node& node, std::string_view what) const {
  std::string path;
  for (const Part& part : path_) {
    if (part.name.empty()) {
      path += fmt::format("[{}]", part.index);
    } else {
      path += (path.empty() ? "" : ".") + std::string(part.name);
    }
  }
  const std::string where = node.line ? fmt::format("{}:{}", file_, node.line) : std::string(file_);
  return core::Invalid(path.empty() ? fmt::format("{}: {}", where, what)
                                    : fmt::format("{}: {}: {}", where, path, what));
}

core::Error Decoder::Unexpected(const yaml::Node& found, std::string_view wanted) const {
  const Tag tag = TagOf(found, rules_.old_booleans);
  return At(found, fmt::format("{} expected, found {}", wanted, ShowFound(found, tag)));
}

core::Status Decoder::Into(const yaml::Node& node, std::string_view* to) {
  const Tag tag = TagOf(node, rules_.old_booleans);
  if (tag == Tag::kNull && node.is_scalar()) return core::Ok();
  if (!node.is_scalar()) return Unexpected(node, "a string");
  if (tag != Tag::kBool && tag != Tag::kInt && tag != Tag::kFloat) {
    *to = node.text();
    return core::Ok();
  }
  if (!rules_.coerce || embedded_) {
    return At(node,
              fmt::format("a string expected, found {}: put it in quotes", ShowFound(node, tag)));
  }
  *to = arena_->Copy(ShowScalar(node, tag));
  return core::Ok();
}

core::Status Decoder::Into(const yaml::Node& node, bool* to) {
  if (node.is_null()) return core::Ok();
  if (!node.is_scalar() || TagOf(node, rules_.old_booleans) != Tag::kBool) {
    return Unexpected(node, "true or false");
  }
  *to = Truth(node.text());
  return core::Ok();
}

core::Status Decoder::Into(const yaml::Node& node, int64_t* to) {
  if (node.is_null()) return core::Ok();
  const Tag tag = TagOf(node, rules_.old_booleans);
  if (!node.is_scalar() || (tag != Tag::kInt && tag != Tag::kFloat)) {
    return Unexpected(node, "an integer");
  }
  const std::optional<yaml::Number> number = yaml::ParseNumber(node.text());
  const int64_t* integer = number ? std::get_if<int64_t>(&*number) : nullptr;
  if (integer) {
    *to = *integer;
    return core::Ok();
  }
  // 1e3 is 1000 in JSON, too.
  const double* real = number ? std::get_if<double>(&*number) : nullptr;
  if (!real || !(std::abs(*real) < 9.2e18) || std::floor(*real) != *real) {
    return Unexpected(node, "an integer of 64 bits");
  }
  *to = static_cast<int64_t>(*real);
  return core::Ok();
}

core::Status Decoder::Into(const yaml::Node& node, StringPairs* to) {
  if (node.is_null()) return core::Ok();
  if (!node.is_mapping()) return Unexpected(node, "a mapping");
  to->clear();
  for (size_t i = 0; i < node.entries(); ++i) {
    const core::Result<std::string_view> key = KeyText(*node.key(i), rules_.old_booleans, arena_);
    if (!key) return At(*node.key(i), key.error().text());
    to->emplace_back(*key, std::string_view());
    path_.push_back({*key, 0});
    if (core::Status fine = Into(*node.value(i), &to->back().second); !fine) return fine;
    path_.pop_back();
  }
  // Where a key is given twice the last one counts.
  std::reverse(to->begin(), to->end());
  const auto by_key = [](const auto& a, const auto& b) { return a.first < b.first; };
  std::stable_sort(to->begin(), to->end(), by_key);
  const auto same = [](const auto& a, const auto& b) { return a.first == b.first; };
  to->erase(std::unique(to->begin(), to->end(), same), to->end());
  return core::Ok();
}

core::Status Decoder::Into(const yaml::Node& node, const yaml::Node** to) {
  if (node.is_null()) return core::Ok();
  if (!node.is_mapping()) return Unexpected(node, "a mapping");
  *to = &node;
  return core::Ok();
}

// The value for a field: of several whose names differ only in case, the one that JSON has last.
const yaml::Node* Fields::Take(std::string_view name) {
  std::string_view last;
  const yaml::Node* value = nullptr;
  for (size_t i = 0; i < mapping_.entries(); ++i) {
    const std::string_view key = mapping_.key(i)->text();
    if (!SameName(key, name)) continue;
    used_[i] = true;
    if (value && key < last) continue;
    last = key;
    value = mapping_.value(i);
  }
  return value;
}

core::Status Fields::Finish() const {
  if (!status_ || decoder_.rules_.unknown_fields) return status_;
  for (size_t i = 0; i < used_.size(); ++i) {
    if (used_[i]) continue;
    const yaml::Node& key = *mapping_.key(i);
    return decoder_.At(
        key, fmt::format("unknown field {}{}", key.text(), DidYouMean(key.text(), names_)));
  }
  return core::Ok();
}

core::Result<yaml::Node*> InJson(const yaml::Node& node, bool old_booleans, yaml::Arena* arena) {
  if (node.is_sequence()) {
    yaml::Node* list = arena->NewSequence(node.size);
    for (const yaml::Node* item : node.children()) {
      const core::Result<yaml::Node*> made = InJson(*item, old_booleans, arena);
      if (!made) return made;
      list->Append(arena, *made);
    }
    return list;
  }
  if (node.is_mapping()) {
    std::unordered_map<std::string_view, size_t> places;
    yaml::Node* map = arena->NewMapping(node.entries());
    for (size_t i = 0; i < node.entries(); ++i) {
      const core::Result<std::string_view> key = KeyText(*node.key(i), old_booleans, arena);
      if (!key) return key.error();
      const core::Result<yaml::Node*> made = InJson(*node.value(i), old_booleans, arena);
      if (!made) return made;
      const auto [place, is_new] = places.try_emplace(*key, map->entries());
      if (is_new) {
        map->AppendEntry(arena, arena->NewScalar(*key), *made);
      } else {
        map->items[2 * place->second + 1] = *made;
      }
    }
    return map;
  }
  const Tag tag = TagOf(node, old_booleans);
  if (tag == Tag::kNull) return arena->NewNull();
  if (tag == Tag::kBool) return arena->NewBool(Truth(node.text()));
  return arena->NewScalar(node.text(), tag == Tag::kInt || tag == Tag::kFloat ? tag : Tag::kString);
}

core::Result<std::string_view> KeyText(const yaml::Node& key, bool old_booleans,
                                       yaml::Arena* arena) {
  const Tag tag = TagOf(key, old_booleans);
  if (!key.is_scalar() || tag == Tag::kNull) {
    return core::Invalid(fmt::format("a key is a string, found {}", ShowFound(key, tag)));
  }
  if (tag != Tag::kBool && tag != Tag::kInt && tag != Tag::kFloat) return key.text();
  return arena->Copy(ShowScalar(key, tag));
}

}  // namespace headgate::templating::kustomize
