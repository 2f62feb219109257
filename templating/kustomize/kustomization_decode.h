#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/result.h"
#include "templating/kustomize/transform.h"
#include "templating/yaml/node.h"

// Reads YAML into structs as Go's encoding/json does after sigs.k8s.io/yaml turned the YAML into
// JSON: that is how kustomize reads a kustomization and all configuration. Null leaves a field as
// it was; the case of a field's name does not matter.
namespace headgate::templating::kustomize {

struct DecodeRules {
  bool unknown_fields = true;  // are let pass; else an error
  // Numbers and booleans become strings where a string is wanted; else an error. Never so in the
  // fields of embedded structs, where sigs.k8s.io/yaml forgets to.
  bool coerce = true;
  bool old_booleans = true;  // yes, no, on, off, y and n: the reader was go-yaml 2
};

// A value, and the line where it was written (0 for none).
template <class T>
struct At {
  T value = {};
  uint32_t line = 0;
  uint32_t text_line = 0;  // of a string's first line: a block's begins below its indicator
};
using Text = At<std::string_view>;

class Fields;

// One per document. Texts that it hands out live as long as the nodes, or in the arena.
class Decoder {
 public:
  Decoder(std::string_view file, DecodeRules rules, yaml::Arena* arena)
      : file_(file), rules_(rules), arena_(arena) {}

  // kInvalid: "FILE:LINE: patches[2].target.name: a string expected, found the number 5".
  core::Status Into(const yaml::Node& node, std::string_view* to);
  core::Status Into(const yaml::Node& node, bool* to);
  core::Status Into(const yaml::Node& node, int64_t* to);
  core::Status Into(const yaml::Node& node, StringPairs* to);        // a map; sorted by key
  core::Status Into(const yaml::Node& node, const yaml::Node** to);  // a mapping of any fields

  template <class T>
  core::Status Into(const yaml::Node& node, std::optional<T>* to) {
    if (node.is_null()) return core::Ok();
    return Into(node, &to->emplace());
  }
  template <class T>
  core::Status Into(const yaml::Node& node, At<T>* to) {
    const bool block = node.style == yaml::Style::kLiteral || node.style == yaml::Style::kFolded;
    to->line = node.line;
    to->text_line = node.line + (node.line > 0 && block ? 1 : 0);
    return Into(node, &to->value);
  }
  template <class T>
  core::Status Into(const yaml::Node& node, std::vector<T>* to) {
    if (node.is_null()) return core::Ok();
    if (!node.is_sequence()) return Unexpected(node, "a list");
    to->clear();
    to->reserve(node.size);
    for (const yaml::Node* item : node.children()) {
      path_.push_back({{}, to->size()});
      if (core::Status fine = Into(*item, &to->emplace_back()); !fine) return fine;
      path_.pop_back();
    }
    return core::Ok();
  }
  // A struct: some overload of Describe(Fields*, T*) names its fields.
  template <class T>
  requires std::is_class_v<T> core::Status Into(const yaml::Node& node, T* to);

  core::Error Unexpected(const yaml::Node& found, std::string_view wanted) const;
  core::Error At(const yaml::Node& node, std::string_view what) const;

 private:
  friend class Fields;
  struct Part {
    std::string_view name;  // of a field; else an index
    size_t index = 0;
  };

  std::string_view file_;
  DecodeRules rules_;
  yaml::Arena* arena_;
  std::vector<Part> path_;  // to the node at hand
  bool embedded_ = false;   // within a field of an embedded struct
};

// The entries of one mapping, given to the fields of a struct.
class Fields {
 public:
  Fields(const yaml::Node& mapping, Decoder* decoder)
      : mapping_(mapping), decoder_(*decoder), used_(mapping.entries()) {}

  template <class T>
  void operator()(std::string_view name, T* to) {
    names_.push_back(name);
    const yaml::Node* value = Take(name);
    if (!value || !status_) return;
    decoder_.path_.push_back({name, 0});
    status_ = decoder_.Into(*value, to);
    if (status_) decoder_.path_.pop_back();
  }
  // A field of an embedded struct.
  template <class T>
  void Embedded(std::string_view name, T* to) {
    const bool before = std::exchange(decoder_.embedded_, true);
    (*this)(name, to);
    decoder_.embedded_ = before;
  }

  // All fields of an embedded struct.
  template <class T>
  void Embed(T* to) {
    const bool before = std::exchange(decoder_.embedded_, true);
    Describe(this, to);
    decoder_.embedded_ = before;
  }

  uint32_t line() const { return mapping_.line; }
  core::Status Finish() const;  // the first error, or a field that nobody asked for

 private:
  const yaml::Node* Take(std::string_view name);

  const yaml::Node& mapping_;
  Decoder& decoder_;
  std::vector<bool> used_;               // by entry
  std::vector<std::string_view> names_;  // that were asked for
  core::Status status_ = core::Ok();
};

template <class T>
requires std::is_class_v<T> core::Status Decoder::Into(const yaml::Node& node, T* to) {
  if (node.is_null()) return core::Ok();
  if (!node.is_mapping()) return Unexpected(node, "a mapping");
  Fields fields(node, this);
  Describe(&fields, to);
  return fields.Finish();
}

// A tree as sigs.k8s.io/yaml makes JSON of it: keys are texts, each once (the last one counts), and
// scalars are null, booleans, numbers or texts. kInvalid for keys that cannot be texts.
core::Result<yaml::Node*> InJson(const yaml::Node& node, bool old_booleans, yaml::Arena* arena);

// A key of a map as JSON has it. kInvalid for null, lists and mappings.
core::Result<std::string_view> KeyText(const yaml::Node& key, bool old_booleans,
                                       yaml::Arena* arena);

}  // namespace headgate::templating::kustomize
