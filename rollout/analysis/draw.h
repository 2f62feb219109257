#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace headgate::rollout::analysis {

// Chance that can be repeated: SplitMix64 (Steele, Lea & Flood, "Fast splittable pseudorandom
// number generators", 2014). A seed comes from a name and a time, never from a clock.
class Draw {
 public:
  explicit Draw(uint64_t seed) : state_(seed) {}

  uint64_t Next();
  uint64_t Below(uint64_t n);  // uniform in [0, n), n > 0; bias below n / 2^64

 private:
  uint64_t state_;
};

uint64_t HashOf(std::string_view text);  // FNV-1a, 64 bits
uint64_t Mixed(uint64_t a, uint64_t b);

// How many of `bad` bad requests are among `keep` that are drawn from `total` without putting back
// (hypergeometric). Integers only. Takes min(bad, keep, total - keep) steps.
int64_t DrawKept(Draw* draw, int64_t bad, int64_t total, int64_t keep);

// How many of `count` are kept, each with the chance `share` (binomial).
int64_t DrawEach(Draw* draw, int64_t count, double share);

// The same for many draws of one (count, share): by inversion of its distribution function.
class Binomial {
 public:
  Binomial(int64_t count, double share);
  int64_t operator()(Draw* draw) const;
  int64_t count() const { return count_; }
  double share() const { return share_; }

 private:
  int64_t count_;
  double share_;
  int64_t pieces_;                    // the count is drawn in so many equal pieces, and a rest
  std::vector<double> piece_, rest_;  // distribution functions
};

}  // namespace headgate::rollout::analysis
