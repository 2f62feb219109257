#pragma once

#include <cstdint>

namespace headgate::rollout::simulation {

// Random numbers that are the same everywhere for the same seed, which those of <random>'s
// distributions are not. Generator: splitmix64 (Steele, Lea, Flood 2014).
class Chance {
 public:
  explicit Chance(uint64_t seed) : state_(seed) {}

  double Uniform();  // in [0, 1)
  double Normal();   // mean 0, deviation 1 (Box and Muller 1958)
  // Exact by inversion below a mean of 30, the rounded normal distribution above it.
  int64_t Poisson(double mean);
  // How many of `n` succeed; exact by the lengths of gaps where few do, else the rounded normal.
  int64_t Binomial(int64_t n, double share);

 private:
  uint64_t Next();
  uint64_t state_;
};

}  // namespace headgate::rollout::simulation
