#include "broker/pruning/hyperband.h"

#include <algorithm>
#include <cmath>

#include "broker/pruning/wording.h"
#include "sdk/base/limits.h"

namespace scopa::pruning {
namespace {

constexpr int kBandsMax = 100;                  // with min_iter, which has no upper end
constexpr std::int64_t kManyBandsMax = 10'000;  // with max_iter and an eta just above 1
constexpr double kBandMax = 9.2e18;

// Equal bands see the same values, so one of them decides as all would.
std::vector<std::uint64_t> different(std::vector<std::uint64_t> bands) {
  bands.erase(std::unique(bands.begin(), bands.end()), bands.end());
  return bands;
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
      if (k == kManyBandsMax) {
        return Status(Code::kInvalidArgument,
                      "hyperband: more than " + std::to_string(kManyBandsMax) + " bands",
                      "set a larger eta or a smaller s");
      }
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

std::size_t hyperband_cut(double eta, std::size_t trials) {
  if (trials == 0) return 0;
  const auto cut = static_cast<std::size_t>((1 / eta) * static_cast<double>(trials));
  return std::min(cut, trials - 1);
}

HyperbandPruner::HyperbandPruner(std::vector<std::uint64_t> bands, double eta, bool strict,
                                 Goal goal)
    : eta_(eta),
      strict_(strict),
      goal_(goal),
      board_(different(std::move(bands)),
             [eta](std::size_t trials, std::size_t) { return hyperband_cut(eta, trials); }) {}

bool HyperbandPruner::observe(TrialNumber number, std::int64_t /*step*/, double value) {
  const std::uint64_t index = raw(number);
  if (!std::isfinite(value) || index >= limits::kTrialsMax) return false;
  if (index >= curves_.size()) curves_.resize(index + 1);
  Curve& curve = curves_[index];
  const double loss = as_loss(goal_, value);
  curve.best = curve.count == 0 ? loss : std::min(curve.best, loss);
  ++curve.count;
  return board_.reach(number, static_cast<std::int64_t>(curve.count), loss);
}

void HyperbandPruner::forget(TrialNumber number) {
  if (raw(number) >= curves_.size()) return;
  board_.forget(number);
  curves_[raw(number)] = {};
}

std::optional<double> HyperbandPruner::threshold(std::size_t i) const {
  if (i >= board_.rungs().size()) return {};
  const Ranked* first = board_.at(i).best_of_rest();
  if (first == nullptr) return {};
  return as_loss(goal_, first->loss);
}

std::vector<Verdict> HyperbandPruner::decide(const std::vector<TrialNumber>& running,
                                             std::vector<Grounds>* grounds) const {
  std::vector<Verdict> verdicts;
  for (const TrialNumber number : running) {
    const auto place = board_.last(number);
    if (!place) continue;
    const double loss = strict_ ? place->entry.loss : curves_[raw(number)].best;
    const double threshold = board_.at(place->rung).best_of_rest()->loss;
    if (!(loss > threshold)) continue;
    Verdict verdict;
    verdict.trial = number;
    verdict.rung = board_.rungs()[place->rung];
    verdict.value = as_loss(goal_, loss);
    verdict.threshold = as_loss(goal_, threshold);
    verdict.message = words(verdict, board_.at(place->rung).size());
    verdicts.push_back(std::move(verdict));
    if (grounds == nullptr) continue;
    grounds->push_back({name(),
                        "the best " + share_text(eta_) + " of those after so many values go on" +
                            (strict_ ? "" : "; a trial counts with its best value so far"),
                        "value",
                        board_.ranking(place->rung, goal_, [threshold](const Ranked& entry) {
                          return !(entry.loss > threshold);
                        })});
  }
  return verdicts;
}

std::string HyperbandPruner::words(const Verdict& verdict, std::size_t trials) const {
  const auto [value, threshold] = numbers_apart(verdict.value, verdict.threshold);
  return value + (strict_ ? " after " : " as best after ") + count_text(verdict.rung, "value") +
         " misses " + threshold + ", the best " + share_text(eta_) + " of " +
         std::to_string(trials) + " trials";
}

}  // namespace scopa::pruning
