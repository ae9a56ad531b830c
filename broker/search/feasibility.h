#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "broker/search/gaussian_process.h"

namespace scopa::search {

/// Where trials fail because of their configuration, by a Gaussian process of its own: a failure is
/// 1, an end with a result 0. Failures that lie anywhere are its noise, so that a crash by chance
/// keeps nobody away; a region in which trials fail is learned and left.
///
/// The probability that a configuration does not fail is (Gelbart, Snoek, Adams, "Bayesian
/// optimization with unknown constraints", UAI 2014, whose product with the improvement is what
/// Acquisition looks for)
///
///     P(x) = Phi((1/2 - m(x)) / sqrt(v(x) + noise + .01))
///
/// with the process's mean m and variance v. Thread-safe while nothing is learned.
class Feasibility {
 public:
  explicit Feasibility(std::vector<GaussianProcess::Coordinate> coordinates);

  /// What became of trials: a column of `points` each, 1 in `failed` or 0. Hyperparameters are
  /// fitted to those with the numbers `to_fit`, in at most `steps` gradients; again only where
  /// these have changed.
  void learn(const GaussianProcess::Points& points, const std::vector<char>& failed,
             std::span<const std::size_t> to_fit, int steps);

  /// Whether P is 1 everywhere, as nothing has failed.
  bool is_certain() const { return is_certain_; }

  /// ln P at points, a column for each.
  std::vector<double> log_probabilities(const GaussianProcess::Points& points) const;
  /// With its slopes by their coordinates, a column for each; 0 for categories.
  std::vector<double> log_probabilities(const GaussianProcess::Points& points,
                                        Eigen::MatrixXd* gradients) const;

 private:
  GaussianProcess::Data standardised(GaussianProcess::Points points,
                                     const std::vector<char>& failed);

  GaussianProcess process_;
  GaussianProcess::Hyper hyper_;
  std::vector<double> fitted_to_;
  bool is_certain_ = true;
  double mean_ = 0, deviation_ = 1;  // of the zeros and ones
};

}  // namespace scopa::search
