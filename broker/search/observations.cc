#include "broker/search/observations.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

#include "broker/search/reduced.h"

namespace scopa::search {
namespace {

// 1, 2, 3, 4, 6, 8, 12, 16, 24 ...
std::uint64_t count_after(std::size_t rung) {
  if (rung < 2) return rung + 1;
  const std::uint64_t power = std::uint64_t{1} << (rung / 2);
  return rung % 2 == 1 ? 2 * power : power + power / 2;
}

// The gain is the one since half as many values.
curves::Standing standing_at(const std::vector<double>& best_after, std::size_t rung) {
  const std::size_t before = rung < 2 ? 0 : rung - 2;
  return {best_after[rung], best_after[before] - best_after[rung]};
}

}  // namespace

Observations::Impute Observations::impute_named(const std::string& name) {
  if (name == "best") return Impute::kBest;
  if (name == "latest") return Impute::kLatest;
  return name == "worst" ? Impute::kWorst : Impute::kNone;
}

Observations::Observations(const spec::Metric& metric)
    : metric_(metric),
      sign_(metric.goal == Goal::kMaximize ? -1 : 1),
      failed_(impute_named(metric.impute)),
      running_(impute_named(metric.impute_while_running)) {}

void Observations::impute(std::size_t index, Impute rule, bool has_values, double latest) {
  const bool observed = has_values && (rule == Impute::kBest || rule == Impute::kLatest);
  standing_[index] = observed ? Standing::kObserved : Standing::kFailed;
  own_[index] = rule == Impute::kLatest ? latest : best_[index];
}

void Observations::refresh(const TrialRecord& trial, std::size_t index) {
  auto& best_after = best_after_[index];
  best_after.clear();
  double best = 0;
  double best_value = 0;
  double worst = -std::numeric_limits<double>::infinity();
  double latest = 0;
  std::uint64_t count = 0;
  for (const CurvePoint& point : trial.curve) {
    if (count == 0 || is_better(metric_.goal, point.value, best_value)) best_value = point.value;
    latest = sign_ * reduced(metric_, std::span(trial.curve).first(count + 1), best_value);
    best = count == 0 ? latest : std::min(best, latest);
    worst = std::max(worst, latest);
    if (++count == count_after(best_after.size())) best_after.push_back(best);
  }
  if (trial.value) worst = std::max(worst, sign_ * *trial.value);
  best_[index] = best;
  worst_[index] = has_ended(trial.state) ? worst : -std::numeric_limits<double>::infinity();
  partial_[index] = 0;
  own_[index] = trial.value ? sign_ * *trial.value : best;
  runs_[index] = std::max<std::uint32_t>(trial.replicates, 1);
  spread_[index] = trial.spread;
  switch (trial.state) {
    case TrialState::kCompleted:
      standing_[index] = Standing::kObserved;
      if (!trial.value) impute(index, failed_, count > 0, latest);
      break;
    case TrialState::kFailed:
      if (!trial.blameless) {
        impute(index, failed_, count > 0, latest);
        break;
      }
      [[fallthrough]];  // as good as cancelled
    case TrialState::kCancelled:
      standing_[index] = count > 0 ? Standing::kObserved : Standing::kNone;
      partial_[index] = count > 0;
      break;
    case TrialState::kPruned:
      // Stopped before its first value: there was a reason, so not neutral.
      standing_[index] = count > 0 ? Standing::kObserved : Standing::kFailed;
      partial_[index] = count > 0;
      break;
    case TrialState::kDiverged:
      // What it logged before is no result, whatever `impute` makes of failures.
      standing_[index] = Standing::kFailed;
      break;
    case TrialState::kQueued:
      standing_[index] = Standing::kPending;
      break;
    case TrialState::kRunning:
      standing_[index] = Standing::kPending;
      if (running_ == Impute::kNone) {
        partial_[index] = count > 0;
      } else if (count > 0) {
        impute(index, running_ == Impute::kWorst ? Impute::kBest : running_, true, latest);
      } else if (running_ == Impute::kWorst) {
        standing_[index] = Standing::kFailed;
      }
      break;
  }
}

void Observations::update(const History& history) {
  const auto& digests = history.digests();
  const std::size_t n = digests.size();
  for (auto* column : {&loss_, &own_, &best_, &spread_}) column->resize(n);
  worst_.resize(n, -std::numeric_limits<double>::infinity());  // gaps stay so
  runs_.resize(n, 1);
  standing_.resize(n);
  partial_.resize(n);
  best_after_.resize(n);
  digests_.resize(n, 0);
  changed_.clear();
  partials_.clear();
  for (std::size_t i = 0; i < n; ++i) {
    const TrialRecord& trial = history.trials()[i];
    const bool running = trial.state == TrialState::kRunning;
    if (digests[i] != digests_[i]) {
      refresh(trial, i);
      digests_[i] = digests[i];
      changed_.push_back(i);
    }
    if (partial_[i]) partials_.push_back({i, best_after_[i].size() - 1, running});
  }
  error_of_one_ = pooled_spread();
  for (std::size_t i = 0; i < n; ++i) {
    loss_[i] = own_[i] + error_of_one_ / std::sqrt(static_cast<double>(runs_[i]));
  }
  std::stable_sort(partials_.begin(), partials_.end(),
                   [](const Partial& a, const Partial& b) { return a.rung < b.rung; });
  for (std::size_t first = 0; first < partials_.size();) {
    std::size_t last = first;
    while (last < partials_.size() && partials_[last].rung == partials_[first].rung) ++last;
    rank_partial(partials_[first].rung, first, last);
    first = last;
  }
  double worst = -std::numeric_limits<double>::infinity();
  for (const double of_one : worst_) worst = std::max(worst, of_one);
  if (worst < 0 && std::isinf(worst)) worst = -worst;  // nobody ever logged anything
  for (std::size_t i = 0; i < n; ++i) {
    if (standing_[i] == Standing::kFailed) loss_[i] = worst + error_of_one_;
  }
}

void Observations::forecast_ends() {
  doubt_.assign(loss_.size(), 0);
  std::vector<curves::Reference> references;
  curves::EndForecaster forecaster;
  for (std::size_t k = 0; k < partials_.size(); ++k) {
    const Partial& partial = partials_[k];
    if (k == 0 || partials_[k - 1].rung != partial.rung) {
      references.clear();
      for (std::size_t i = loss_.size(); i-- > 0 && references.size() < curves::kReferencesMax;) {
        if (standing_[i] != Standing::kObserved || partial_[i]) continue;
        if (best_after_[i].size() <= partial.rung) continue;
        references.push_back({standing_at(best_after_[i], partial.rung), own_[i], i});
      }
      forecaster = curves::EndForecaster(references);
    }
    const auto end = forecaster.forecast(standing_at(best_after_[partial.trial], partial.rung));
    if (!end) continue;
    loss_[partial.trial] = std::min(end->mean, best_[partial.trial]) + error_of_one_;
    doubt_[partial.trial] = end->variance;
  }
}

double Observations::pooled_spread() const {
  double squares = 0;
  double freedom = 0;
  for (std::size_t i = 0; i < runs_.size(); ++i) {
    if (runs_[i] < 2) continue;
    const double degrees = runs_[i] - 1;
    squares += degrees * spread_[i] * spread_[i];
    freedom += degrees;
  }
  const double pooled = freedom > 0 ? std::sqrt(squares / freedom) : 0;
  return std::isfinite(pooled) ? pooled : 0;
}

void Observations::rank_partial(std::size_t rung, std::size_t first, std::size_t last) {
  at_rung_.clear();
  end_.clear();
  for (std::size_t i = 0; i < standing_.size(); ++i) {
    if (standing_[i] != Standing::kObserved || partial_[i] || best_after_[i].size() <= rung)
      continue;
    at_rung_.push_back(best_after_[i][rung]);
    end_.push_back(loss_[i]);
  }
  const bool comparable = end_.size() >= kReferencesMin;
  std::sort(at_rung_.begin(), at_rung_.end());
  std::sort(end_.begin(), end_.end());
  for (std::size_t k = first; k < last; ++k) {
    const Partial& partial = partials_[k];
    double& loss = loss_[partial.trial];
    loss = best_[partial.trial] + error_of_one_;
    if (partial.running) {
      standing_[partial.trial] = comparable ? Standing::kObserved : Standing::kPending;
    }
    if (!comparable) continue;
    const double own = best_after_[partial.trial][rung];
    const auto [low, high] = std::equal_range(at_rung_.begin(), at_rung_.end(), own);
    const auto ahead = static_cast<std::size_t>((low - at_rung_.begin()) + (high - low) / 2);
    // Behind all of them it stays at what it has reached, which is then no better than the worst.
    if (ahead < end_.size()) loss = std::min(loss, end_[ahead]);
  }
}

}  // namespace scopa::search
