#pragma once

#include <cstddef>
#include <cstdio>
#include <string_view>

#include "templating/helm/chart/limits.h"

namespace headgate::fuzz {

// Ends the run: a property does not hold. The input is kept by libFuzzer.
[[noreturn]] inline void Fail(std::string_view what, std::string_view first = "",
                              std::string_view second = "") {
  std::fprintf(stderr, "%.*s\n%.*s\n---\n%.*s\n", static_cast<int>(what.size()), what.data(),
               static_cast<int>(first.size()), first.data(), static_cast<int>(second.size()),
               second.data());
  __builtin_trap();
}

// Small enough for thousands of inputs a second; every bound can be reached by a short input.
inline templating::helm::ChartLimits SmallLimits() {
  templating::helm::ChartLimits limits;
  limits.archive_bytes = limits.chart_bytes = limits.file_bytes = 1024 * 1024;
  limits.archive_members = limits.files = 200;
  limits.values_heap_bytes = 64 * 1024 * 1024;
  limits.schema_steps = 100'000;
  limits.schemas = 2'000;
  limits.output_bytes = 1024 * 1024;
  limits.render.steps = 20'000;
  limits.render.output_bytes = limits.render.text_bytes = 256 * 1024;
  limits.render.heap_bytes = 64 * 1024 * 1024;
  limits.render.template_depth = 1'000;
  limits.render.include_depth = 100;
  limits.render.parsed_bytes = 1024 * 1024;
  return limits;
}

}  // namespace headgate::fuzz
