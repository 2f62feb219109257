#pragma once

#include <memory>

#include "templating/helm/functions/zone.h"

namespace headgate::templating::helm {

// TOML's times without a zone are in these, so that they are written again as they were read.
struct TomlZones {
  std::shared_ptr<const Zone> time_and_date, date, time;
  static const TomlZones& Get();
};

}  // namespace headgate::templating::helm
