#include "broker/pruning/predictive.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "broker/pruning/last_quarter.h"
#include "broker/pruning/wording.h"
#include "sdk/base/exact_math.h"

namespace scopa::pruning {
namespace {

constexpr std::size_t kBestShare = 4;  // of the ended trials the best quarter
// While too few have come to the end: of the trials at a step, at least four, the better half goes
// on, from a ninth of the steps on.
constexpr std::size_t kAtStepMin = 4;
constexpr std::uint64_t kNinth = 9;

std::size_t half_of(std::size_t trials) { return (trials + 1) / 2; }

std::vector<std::uint64_t> with_end(std::vector<std::uint64_t> steps, std::uint64_t max_steps) {
  steps.push_back(max_steps);
  return steps;
}

std::uint64_t late_from(std::uint64_t max_steps) {
  return last_quarter(static_cast<std::int64_t>(max_steps));
}

}  // namespace

PredictivePruner::PredictivePruner(std::vector<std::uint64_t> steps, std::uint64_t max_steps,
                                   const spec::Predictive& predictive, Goal goal)
    : steps_(std::move(steps)),
      first_(static_cast<std::size_t>(
          std::lower_bound(
              steps_.begin(), steps_.end(),
              static_cast<std::uint64_t>(std::max<std::int64_t>(predictive.warmup, 0))) -
          steps_.begin())),
      late_(static_cast<std::size_t>(
          std::lower_bound(steps_.begin(), steps_.end(), late_from(max_steps)) - steps_.begin())),
      early_(static_cast<std::size_t>(
          std::lower_bound(steps_.begin(), steps_.end(), (max_steps + kNinth - 1) / kNinth) -
          steps_.begin())),
      max_steps_(max_steps),
      spec_(predictive),
      deviations_(std::sqrt(predictive.confidence / (1 - predictive.confidence))),
      goal_(goal),
      board_(
          with_end(steps_, max_steps),
          [end = steps_.size()](std::size_t trials, std::size_t rung) {
            return rung < end ? half_of(trials) : (trials + kBestShare - 1) / kBestShare;
          },
          late_from(max_steps)),
      forecasters_(steps_.size()) {}

bool PredictivePruner::observe(TrialNumber trial, std::int64_t step, double value) {
  if (!std::isfinite(value) || !board_.reach(trial, step, as_loss(goal_, value))) return false;
  if (has_ended(raw(trial))) {
    forget_forecasts();
  } else if (raw(trial) < outlooks_.size()) {
    outlooks_[raw(trial)].reset();
  }
  return true;
}

void PredictivePruner::forget(TrialNumber trial) {
  if (has_ended(raw(trial))) forget_forecasts();
  if (raw(trial) < outlooks_.size()) outlooks_[raw(trial)].reset();
  board_.forget(trial);
}

void PredictivePruner::forget_forecasts() {
  forecasters_.assign(steps_.size(), {});
  outlooks_.clear();
}

const curves::EndForecaster& PredictivePruner::forecaster(std::size_t rung) const {
  auto& forecaster = forecasters_[rung];
  if (forecaster) return *forecaster;
  std::vector<curves::Reference> references;
  for (std::uint64_t i = board_.trials(); i-- > 0;) {
    if (!has_ended(i)) continue;
    references.push_back({standing(i, rung), board_.losses(i).back(), i});
    if (references.size() == curves::kReferencesMax) break;
  }
  return forecaster.emplace(std::move(references));
}

/// The last place at half the steps or before.
std::optional<std::size_t> PredictivePruner::halfway(std::size_t rung) const {
  const auto after = std::upper_bound(steps_.begin(), steps_.end(), steps_[rung] / 2);
  if (after == steps_.begin()) return {};
  return static_cast<std::size_t>(after - steps_.begin()) - 1;
}

curves::Standing PredictivePruner::standing(std::uint64_t trial, std::size_t rung) const {
  const auto losses = board_.losses(trial);
  const auto before = halfway(rung);
  return {losses[rung], before ? losses[*before] - losses[rung] : 0};
}

double PredictivePruner::trend(const curves::Standing& now, std::size_t rung) const {
  const auto step = static_cast<double>(steps_[rung]);
  const auto before = static_cast<double>(steps_[*halfway(rung)]);
  const double doublings =
      log_exactly(static_cast<double>(max_steps_) / step) / log_exactly(step / before);
  return now.loss - std::max(0.0, now.gain) * doublings;
}

const std::optional<PredictivePruner::Outlook>& PredictivePruner::outlook(std::uint64_t trial,
                                                                          std::size_t rung) const {
  if (trial >= outlooks_.size()) outlooks_.resize(trial + 1);
  auto& known = outlooks_[trial];
  if (known) return *known;
  known.emplace();
  if (!halfway(rung)) return *known;
  const curves::Standing now = standing(trial, rung);
  if (const auto end = forecaster(rung).forecast(now)) {
    const double foretold = end->mean - deviations_ * std::sqrt(end->variance);
    *known = Outlook{*end, std::min(trend(now, rung), foretold)};
  }
  return *known;
}

std::vector<Verdict> PredictivePruner::decide(const std::vector<TrialNumber>& running,
                                              std::vector<Grounds>* grounds) const {
  const bool can_foretell = board_.at(steps_.size()).size() >= spec_.min_trials;
  return can_foretell ? foretell(running, grounds) : halve(running, grounds);
}

std::vector<Verdict> PredictivePruner::halve(const std::vector<TrialNumber>& running,
                                             std::vector<Grounds>* grounds) const {
  std::vector<Verdict> verdicts;
  for (const TrialNumber number : running) {
    const auto place = board_.last(number);
    if (!place || place->rung < std::max(first_, early_) || place->rung >= late_) continue;
    const RankedSplit& at = board_.at(place->rung);
    if (at.size() < kAtStepMin || !(place->entry.loss > at.worst_kept()->loss)) continue;
    Verdict verdict;
    verdict.trial = number;
    verdict.rung = steps_[place->rung];
    verdict.value = as_loss(goal_, place->entry.loss);
    verdict.threshold = as_loss(goal_, at.worst_kept()->loss);
    verdict.message = words(verdict, at.size());
    verdicts.push_back(std::move(verdict));
    if (grounds == nullptr) continue;
    grounds->push_back({name(),
                        "until " + count_text(spec_.min_trials, "trial") +
                            " came to the end, the better half of those at a step goes on",
                        "step", board_.ranking(place->rung, goal_, [&](const Ranked& entry) {
                          return !(entry.loss > at.worst_kept()->loss);
                        })});
  }
  return verdicts;
}

std::string PredictivePruner::words(const Verdict& verdict, std::size_t trials) const {
  const auto [value, threshold] = numbers_apart(verdict.value, verdict.threshold);
  return value + " at step " + std::to_string(verdict.rung) + " is not in the better half of " +
         count_text(trials, "trial") + " (needs " + threshold + "), and fewer than " +
         std::to_string(spec_.min_trials) + " came to the end yet";
}

std::vector<Verdict> PredictivePruner::foretell(const std::vector<TrialNumber>& running,
                                                std::vector<Grounds>* grounds) const {
  std::vector<Verdict> verdicts;
  if (last_good() == nullptr) return verdicts;
  for (const TrialNumber number : running) {
    const auto place = board_.last(number);
    if (!place || place->rung < first_) continue;
    const auto& will_be = outlook(raw(number), place->rung);
    if (!will_be || !(will_be->hoped > last_good()->loss)) continue;
    Verdict verdict;
    verdict.trial = number;
    verdict.rung = steps_[place->rung];
    verdict.value = as_loss(goal_, will_be->hoped);
    verdict.threshold = as_loss(goal_, last_good()->loss);
    verdict.message = words(*place, *will_be);
    if (grounds != nullptr) {
      grounds->push_back({name(),
                          "who may still end among the best quarter, by its own trend or as those "
                          "went on that stood alike, goes on; this one by what it may hope for",
                          "step",
                          {{TrialNumber{last_good()->trial}, verdict.threshold, true},
                           {number, verdict.value, false}}});
    }
    verdicts.push_back(std::move(verdict));
  }
  return verdicts;
}

std::string PredictivePruner::words(const RungBoard::Place& at, const Outlook& outlook) const {
  const auto [hoped, needed] =
      numbers_apart(as_loss(goal_, outlook.hoped), as_loss(goal_, last_good()->loss));
  return number_text(as_loss(goal_, at.entry.loss)) + " at step " + std::to_string(at.step) +
         " will end near " + number_text(as_loss(goal_, outlook.end.mean)) + ", " + hoped +
         " at best: not in the best quarter of " +
         count_text(board_.at(steps_.size()).size(), "trial") + " that came to the end (needs " +
         needed + ")";
}

}  // namespace scopa::pruning
