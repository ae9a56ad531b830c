#pragma once

#include <cstdint>
#include <vector>

#include "broker/curves/end_forecast.h"
#include "broker/search/history.h"
#include "broker/spec/sweep_spec.h"

namespace scopa::search {

/// What a model takes a trial for.
enum class Standing : std::uint8_t {
  kNone,      ///< nothing can be said: cancelled, or lost by its machines, before its first value
  kObserved,  ///< it has a loss
  kPending,   ///< it runs or waits and shows nothing that can be compared yet
  kFailed,    ///< it failed, or ended without a finite value: infeasible, counts as the worst
};

/// The losses of all trials (the goal metric, negated for `maximize`), partial ones included, so
/// that they can be ranked against each other.
///
/// A completed trial has its value. A trial that was stopped early, or still runs, has k values of
/// its curve; it is compared with the completed trials at the largest count c <= k of the series 1,
/// 2, 3, 4, 6, 8, 12, 16, 24 ... (so that many trials share one): when its best value so far beats
/// all but a share p of theirs at c, it gets the loss that a share p of them ended below. Never
/// worse than what it has reached. With fewer than kReferencesMin completed trials that long, a
/// stopped one counts with the best it reached and a running one as pending. One that was
/// cancelled, or that failed because its machines did, counts as stopped.
///
/// The metric's `impute` and `impute_while_running` change this as they do for W&B: with `best` or
/// `latest` a failed trial that logged values counts with its best or last one; with anything but
/// `false` a running trial does, too, instead of being compared (`worst` takes its best, and the
/// worst of all while it has none).
///
/// "Value" is everywhere what `metric.reduce` makes of the curve so far. With replicates, a trial
/// whose value is the mean of m runs counts with mean + s / sqrt(m), where s is the standard
/// deviation of one run, pooled over all trials with two runs or more: so one that was lucky once
/// does not beat one that was confirmed. Without replicates s is 0.
///
/// Keeps what it knows of a trial until the trial's digest changes. Not thread-safe.
class Observations {
 public:
  static constexpr std::size_t kReferencesMin = curves::kReferencesMin;

  explicit Observations(const spec::Metric& metric);

  /// Brings all to the state of `history`, and lists the trials of which something changed.
  void update(const History& history);

  /// Both by trial number, of the last update(). A failed trial's loss is the worst that any ended
  /// trial ever logged.
  const std::vector<Standing>& standing() const { return standing_; }
  const std::vector<double>& loss() const { return loss_; }
  /// For those that need to know how sure a loss is: replaces the losses of the last update() of
  /// curves without an end by what curves::EndForecaster says, where there are enough completed
  /// trials. O(partial + completed trials) but for logarithms, for each count of the series.
  void forecast_ends();
  /// After forecast_ends(), by trial number: the variance of the end around the loss; 0: it is one.
  const std::vector<double>& doubt() const { return doubt_; }
  /// Whether its curve has no end (of the last update()).
  bool is_partial(std::size_t trial) const { return partial_[trial] != 0; }
  /// A loss as the metric was logged.
  double value_of(double loss) const { return sign_ * loss; }
  /// Trials that were added or changed since the update before.
  const std::vector<std::size_t>& changed() const { return changed_; }

 private:
  struct Partial {
    std::size_t trial = 0;
    std::size_t rung = 0;  // index into the series of counts
    bool running = false;
  };

  void refresh(const TrialRecord& trial, std::size_t index);
  double pooled_spread() const;
  void rank_partial(std::size_t rung, std::size_t first, std::size_t last);

  enum class Impute : std::uint8_t { kNone, kBest, kLatest, kWorst };
  static Impute impute_named(const std::string& name);
  void impute(std::size_t index, Impute rule, bool has_values, double latest);

  spec::Metric metric_;
  double sign_;
  Impute failed_, running_;
  std::vector<std::uint64_t> digests_;
  std::vector<Standing> standing_;
  std::vector<double> loss_;
  std::vector<double> doubt_;
  std::vector<double> own_;                      // the loss before the standard error
  std::vector<std::uint32_t> runs_;              // in the mean
  std::vector<double> spread_;                   // of them
  double error_of_one_ = 0;                      // the pooled spread
  std::vector<char> partial_;                    // a curve without an end
  std::vector<std::vector<double>> best_after_;  // the best loss after each count of the series
  std::vector<double> best_;                     // ... after all values
  std::vector<double> worst_;                    // the worst it logged; only of ended ones
  std::vector<std::size_t> changed_;
  std::vector<Partial> partials_;      // scratch
  std::vector<double> at_rung_, end_;  // scratch
};

}  // namespace scopa::search
