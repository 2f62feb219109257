#include "rollout/analysis/draw.h"

#include <algorithm>

namespace headgate::rollout::analysis {
namespace {

__extension__ typedef unsigned __int128 Wide;

constexpr double kPieceMean = 64;  // (1 - share)^count stays far from the smallest double

// P(X <= k) for k = 0, 1, ...; until nothing is left to add.
std::vector<double> DistributionOf(int64_t count, double share) {
  std::vector<double> below;
  if (count == 0) return below;
  double mass = 1;
  for (int64_t i = 0; i < count; ++i) mass *= 1 - share;
  double sum = mass;
  below.push_back(sum);
  const double odds = share / (1 - share);
  for (int64_t k = 1; k <= count && sum < 1 - 1e-15; ++k) {
    mass *= odds * static_cast<double>(count - k + 1) / static_cast<double>(k);
    sum += mass;
    below.push_back(sum);
    if (mass < 1e-18 && k > static_cast<int64_t>(kPieceMean)) break;
  }
  return below;
}

double Uniform(Draw* draw) { return static_cast<double>(draw->Next() >> 11) * 0x1p-53; }

int64_t Invert(Draw* draw, const std::vector<double>& below) {
  if (below.empty()) return 0;
  const double u = Uniform(draw);
  size_t k = 0;
  while (k + 1 < below.size() && below[k] <= u) ++k;
  return static_cast<int64_t>(k);
}

// Draws `keep` of `total` one by one, of which `bad` are bad.
int64_t OneByOne(Draw* draw, int64_t bad, int64_t total, int64_t keep) {
  int64_t kept = 0;
  for (int64_t i = 0; i < keep && kept < bad; ++i) {
    if (static_cast<int64_t>(draw->Below(static_cast<uint64_t>(total - i))) < bad - kept) ++kept;
  }
  return kept;
}

}  // namespace

uint64_t Draw::Next() {
  state_ += 0x9E3779B97F4A7C15U;
  uint64_t z = state_;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
  return z ^ (z >> 31);
}

uint64_t Draw::Below(uint64_t n) { return static_cast<uint64_t>((Wide(Next()) * n) >> 64); }

uint64_t HashOf(std::string_view text) {
  uint64_t hash = 0xCBF29CE484222325U;
  for (char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3U;
  return hash;
}

uint64_t Mixed(uint64_t a, uint64_t b) {
  Draw draw(a ^ (b * 0xD6E8FEB86659FD93U));
  return draw.Next();
}

int64_t DrawKept(Draw* draw, int64_t bad, int64_t total, int64_t keep) {
  if (bad <= 0 || keep <= 0) return 0;
  if (keep >= total) return bad;
  if (bad >= total) return keep;
  // The same distribution from the shortest side (its symmetries).
  if (total - keep < keep) return bad - DrawKept(draw, bad, total, total - keep);
  return bad < keep ? OneByOne(draw, keep, total, bad) : OneByOne(draw, bad, total, keep);
}

int64_t DrawEach(Draw* draw, int64_t count, double share) {
  if (share >= 1) return count;
  int64_t kept = 0;
  for (int64_t i = 0; i < count; ++i) kept += Uniform(draw) < share;
  return kept;
}

Binomial::Binomial(int64_t count, double share) : count_(count), share_(share), pieces_(0) {
  share = std::clamp(share, 0.0, 1 - 1e-9);
  const double mean = static_cast<double>(count) * std::max(share, 0.02);
  const auto size =
      mean <= kPieceMean ? count : static_cast<int64_t>(kPieceMean / std::max(share, 0.02));
  if (size <= 0) return;
  pieces_ = count / size;
  piece_ = DistributionOf(size, share);
  rest_ = DistributionOf(count % size, share);
}

int64_t Binomial::operator()(Draw* draw) const {
  int64_t sum = Invert(draw, rest_);
  for (int64_t i = 0; i < pieces_; ++i) sum += Invert(draw, piece_);
  return sum;
}

}  // namespace headgate::rollout::analysis
