#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "rollout/analysis/interval.h"

namespace headgate::benchmarks {

// Rules that controllers use, and tests that a statistician would try first, on an hour of
// evidence: the interval after which each rolls back; 0 where it does not.
using Hour = std::vector<rollout::analysis::Interval>;

// A minute of the canary with more than 5 % bad is a failure; one too many of them rolls back.
int Threshold(const Hour& hour, int failure_limit);  // Argo Rollouts: 0; Flagger: 4
// One-sided Mann-Whitney of the last five minutes' shares, every five minutes, at 5 %: as PipeCD.
int UTest(const Hour& hour);
// Conditional binomial e-process on both tracks' totals, at 1 %; right if requests are independent.
int Binomial(const Hour& hour);
// Exchangeable pods with one thinning and a beta-binomial fitted to stable's past, at 1 %: the
// study that Headgate's judgement started from.
int Fitted(const Hour& hour, uint64_t seed);

}  // namespace headgate::benchmarks
