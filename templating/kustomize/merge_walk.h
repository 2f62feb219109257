#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "templating/kustomize/schema.h"
#include "templating/yaml/node.h"

namespace headgate::templating::kustomize {

// What a patch says about a whole mapping or list.
enum class Directive : uint8_t { kMerge, kReplace, kDelete, kUnknown };
Directive ParseDirective(std::string_view text);

// Nothing, or what prints as nothing: such fields and items are not kept.
inline bool IsNothing(const yaml::Node* node) { return !node || node->is_null(); }

// An entry of a mapping; both are nullptr where there is none.
struct Entry {
  yaml::Node* key = nullptr;
  yaml::Node* value = nullptr;
};

// One merge. In all functions `dest` is of the body and `from` is of the patch; either may be
// nullptr. They are the same node where the patch's own nodes are merged with themselves, which is
// how kustomize tidies what it adds.
class Merge {
 public:
  Merge(const Schema& schema, yaml::Arena* arena) : schema_(schema), arena_(arena) {}

  // What takes the place of both; nullptr for nothing.
  core::Result<yaml::Node*> Walk(yaml::Node* dest, yaml::Node* from, SchemaType type);
  // An error of Walk with its path.
  core::Error Explain(const core::Error& error) const;

 private:
  using Items = std::vector<yaml::Node*>;

  SchemaType TypeOf(const yaml::Node* dest, const yaml::Node* from) const;
  // What a comment says that is a JSON schema.
  SchemaType CommentType(const yaml::Node* node) const {
    return node && node->extra ? ReadComment(node) : SchemaType();
  }
  SchemaType ReadComment(const yaml::Node* node) const;
  core::Error Mismatch(std::string_view wanted, const yaml::Node& found);
  core::Error Fail(std::string text, const yaml::Node& at);

  core::Result<yaml::Node*> WalkMapping(yaml::Node* dest, yaml::Node* from, SchemaType type);
  core::Result<yaml::Node*> Settle(yaml::Node* dest, yaml::Node* from);
  core::Result<Directive> TakeDirective(yaml::Node* patch);
  core::Status WalkEntries(yaml::Node* dest, yaml::Node* from, SchemaType type);
  core::Result<yaml::Node*> WalkEntry(const Entry& dest, const Entry& from, SchemaType type);

  core::Result<yaml::Node*> WalkList(yaml::Node* dest, yaml::Node* from, SchemaType type);
  core::Result<Directive> TakeListDirective(yaml::Node* patch);

  // Lists whose items all have their keys, each of its own: by index.
  core::Status MergeRegular(yaml::Node* dest, yaml::Node* from, SchemaType item_type,
                            const std::vector<std::string_view>& keys);
  core::Status WalkItems(yaml::Node* list, bool with_itself, SchemaType item_type);

  // All others, in the very steps of kustomize; quadratic, and so with a bound.
  using Texts = std::vector<std::string_view>;
  core::Status MergeIrregular(yaml::Node* dest, yaml::Node* from, SchemaType item_type,
                              const Texts& keys);
  core::Status SetItem(const Texts& keys, const Texts& values, yaml::Node* item, Items* list);
  core::Result<bool> Fits(const yaml::Node& item, const Texts& keys, const Texts& values);
  core::Status AppendList(const Items& from, const Texts& keys, Items* list);
  core::Status Complete(const Texts& keys, const Texts& values, yaml::Node* item);

  const Schema& schema_;
  yaml::Arena* arena_;
  // Of an error: the keys that lead to it, innermost first, and the line.
  std::vector<std::string_view> trail_;
  uint32_t line_ = 0;
};

// Which of a list's keys tell items apart: those that any item has. Nothing where items are not
// regular: some lack what others have, or two have the same.
bool IsRegular(const yaml::Node& dest, const yaml::Node* from,
               const std::vector<std::string_view>& keys, std::vector<std::string_view>* used);

}  // namespace headgate::templating::kustomize
