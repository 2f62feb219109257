#include "rollout/analysis/bet.h"

#include <algorithm>
#include <cmath>

#include "rollout/analysis/log_gamma.h"

namespace headgate::rollout::analysis {
namespace {

constexpr double kNoBet = 0.02;        // first weight of r = 1
constexpr double kMoves = 1.0 / 1000;  // of the weights, to all rates, each interval
constexpr double kShareMax = 0.95;
constexpr int kBold = 2;                // so many intervals may bet on all rates at once
constexpr double kBoldSpreadMax = 1.6;  // variance over mean
constexpr double kBoldCorrelation = 1e-3;

// Parameters of two beta-binomials: once and `rate` times the share.
struct Ratio {
  Ratio(double rate, const Fit& fit) {
    const double s = (1 - fit.correlation) / fit.correlation;
    const double p1 = std::min(rate * fit.share, std::max(kShareMax, fit.share));
    a0 = fit.share * s, a1 = p1 * s, b0 = (1 - fit.share) * s, b1 = (1 - p1) * s;
  }
  // g(x + 1) / g(x) of `m` requests.
  double Step(int64_t x, int64_t m) const {
    const auto at = static_cast<double>(x);
    const auto rest = static_cast<double>(m - 1 - x);
    return (at + a1) * (rest + b0) / ((at + a0) * (rest + b1));
  }
  double LogAt(int64_t x, int64_t m) const {
    const auto bad = static_cast<double>(x);
    const auto rest = static_cast<double>(m - x);
    return LogGamma(bad + a1) - LogGamma(bad + a0) + LogGamma(rest + b1) - LogGamma(rest + b0) +
           LogGamma(a0) - LogGamma(a1) + LogGamma(b0) - LogGamma(b1);
  }
  double a0, a1, b0, b1;
};

// g is monotone; the largest becomes 1, none less than `least`.
void FillTable(const Ratio& ratio, bool grows, int64_t requests, int64_t most, double least,
               std::vector<double>* g) {
  const auto size = static_cast<size_t>(most) + 1;
  g->assign(size, 1);
  for (size_t i = 1; i < size; ++i) {
    const size_t x = grows ? size - i : i;  // the greater one of two neighbours
    const double step = ratio.Step(static_cast<int64_t>(x) - 1, requests);
    if (grows) {
      (*g)[x - 1] = std::max(least, (*g)[x] / step);
    } else {
      (*g)[x] = std::max(least, (*g)[x - 1] * step);
    }
  }
}

// prod g over the canary's pods, and its mean over all sets of as many pods.
struct Products {
  double canary = 1, mean = 1;
};
Products ProductsOf(const Thinned& thinned, const std::vector<double>& g,
                    std::vector<double>* means) {
  const auto of = [&](size_t j) { return g[static_cast<size_t>(thinned.bad[j])]; };
  const size_t pods = thinned.bad.size();
  if (thinned.canaries == 1) {
    double sum = 0;
    for (size_t j = 0; j < pods; ++j) sum += of(j);
    return {of(0), sum / static_cast<double>(pods)};
  }
  // means[k]: mean over k-subsets of the pods so far of the product of their g.
  means->assign(thinned.canaries + 1, 0);
  (*means)[0] = 1;
  Products products;
  for (size_t j = 0; j < pods; ++j) {
    if (j < thinned.canaries) products.canary *= of(j);
    for (size_t k = std::min(thinned.canaries, j + 1); k > 0; --k) {
      const double in = static_cast<double>(k) / static_cast<double>(j + 1);
      (*means)[k] = (1 - in) * (*means)[k] + in * of(j) * (*means)[k - 1];
    }
  }
  products.mean = means->back();
  return products;
}

}  // namespace

// Whether the pods differ no more than independent requests would make them; of all but the one
// with the most bad ones. It does not ask which pods are the canary's.
bool LooksIndependent(const Thinned& thinned) {
  int64_t sum = 0;
  int64_t squares = 0;
  int64_t most = 0;
  for (int64_t x : thinned.bad) {
    sum += x;
    squares += x * x;
    most = std::max(most, x);
  }
  sum -= most;
  squares -= most * most;
  const auto k = static_cast<double>(thinned.bad.size()) - 1;
  if (sum == 0 || k < 2) return false;
  const double mean = static_cast<double>(sum) / k;
  return (static_cast<double>(squares) - k * mean * mean) / (k - 1) <= kBoldSpreadMax * mean;
}

Bet::Bet(const std::vector<double>& rates)
    : rates_(&rates), weights_(rates.size() + 1, (1 - kNoBet) / static_cast<double>(rates.size())) {
  weights_[0] = kNoBet;
}

void Bet::FillTables(const Fit& fit, int64_t requests, int64_t most, size_t canaries,
                     Scratch* scratch) const {
  // Products of so many factors stay above the smallest double.
  const double least = std::ldexp(1, -900 / static_cast<int>(std::min<size_t>(canaries, 900)));
  scratch->g.resize(weights_.size());
  scratch->scale.resize(weights_.size());
  double largest = -1e300;
  for (size_t i = 0; i < weights_.size(); ++i) {
    const Ratio ratio(RateOf(i), fit);
    const bool grows = RateOf(i) >= 1;
    FillTable(ratio, grows, requests, most, least, &scratch->g[i]);
    scratch->scale[i] = static_cast<double>(canaries) * ratio.LogAt(grows ? most : 0, requests);
    largest = std::max(largest, scratch->scale[i]);
  }
  for (double& scale : scratch->scale) scale = std::exp(scale - largest);
}

double Bet::ValueOf(const Thinned& thinned, bool bold, Scratch* scratch) const {
  double canary = 0;
  double mean = 0;
  double each = 0;
  for (size_t i = 0; i < weights_.size(); ++i) {
    const Products products = ProductsOf(thinned, scratch->g[i], &scratch->means);
    const double earned = products.canary / products.mean;
    scratch->earned[i] += earned;
    each += weights_[i] * earned;
    canary += weights_[i] * scratch->scale[i] * products.canary;
    mean += weights_[i] * scratch->scale[i] * products.mean;
  }
  return bold && mean > 0 ? canary / mean : each;
}

void Bet::Play(const std::vector<Thinned>& thinnings, const Fit& fit, Scratch* scratch) {
  int64_t most = 0;
  for (const Thinned& thinned : thinnings)
    most = std::max(most, *std::max_element(thinned.bad.begin(), thinned.bad.end()));
  if (most == 0) return;  // nobody has a bad one: e = 1
  ++played_;
  const Thinned& first = thinnings.front();
  const bool bold = played_ <= kBold && LooksIndependent(first);
  Fit believed = fit;
  if (bold) believed.correlation = std::min(fit.correlation, kBoldCorrelation);
  FillTables(believed, first.requests, most, first.canaries, scratch);
  scratch->earned.assign(weights_.size(), 0);
  double sum = 0;
  for (const Thinned& thinned : thinnings) sum += ValueOf(thinned, bold, scratch);
  wealth_ *= sum / static_cast<double>(thinnings.size());

  double total = 0;
  for (size_t i = 0; i < weights_.size(); ++i) total += weights_[i] *= scratch->earned[i];
  const double share = kMoves / static_cast<double>(weights_.size());
  for (double& weight : weights_) weight = (1 - kMoves) * weight / total + share;
}

}  // namespace headgate::rollout::analysis
