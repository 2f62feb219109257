#pragma once

#include <cstdint>

#include "templating/helm/function.h"
#include "templating/helm/functions/moment.h"

namespace headgate::templating::helm {

// The render's own time, or that of the system, in the local zone.
Moment Now(Call& call);
Value NewMoment(Call& call, Moment moment);

// Go's Duration.Round and Truncate: to the nearest multiple, or to the next towards 0.
int64_t RoundDuration(int64_t duration, int64_t to);
int64_t TruncateDuration(int64_t duration, int64_t to);

// The methods of time.Time, time.Duration, time.Month, time.Weekday and *time.Location.
void AddDateMethods(FunctionTable* table);

}  // namespace headgate::templating::helm
