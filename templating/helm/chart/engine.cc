#include "templating/helm/chart/engine.h"

#include "templating/helm/chart/chart_values.h"
#include "templating/helm/functions/functions.h"

namespace headgate::templating::helm {

const FunctionTable& ChartFunctions() {
  static const FunctionTable* const kTable = [] {
    auto* table = new FunctionTable;
    AddFunctions(table);
    AddChartMethods(table);
    return table;
  }();
  return *kTable;
}

}  // namespace headgate::templating::helm
