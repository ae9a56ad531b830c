#include "broker/pruning/asha.h"

#include <cmath>

#include "broker/pruning/last_quarter.h"
#include "broker/pruning/wording.h"
#include "sdk/base/limits.h"

namespace scopa::pruning {
namespace {

constexpr double kStepLimit = 9.2e18;  // what fits 63 bits

}  // namespace

Result<std::vector<std::uint64_t>> asha_rungs(const spec::Asha& asha,
                                              std::optional<std::int64_t> max_steps) {
  if (!(asha.eta > 1)) return Status(Code::kInvalidArgument, "asha: eta must be above 1");
  if (asha.min_resource < 1) {
    return Status(Code::kInvalidArgument, "asha: min_resource must be 1 or more");
  }
  const std::optional<std::int64_t> end = asha.max_resource ? asha.max_resource : max_steps;
  const double below = end ? static_cast<double>(*end) : kStepLimit;
  std::vector<std::uint64_t> rungs;
  // A small eta gives many equal whole parts, so the factors are counted, too.
  auto rung = static_cast<double>(asha.min_resource);
  for (int k = 0; k < 100'000 && rungs.size() < limits::kRungsMax && rung < below; ++k) {
    const auto whole = static_cast<std::uint64_t>(rung);
    if (rungs.empty() || rungs.back() != whole) rungs.push_back(whole);
    rung *= asha.eta;
  }
  rungs = before_last_quarter(std::move(rungs), max_steps);
  if (rungs.empty()) {
    return Status(Code::kInvalidArgument,
                  "asha: no rung lies below " +
                      std::string(asha.max_resource ? "max_resource" : "max_steps") + ", " +
                      std::to_string(end.value_or(0)) +
                      ", and before the last quarter of max_steps",
                  "set a smaller min_resource");
  }
  return rungs;
}

std::size_t asha_survivors(double eta, std::size_t trials) {
  return static_cast<std::size_t>(std::floor(static_cast<double>(trials) / eta));
}

AshaPruner::AshaPruner(std::vector<std::uint64_t> rungs, double eta, Goal goal,
                       std::uint64_t safe_from)
    : eta_(eta),
      goal_(goal),
      board_(
          std::move(rungs),
          [eta](std::size_t trials, std::size_t) { return asha_survivors(eta, trials); },
          safe_from) {}

bool AshaPruner::observe(TrialNumber trial, std::int64_t step, double value) {
  return std::isfinite(value) && board_.reach(trial, step, as_loss(goal_, value));
}

std::vector<Verdict> AshaPruner::decide(const std::vector<TrialNumber>& running,
                                        std::vector<Grounds>* grounds) const {
  std::vector<Verdict> verdicts;
  for (const TrialNumber number : running) {
    const auto place = board_.last(number);
    if (!place) continue;
    const RankedSplit& at = board_.at(place->rung);
    const Ranked* worst_kept = at.worst_kept();
    if (worst_kept == nullptr || at.keeps(place->entry)) continue;
    Verdict verdict;
    verdict.trial = number;
    verdict.rung = board_.rungs()[place->rung];
    verdict.value = as_loss(goal_, place->entry.loss);
    verdict.threshold = as_loss(goal_, worst_kept->loss);
    verdict.message = words(verdict, place->step, at.size());
    verdicts.push_back(std::move(verdict));
    if (grounds == nullptr) continue;
    grounds->push_back(
        {name(), "the best " + share_text(eta_) + " of those at a rung go on", "step",
         board_.ranking(place->rung, goal_, [&](const Ranked& entry) { return at.keeps(entry); })});
  }
  return verdicts;
}

std::string AshaPruner::words(const Verdict& verdict, std::int64_t step, std::size_t trials) const {
  const auto [value, threshold] = numbers_apart(verdict.value, verdict.threshold);
  const char* better = goal_ == Goal::kMaximize ? "more than " : "less than ";
  return value + " at step " + std::to_string(step) + " is not in the best " + share_text(eta_) +
         " of " + count_text(trials, "trial") + " (needs " +
         (verdict.value == verdict.threshold ? better : "") + threshold + ")";
}

}  // namespace scopa::pruning
