#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "broker/search/feasibility.h"
#include "broker/search/gaussian_process.h"
#include "broker/search/history.h"
#include "broker/search/observations.h"
#include "broker/search/space.h"

namespace scopa::search {

struct BeliefSettings {
  std::size_t trials_max = 400;  ///< that the process is conditioned on
  int fit_steps = 60;            ///< gradients for the hyperparameters, at most
  std::size_t fit_max = 120;     ///< trials that they are fitted to
};

/// What Gaussian processes believe of a sweep from its trials so far: one of the losses, one of
/// where trials fail (see Feasibility).
///
/// Losses above the median count by their logarithm, as outliers there would flatten everything
/// below. A curve without an end counts with the end that curves::EndForecaster expects, and is
/// believed the less the less sure that is. Failed trials have no loss.
///
/// The hyperparameters are fitted to the first of the ended trials, in steps of an eighth of their
/// number, at most to `fit_max` of them, so that what one suggestion costs does not grow with all
/// others.
///
/// A function of the space, the metric and the last history, whatever came before. Not thread-safe.
class Belief {
 public:
  /// The space must outlive it.
  Belief(const Space& space, const spec::Metric& metric, BeliefSettings settings);

  /// What is known of which trial. O(trials).
  void update(const History& history);
  /// The processes, of the last update(). At least one trial must have been observed.
  void learn(const History& history);

  /// Of the last update(): trials with a loss, not more than `trials_max` if some have no end;
  /// those that failed; those that run or wait and show nothing yet, of which the newest.
  const std::vector<std::size_t>& observed() const { return observed_; }
  const std::vector<std::size_t>& failed() const { return failed_; }
  const std::vector<std::size_t>& pending() const { return pending_; }
  const Observations& observations() const { return observations_; }
  const Point& point(std::size_t trial) const { return points_[trial]; }

  /// Of the last learn(). Pending trials are believed to come out as is predicted.
  const GaussianProcess& losses() const { return losses_; }
  const Feasibility& feasibility() const { return feasibility_; }
  /// The lowest mean at a trial, pending ones included, and the observed trial with the lowest.
  double best() const { return best_; }
  std::size_t incumbent() const { return incumbent_; }
  /// GaussianProcess::left_out_gain(): whether what was seen can be predicted at all.
  double gain() const { return gain_; }

 private:
  GaussianProcess::Points columns(std::span<const std::size_t> trials) const;
  GaussianProcess::Data data(std::span<const std::size_t> trials) const;
  std::vector<std::size_t> chosen_to_fit(const History& history) const;
  void limit_partial();
  void learn_losses(const History& history);
  void learn_failures(const History& history);

  const Space& space_;
  BeliefSettings settings_;
  Observations observations_;
  std::vector<Point> points_;        // by trial
  std::vector<Eigen::VectorXd> at_;  // by trial
  std::vector<std::size_t> observed_, failed_, pending_;
  GaussianProcess losses_;
  GaussianProcess::Hyper hyper_;
  std::vector<double> fitted_to_;  // trials, losses and doubts that hyper_ belongs to
  Feasibility feasibility_;
  double best_ = 0, gain_ = 0;
  std::size_t incumbent_ = 0;
};

}  // namespace scopa::search
