#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "templating/helm/chart/schema/number.h"
#include "templating/helm/functions/regex.h"
#include "templating/helm/value.h"

namespace headgate::templating::helm {

struct SchemaNode;
// What text must be like; an empty answer is content, else it says what was expected.
using Format = std::string_view (*)(std::string_view text);

// JSON's types, as bits.
enum SchemaType : uint8_t {
  kNullType = 1,
  kBooleanType = 2,
  kNumberType = 4,
  kIntegerType = 8,
  kStringType = 16,
  kArrayType = 32,
  kObjectType = 64,
};

// One schema, compiled: its keywords, and the schemas that they lead to. Keywords that its draft
// does not know are not there.
struct SchemaNode {
  std::string location;             // "#/properties/a", for people
  int draft = 2020;                 // 4, 6, 7, 2019 or 2020
  std::optional<bool> always = {};  // true and false are schemas, too

  SchemaNode* resource = nullptr;  // the innermost one around it that has an id
  std::unordered_map<std::string, SchemaNode*> dynamic_anchors = {};  // of a resource

  SchemaNode* reference = nullptr;            // $ref
  SchemaNode* recursive_reference = nullptr;  // $recursiveRef
  SchemaNode* dynamic_reference = nullptr;    // $dynamicRef
  std::string dynamic_name = {};              // its anchor
  std::string dynamic_anchor = {};
  bool recursive_anchor = false;

  uint8_t types = 0;  // of SchemaType; 0 where any will do
  const Value* constant = nullptr;
  const Value* choices = nullptr;  // enum; a list
  Format format = nullptr;

  std::vector<SchemaNode*> all_of = {}, any_of = {}, one_of = {};
  SchemaNode *negated = nullptr, *condition = nullptr, *consequence = nullptr,
             *alternative = nullptr;

  // Objects
  std::optional<int64_t> properties_min = {}, properties_max = {};
  std::vector<std::string_view> required = {};
  std::unordered_map<std::string_view, SchemaNode*> properties = {};
  std::vector<std::pair<std::shared_ptr<const Regex>, SchemaNode*>> patterns = {};
  SchemaNode* additional = nullptr;
  std::optional<bool> additional_allowed = {};
  SchemaNode* names = nullptr;
  struct Dependent {
    std::string_view property;
    std::vector<std::string_view> required;
    SchemaNode* schema;
  };
  std::vector<Dependent> dependents = {};
  SchemaNode* unevaluated_properties = nullptr;

  // Lists. Up to 2019, `items` is for each item where there is no list of them.
  std::optional<int64_t> items_min = {}, items_max = {};
  bool unique = false;
  SchemaNode* items = nullptr;
  std::vector<SchemaNode*> first_items = {};
  SchemaNode* more_items = nullptr;  // behind first_items
  std::optional<bool> more_items_allowed = {};
  SchemaNode* contains = nullptr;
  std::optional<int64_t> contains_min = {}, contains_max = {};
  SchemaNode* unevaluated_items = nullptr;

  // Texts
  std::optional<int64_t> length_min = {}, length_max = {};
  std::shared_ptr<const Regex> pattern = {};
  std::string_view pattern_text = {};

  // Numbers
  std::optional<SchemaNumber> min = {}, max = {}, above = {}, below = {}, multiple_of = {};

  bool evaluates_all_properties() const { return additional || additional_allowed; }
  bool evaluates_all_items() const { return items || more_items || more_items_allowed; }
};

// Compiled schemas with all that they view. Constant once it is made; for many threads.
struct SchemaSet {
  Heap heap;                     // the documents
  std::deque<SchemaNode> nodes;  // whose pointers stay good
  SchemaNode* root = nullptr;
};

}  // namespace headgate::templating::helm
