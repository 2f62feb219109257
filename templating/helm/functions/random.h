#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "templating/helm/function.h"

namespace headgate::templating::helm {

// Random bytes of the render: its own source's, or the system's. Fails the call where the system
// has none.
bool FillRandom(Call& call, std::span<std::byte> bytes);

// Evenly below `bound`, which is not 0.
uint64_t RandomBelow(Call& call, uint64_t bound);

}  // namespace headgate::templating::helm
