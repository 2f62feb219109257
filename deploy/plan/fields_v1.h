#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/value.h"

// fieldsV1 of metadata.managedFields is a tree of path elements: "f:NAME" a field, "k:{JSON}" a
// list item by its keys, "v:JSON" a list item by its value, "i:N" one by its index, "." the place
// itself. A leaf is {}. Source: sigs.k8s.io/structured-merge-diff, fieldpath/serialize.go and
// serialize-pe.go. Trees are kept as the server gives them, as values. All of this is pure.
namespace headgate::deploy {

// One step down by a path element; nullptr where there is nothing.
const core::Value* StepInto(const core::Value* at, std::string_view element);
// `path` with one more element, for people: "spec.ports[{\"name\":\"web\"}]".
std::string WithElement(const std::string& path, std::string_view element);

// What `manager` applied to `live`, without subresources: one tree, seldom more.
std::vector<const core::Value*> AppliedFields(const core::Value& live, std::string_view manager);
// The same as one tree; an empty map where there is none.
core::Value AppliedTree(const core::Value& live, std::string_view manager);

// All elements of both; those of both.
core::Value UnitedFields(const core::Value& a, const core::Value& b);
core::Value CommonFields(const core::Value& a, const core::Value& b);
// The leaves of `tree` that `body` does not have.
core::Value FieldsOnlyOf(const core::Value& tree, const core::Value& body);
// Whether no element is in it.
bool IsEmptyTree(const core::Value& tree);

// A place in a document: names of fields and indices of items.
using FieldPath = std::vector<std::variant<std::string, size_t>>;

// The part of `tree` at and below `path` of `live`; an empty map where `tree` has nothing there, or
// only something larger that cannot be divided.
core::Value FieldsUnder(const core::Value& tree, const core::Value& live, const FieldPath& path);

// The values that `live` has at the leaves of `tree`, as an object that an apply understands: list
// items come with their keys.
core::Value ValuesAt(const core::Value& tree, const core::Value& live);
// Makes `to` have the values of `from` at the leaves of `tree`, where it has their parents.
void CopyValues(const core::Value& tree, const core::Value& from, core::Value* to);

}  // namespace headgate::deploy
