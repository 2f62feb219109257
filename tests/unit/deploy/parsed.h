#pragma once

#include <gtest/gtest.h>

#include <string_view>

#include "core/json.h"
#include "core/value.h"

namespace headgate::deploy {

// JSON written in a test; single quotes stand for double ones.
inline core::Value Parsed(std::string_view json) {
  std::string text(json);
  for (char& c : text) c = c == '\'' ? '"' : c;
  core::Result<core::Value> value = core::ParseJson(text);
  EXPECT_TRUE(value.ok()) << text;
  return value.ok() ? *value : core::Value();
}

}  // namespace headgate::deploy
