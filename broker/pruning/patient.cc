#include "broker/pruning/patient.h"

#include <algorithm>
#include <cmath>

#include "broker/pruning/wording.h"

namespace scopa::pruning {

PatientPruner::PatientPruner(const spec::Patient& patient, std::unique_ptr<Pruner> wrapped,
                             Goal goal)
    : patience_(patient.patience),
      warmup_(patient.warmup),
      min_delta_(patient.min_delta),
      wrapped_(std::move(wrapped)),
      goal_(goal) {}

bool PatientPruner::has_run_out(const Curve& curve) const {
  if (warmup_ > 0 && curve.step < warmup_) return false;
  // Unsigned, as the difference of two steps can be larger than any step.
  const auto waited =
      static_cast<std::uint64_t>(curve.step) - static_cast<std::uint64_t>(curve.improved);
  return waited >= static_cast<std::uint64_t>(std::max<std::int64_t>(patience_, 1));
}

bool PatientPruner::observe(TrialNumber trial, std::int64_t step, double value) {
  if (!std::isfinite(value)) return false;
  const bool wrapped_may_change = wrapped_ && wrapped_->observe(trial, step, value);
  const double loss = as_loss(goal_, value);
  const auto [found, is_first] = curves_.try_emplace(raw(trial), Curve{loss, step, step, loss});
  Curve& curve = found->second;
  if (is_first) return wrapped_may_change;
  const bool had_run_out = has_run_out(curve);
  curve.step = std::max(curve.step, step);
  curve.last_loss = loss;
  if (loss < curve.loss - min_delta_) {
    curve.loss = loss;
    curve.improved = curve.step;
  }
  return wrapped_may_change || has_run_out(curve) != had_run_out;
}

void PatientPruner::forget(TrialNumber trial) {
  curves_.erase(raw(trial));
  if (wrapped_) wrapped_->forget(trial);
}

std::vector<Verdict> PatientPruner::decide(const std::vector<TrialNumber>& running,
                                           std::vector<Grounds>* grounds) const {
  std::vector<TrialNumber> impatient;
  for (const TrialNumber number : running) {
    const auto found = curves_.find(raw(number));
    if (found != curves_.end() && has_run_out(found->second)) impatient.push_back(number);
  }
  std::vector<Verdict> verdicts;
  if (wrapped_) {
    verdicts =
        grounds == nullptr ? wrapped_->judge(impatient) : wrapped_->explain(impatient, grounds);
    for (std::size_t i = 0; i < verdicts.size(); ++i) {
      verdicts[i].message += ", and " + waited(curves_.at(raw(verdicts[i].trial)));
      if (grounds != nullptr) (*grounds)[i].rule += ", once a trial does not improve";
    }
    return verdicts;
  }
  for (const TrialNumber number : impatient) {
    verdicts.push_back(own_verdict(number, curves_.at(raw(number))));
    if (grounds != nullptr) {
      grounds->push_back({name(), "who does not improve in time is stopped", "step", {}});
    }
  }
  return verdicts;
}

Verdict PatientPruner::own_verdict(TrialNumber trial, const Curve& curve) const {
  Verdict verdict;
  verdict.trial = trial;
  verdict.rung = static_cast<std::uint64_t>(std::max<std::int64_t>(curve.step, 0));
  verdict.value = as_loss(goal_, curve.last_loss);
  verdict.threshold = as_loss(goal_, curve.loss - min_delta_);
  verdict.message = waited(curve);
  return verdict;
}

std::string PatientPruner::waited(const Curve& curve) const {
  const auto steps =
      static_cast<std::uint64_t>(curve.step) - static_cast<std::uint64_t>(curve.improved);
  const std::string better =
      min_delta_ == 0 ? "nothing better than "
                      : "nothing better by more than " + number_text(min_delta_) + " than ";
  return better + number_text(as_loss(goal_, curve.loss)) + " of step " +
         std::to_string(curve.improved) + " in " + count_text(steps, "step") + " (patience " +
         std::to_string(patience_) + ")";
}

std::vector<std::uint64_t> PatientPruner::rungs() const {
  return wrapped_ ? wrapped_->rungs() : std::vector<std::uint64_t>();
}

}  // namespace scopa::pruning
