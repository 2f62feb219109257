#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "templating/kustomize/field_path.h"
#include "templating/kustomize/transform.h"
#include "templating/kustomize/transform_fields.h"

namespace headgate::templating::kustomize {
namespace {

using yaml::Node;

// "host:5000/app:v1@sha256:..." in its parts. A host ends at the first slash.
struct Reference {
  std::string_view name, tag, digest;
};

Reference Split(std::string_view text) {
  const size_t slash = text.find('/');
  const size_t from = slash == std::string_view::npos ? 0 : slash;
  const size_t at = text.find('@', from);
  size_t colon = text.find(':', from);
  if (at != std::string_view::npos && colon != std::string_view::npos && at < colon) {
    colon = std::string_view::npos;
  }
  Reference reference;
  reference.name = text.substr(0, std::min({at, colon, text.size()}));
  if (colon != std::string_view::npos) {
    const size_t end = std::min(at, text.size());
    reference.tag = text.substr(colon + 1, end - colon - 1);
  }
  if (at != std::string_view::npos) reference.digest = text.substr(at + 1);
  return reference;
}

// What kustomize allows in tags and digests.
size_t WordLength(std::string_view text) {
  size_t length = 0;
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_.{}-").find(c) != std::string_view::npos;
  };
  while (length < text.size() && fits(text[length])) ++length;
  return length;
}

// Whether nothing, a tag or a digest may begin here.
bool IsEnd(std::string_view text) {
  return text.empty() || text.front() == ':' || text.front() == '@';
}

// Whether what follows a name is nothing, a tag, a digest, or both.
bool IsTagAndDigest(std::string_view text) {
  constexpr std::string_view kDigest = "@sha256:";
  if (text.starts_with(':')) {
    text.remove_prefix(1);
    text.remove_prefix(WordLength(text));
  }
  if (text.starts_with(kDigest)) {
    text.remove_prefix(kDigest.size());
    text.remove_prefix(WordLength(text));
  }
  return text.empty();
}

// An entry of `images`, with the pattern of the images that it is about. Most patterns have no
// operator but '.', and need no regular expression.
class Change {
 public:
  explicit Change(const ImageConfig& config) : config_(config) {
    if (config.name.find_first_of(R"(\+*?()|[]{}^$)") == std::string_view::npos) return;
    RE2::Options options;
    options.set_log_errors(false);
    pattern_ = std::make_unique<RE2>(
        fmt::format("^{}(:[a-zA-Z0-9_.{{}}-]*)?(@sha256:[a-zA-Z0-9_.{{}}-]*)?$", config.name),
        options);
  }

  core::Status Apply(Node* node, yaml::Arena* arena) const {
    if (!node->is_scalar()) return Unexpected("image", "a text", *node);
    if (pattern_ && !pattern_->ok()) {
      return core::Invalid(fmt::format("images: a regular expression expected, found \"{}\": {}",
                                       config_.name, pattern_->error()));
    }
    if (!Fits(node->text())) return core::Ok();
    return SetScalar(Changed(Split(node->text()), arena), yaml::Tag::kNone, node);
  }

 private:
  bool Fits(std::string_view text) const {
    if (pattern_) return RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *pattern_);
    const std::string_view name = config_.name;
    // Where an end cannot follow, only characters of several bytes could make it fit.
    const bool may_end = text.size() >= name.size() && IsEnd(text.substr(name.size()));
    if (!may_end) return !IsAscii(text) && FitsRunes(text);
    // From the end, where names of one registry differ first.
    for (size_t i = name.size(); i > 0; --i) {
      const char c = text[i - 1];
      if (name[i - 1] == c || (name[i - 1] == '.' && c != '\n')) continue;
      return !IsAscii(text) && FitsRunes(text);
    }
    return IsTagAndDigest(text.substr(name.size())) || (!IsAscii(text) && FitsRunes(text));
  }

  static bool IsAscii(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0; });
  }

  // A '.' is one character, however many bytes it has; the text is UTF-8.
  bool FitsRunes(std::string_view text) const {
    for (char c : config_.name) {
      if (text.empty() || (c != '.' && c != text.front()) || text.front() == '\n') return false;
      do {
        text.remove_prefix(1);
      } while (c == '.' && !text.empty() && (static_cast<unsigned char>(text[0]) & 0xC0) == 0x80);
    }
    return IsTagAndDigest(text);
  }

  std::string_view Changed(Reference image, yaml::Arena* arena) const {
    std::string_view suffix;
    if (!config_.new_name.empty()) image.name = config_.new_name;
    if (!config_.new_tag.empty() || !config_.digest.empty()) {
      image.tag = config_.new_tag;
      image.digest = config_.digest;
    } else if (!config_.tag_suffix.empty()) {
      suffix = config_.tag_suffix;
      image.digest = {};
    }
    const bool has_tag = !image.tag.empty() || !suffix.empty(), has_digest = !image.digest.empty();
    return arena->Join(
        {image.name, has_tag ? ":" : "", image.tag, suffix, has_digest ? "@" : "", image.digest});
  }

  const ImageConfig& config_;
  std::unique_ptr<RE2> pattern_;
};

// The `image` of every item of every list called containers or initContainers, wherever it stands.
core::Status FindBelow(Node* node, std::vector<Node*>* found) {
  for (Node* item : node->is_sequence() ? node->children() : std::span<Node* const>()) {
    core::Status below = FindBelow(item, found);
    if (!below) return below;
  }
  for (size_t i = 0; i < node->entries(); ++i) {
    Node* value = node->value(i);
    if (value->is_scalar()) continue;
    core::Status below = FindBelow(value, found);
    if (!below) return below;
    const std::string_view key = node->key(i)->text();
    if (!value->is_sequence() || (key != "containers" && key != "initContainers")) continue;
    for (const Node* item : value->children()) {
      if (item->is_null()) continue;
      if (!item->is_mapping()) return Unexpected(key, "a list of mappings", *item);
      if (Node* image = item->Find("image")) found->push_back(image);
    }
  }
  return core::Ok();
}

}  // namespace

core::Status SetImages(const std::vector<ImageConfig>& images, const FieldSpecs& fields,
                       Build* build, ResourceMap* all) {
  std::vector<Change> changes;
  for (const ImageConfig& each : images) changes.emplace_back(each);
  if (changes.empty()) return core::Ok();
  std::vector<Node*> found;
  for (const auto& each : all->all()) {
    if (each->id.kind == "CustomResourceDefinition") continue;
    found.clear();
    core::Status below = FindBelow(each->body, &found);
    if (!below) return In(*each, below.error());
    // Those that are found twice are changed twice, as there: a suffix is added twice.
    for (const FieldSpec& spec : fields) {
      core::Status done =
          SetField(spec, Make::kNothing, build, each.get(), [&](Node* node) -> core::Status {
            found.push_back(node);
            return core::Ok();
          });
      if (!done) return done;
    }
    for (const Change& change : changes) {
      for (Node* node : found) {
        core::Status changed = change.Apply(node, build->arena);
        if (!changed) return In(*each, changed.error());
      }
    }
  }
  return core::Ok();
}

}  // namespace headgate::templating::kustomize
