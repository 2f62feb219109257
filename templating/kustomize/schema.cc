#include "templating/kustomize/schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "templating/kustomize/schema_given.h"
#include "templating/kustomize/schema_tables.h"

namespace headgate::templating::kustomize {
namespace {

using schema_tables::kNone;
using schema_tables::kTypes;

std::string_view Text(uint32_t text) { return {schema_tables::kTexts + (text >> 8), text & 0xFF}; }

// The place of a text in a sorted range of places; its end where there is none.
template <class Row, class TextOf>
const Row* FindSorted(const Row* first, const Row* last, std::string_view text, TextOf text_of) {
  const Row* found = std::lower_bound(
      first, last, text,
      [&](const Row& row, std::string_view wanted) { return text_of(row) < wanted; });
  return found != last && text_of(*found) == text ? found : last;
}

const schema_tables::KindRow* FindKind(std::string_view api_version, std::string_view kind) {
  using schema_tables::KindRow;
  const uint32_t* versions_end = schema_tables::kVersions + schema_tables::kVersionCount;
  const uint32_t* found = FindSorted(schema_tables::kVersions, versions_end, api_version, Text);
  if (found == versions_end) return nullptr;
  const auto version = static_cast<uint16_t>(found - schema_tables::kVersions);
  const KindRow* end = schema_tables::kKinds + schema_tables::kKindCount;
  const KindRow* row =
      std::lower_bound(schema_tables::kKinds, end, std::pair(version, kind),
                       [](const KindRow& at, const std::pair<uint16_t, std::string_view>& wanted) {
                         return at.version != wanted.first ? at.version < wanted.first
                                                           : Text(at.name) < wanted.second;
                       });
  return row != end && row->version == version && Text(row->name) == kind ? row : nullptr;
}

// The number of a built-in definition; kNone where there is none of that name.
uint16_t FindDefinition(std::string_view name) {
  const uint32_t* end = schema_tables::kDefinitions + schema_tables::kDefinitionCount;
  const uint32_t* found = FindSorted(schema_tables::kDefinitions, end, name, Text);
  return found == end ? kNone : static_cast<uint16_t>(found - schema_tables::kDefinitions);
}

// kustomize's own kinds stay known when another schema takes the place of the built-in one.
bool IsKustomizes(std::string_view api_version) {
  return api_version.starts_with("kustomize.config.k8s.io/");
}

enum class BuiltIn : uint8_t { kNotRead, kWanted, kRead };

}  // namespace

struct Schema::State {
  bool set = false;   // a kustomization said something
  bool read = false;  // since then
  // What is built in, and whether it was read behind what is given, so that it goes first.
  BuiltIn built_in = BuiltIn::kNotRead;
  bool built_in_last = false;

  std::string_view file;
  std::optional<std::string_view> text;
  std::unique_ptr<GivenSchema> given;
  std::optional<core::Error> fault;

  void Read();
  bool HasBuiltIn() const { return built_in == BuiltIn::kRead; }
  const yaml::Node* GivenDefinition(std::string_view name) const {
    return given ? given->Definition(name) : nullptr;
  }
  // Whether what is given hides a built-in definition.
  const yaml::Node* Hides(uint16_t row) const {
    if (!given || built_in_last || row >= schema_tables::kDefinitionCount) return nullptr;
    return given->Definition(Text(schema_tables::kDefinitions[row]));
  }
};

void Schema::State::Read() {
  if (read) return;
  read = true;
  if (text) {
    core::Result<std::unique_ptr<GivenSchema>> parsed = GivenSchema::Parse(*text, file);
    if (parsed) {
      given = *std::move(parsed);
    } else {
      fault = parsed.error();
    }
    built_in_last = built_in == BuiltIn::kWanted;
    if (built_in == BuiltIn::kNotRead) return;
  }
  built_in = BuiltIn::kRead;
}

Scope BuiltInScope(std::string_view api_version, std::string_view kind) {
  const schema_tables::KindRow* row = FindKind(api_version, kind);
  return row ? row->scope : Scope::kUnknown;
}

Schema::Schema() : state_(std::make_unique<State>()) {}
Schema::~Schema() = default;

core::Status Schema::Set(std::optional<std::string_view> version,
                         std::optional<std::string_view> text, std::string_view file) {
  if (state_->set) return core::Ok();
  if (text && version) {
    return core::Invalid("openapi: a version or a path expected, found both");
  }
  if (text) {
    state_->text = text;
    state_->file = file;
  } else if (!version || version->empty()) {
    return core::Ok();
  } else if (*version != kSchemaVersion) {
    return core::Invalid(
        fmt::format("openapi: version {} expected, found \"{}\"", kSchemaVersion, *version));
  }
  state_->set = true;
  state_->read = false;
  return core::Ok();
}

Scope Schema::ScopeOf(std::string_view api_version, std::string_view kind) const {
  if (const Scope scope = BuiltInScope(api_version, kind); scope != Scope::kUnknown) return scope;
  if (!state_->read && !state_->text) {
    if (!state_->set && state_->built_in == BuiltIn::kNotRead) state_->built_in = BuiltIn::kWanted;
    return Scope::kUnknown;
  }
  state_->Read();
  return state_->given ? state_->given->ScopeOf(api_version, kind) : Scope::kUnknown;
}

SchemaType Schema::TypeOf(std::string_view api_version, std::string_view kind) const {
  state_->Read();
  const schema_tables::KindRow* row = FindKind(api_version, kind);
  const bool known =
      row && row->type != kNone && (state_->HasBuiltIn() || IsKustomizes(api_version));
  if (known && (state_->built_in_last || !state_->given)) return TypeAt(row->type);
  const yaml::Node* given = state_->given ? state_->given->TypeOf(api_version, kind) : nullptr;
  if (given) return {this, given};
  return known ? TypeAt(row->type) : SchemaType();
}

SchemaType Schema::TypeOf(const yaml::Node& json_schema) const {
  state_->Read();
  return Resolve(&json_schema);
}

core::Status Schema::fault() const { return state_->fault ? *state_->fault : core::Ok(); }

SchemaType Schema::TypeAt(uint16_t row) const {
  if (row == kNone) return {};
  if (const yaml::Node* given = state_->Hides(row)) return Resolve(given);
  return {this, row};
}

// References lead from definition to definition; a circle of them leads nowhere.
SchemaType Schema::Resolve(const yaml::Node* schema) const {
  constexpr int kReferencesMax = 100;
  for (int i = 0; schema && i < kReferencesMax; ++i) {
    const std::optional<std::string_view> name = GivenSchema::Reference(*schema);
    if (!name) return {this, schema};
    const uint16_t row = FindDefinition(*name);
    const yaml::Node* given = state_->GivenDefinition(*name);
    const bool built_in = row != kNone && (state_->HasBuiltIn() || !given);
    if (built_in && (state_->built_in_last || !given)) {
      return state_->HasBuiltIn() ? SchemaType(this, row) : SchemaType();
    }
    schema = given;
  }
  return {};
}

SchemaType SchemaType::Field(std::string_view name) const {
  if (!schema_) return {};
  if (node_) return schema_->Resolve(GivenSchema::Field(*node_, name));
  const schema_tables::Type& type = kTypes[row_];
  const schema_tables::Field* first = schema_tables::kFields + type.first_field;
  const schema_tables::Field* last = first + type.field_count;
  const auto* found = FindSorted(first, last, name, [](const auto& row) { return Text(row.name); });
  return schema_->TypeAt(found != last ? found->type : type.values);
}

SchemaType SchemaType::Items() const {
  if (!schema_) return {};
  if (node_) return schema_->Resolve(GivenSchema::Items(*node_));
  return schema_->TypeAt(kTypes[row_].items);
}

bool SchemaType::merges() const {
  if (!schema_) return false;
  return node_ ? GivenSchema::Merges(*node_) : kTypes[row_].keys > 0;
}

std::vector<std::string_view> SchemaType::keys() const {
  if (!schema_) return {};
  if (node_) return GivenSchema::Keys(*node_);
  if (kTypes[row_].keys < 2) return {};
  const schema_tables::KeyList& keys = schema_tables::kKeyLists[kTypes[row_].keys - 2];
  if (keys.second == kNone) return {Text(keys.first)};
  return {Text(keys.first), Text(keys.second)};
}

}  // namespace headgate::templating::kustomize
