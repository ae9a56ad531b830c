#include "broker/pruning/hyperband.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "sdk/base/limits.h"

namespace scopa::pruning {
namespace {

constexpr int kBandsMax = 100;  // with min_iter, which has no upper end
constexpr double kBandMax = 9.2e18;

std::string short_number(double x) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%.5g", x);
  return buffer;
}

std::string share(double eta) {
  if (eta == 2) return "half";
  if (eta == 3) return "third";
  if (eta == 4) return "quarter";
  return "1/" + short_number(eta);
}

}  // namespace

Result<std::vector<std::uint64_t>> hyperband_bands(const spec::Hyperband& hyperband) {
  if (!(hyperband.eta > 1)) {
    return Status(Code::kInvalidArgument, "hyperband: eta must be above 1");
  }
  std::vector<std::uint64_t> bands;
  if (hyperband.max_iter) {
    if (!hyperband.s) {
      return Status(Code::kInvalidArgument, "hyperband: max_iter needs s, the number of bands");
    }
    auto band = static_cast<double>(*hyperband.max_iter);
    for (std::int64_t k = 0; k < *hyperband.s; ++k) {
      band /= hyperband.eta;
      if (!(band >= 1)) break;
      bands.push_back(static_cast<std::uint64_t>(band));
    }
    std::reverse(bands.begin(), bands.end());
  } else if (hyperband.min_iter && *hyperband.min_iter >= 1) {
    auto band = static_cast<double>(*hyperband.min_iter);
    for (int k = 0; k < kBandsMax; ++k) {
      bands.push_back(static_cast<std::uint64_t>(std::min(band, kBandMax)));
      band *= hyperband.eta;
    }
  }
  if (bands.empty()) {
    return Status(Code::kInvalidArgument, "hyperband: no band is left to compare trials at",
                  "set min_iter, or a larger max_iter or s, or a smaller eta");
  }
  return bands;
}

HyperbandPruner::HyperbandPruner(std::vector<std::uint64_t> bands, double eta, bool strict,
                                 Goal goal)
    : bands_(std::move(bands)), eta_(eta), strict_(strict), goal_(goal) {
  // Equal bands see the same values, so one of them decides as all would.
  bands_.erase(std::unique(bands_.begin(), bands_.end()), bands_.end());
  at_.resize(bands_.size());
}

void HyperbandPruner::rebalance(Band* band) const {
  // In floating point, as W&B computes it: this can be one below floor(n / eta).
  const auto n = static_cast<double>(band->kept.size() + band->rest.size());
  const auto kept = static_cast<std::size_t>((1 / eta_) * n);
  while (band->kept.size() > kept) {
    const auto worst = std::prev(band->kept.end());
    band->rest.insert(band->rest.begin(), *worst);
    band->kept.erase(worst);
  }
  while (band->kept.size() < kept && band->rest.size() > 1) {
    band->kept.insert(band->kept.end(), *band->rest.begin());
    band->rest.erase(band->rest.begin());
  }
}

bool HyperbandPruner::observe(TrialNumber number, std::int64_t /*step*/, double value) {
  const std::uint64_t index = raw(number);
  if (!std::isfinite(value) || index >= limits::kTrialsMax) return false;
  if (index >= trials_.size()) trials_.resize(index + 1);
  Trial& trial = trials_[index];
  const double loss = signed_value(value);
  trial.best = trial.count == 0 ? loss : std::min(trial.best, loss);
  ++trial.count;
  const std::size_t next = trial.at_band.size();
  if (next >= bands_.size() || trial.count < bands_[next]) return false;
  trial.at_band.push_back(loss);
  Band& band = at_[next];
  if (!band.kept.empty() && loss < *std::prev(band.kept.end())) {
    band.kept.insert(loss);
  } else {
    band.rest.insert(loss);
  }
  rebalance(&band);
  return true;
}

void HyperbandPruner::forget(TrialNumber number) {
  if (raw(number) >= trials_.size()) return;
  Trial& trial = trials_[raw(number)];
  for (std::size_t i = 0; i < trial.at_band.size(); ++i) {
    Band& band = at_[i];
    const auto rest = band.rest.find(trial.at_band[i]);
    if (rest != band.rest.end()) {
      band.rest.erase(rest);
    } else {
      band.kept.erase(band.kept.find(trial.at_band[i]));
    }
    if (band.rest.empty() && !band.kept.empty()) {
      band.rest.insert(band.kept.extract(std::prev(band.kept.end())));
    }
    rebalance(&band);
  }
  trial = {};
}

std::optional<double> HyperbandPruner::threshold(std::size_t i) const {
  if (i >= at_.size() || at_[i].rest.empty()) return {};
  return signed_value(*at_[i].rest.begin());
}

std::vector<Verdict> HyperbandPruner::judge(const std::vector<TrialNumber>& running) const {
  std::vector<Verdict> verdicts;
  for (const TrialNumber number : running) {
    if (raw(number) >= trials_.size()) continue;
    const Trial& trial = trials_[raw(number)];
    if (trial.at_band.empty()) continue;
    const std::size_t i = trial.at_band.size() - 1;
    const double loss = strict_ ? trial.at_band.back() : trial.best;
    const double threshold = *at_[i].rest.begin();
    if (!(loss > threshold)) continue;
    Verdict verdict;
    verdict.trial = number;
    verdict.rung = bands_[i];
    verdict.value = signed_value(loss);
    verdict.threshold = signed_value(threshold);
    verdict.message = explain(verdict, at_[i].kept.size() + at_[i].rest.size());
    verdicts.push_back(std::move(verdict));
  }
  return verdicts;
}

std::string HyperbandPruner::explain(const Verdict& verdict, std::size_t trials) const {
  return short_number(verdict.value) + (strict_ ? " after " : " as best after ") +
         std::to_string(verdict.rung) + (verdict.rung == 1 ? " value" : " values") + " misses " +
         short_number(verdict.threshold) + ", the best " + share(eta_) + " of " +
         std::to_string(trials) + " trials";
}

}  // namespace scopa::pruning
