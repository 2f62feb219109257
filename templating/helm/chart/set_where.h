#pragma once

#include <string>
#include <string_view>

#include "core/file_tree.h"
#include "templating/helm/chart/render.h"

namespace headgate::templating::helm {

// Where a rendering failed: an expression of a template, and the template's file as Helm names it.
struct FailedAt {
  std::string expression, file;
};

// Who set the value that an expression looks for, or the nearest one above it: "image is set in
// values-prod.yaml:12". The one that counts, among --set, `values`, the files of values and the
// values.yaml of the charts around the template. "" where the expression has no .Values.a.b, or
// nobody set any of it. Never shows a value. For errors: reads the files again.
std::string ShowWhereSet(const FailedAt& failed, const core::FileTree& files,
                         std::string_view chart, const ChartOptions& options);

}  // namespace headgate::templating::helm
