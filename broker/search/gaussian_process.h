#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <vector>

namespace scopa::search {

/// A Gaussian process over points of the unit cube, some of whose coordinates are categories
/// (Rasmussen and Williams, "Gaussian processes for machine learning", 2006):
///
///     y = f(x) + noise,  f ~ GP(0, k),  k(x, x') = s^2 (1 + sqrt(5) r + 5/3 r^2) exp(-sqrt(5) r)
///     r^2 = sum_j d_j^2 / l_j^2,  d_j = x_j - x'_j, or for a category 0 if both are the same, else
///     1
///
/// that is Matern-5/2 (eq. 4.17) with a length-scale for each coordinate (eq. 5.1). The
/// length-scales, s^2 and the variance of the noise are those of the largest posterior density:
/// marginal likelihood (eq. 5.8, its gradient 5.9) times priors. ln l_j is normal around
/// what the coordinate says with deviation 1; ln s^2 around 0 with deviation 1, ln noise around
/// what is said with deviation 2.
///
/// The same input gives the same bits wherever the same program runs. Not thread-safe; predict()
/// is, as long as nothing else is called.
class GaussianProcess {
 public:
  using Points = Eigen::MatrixXd;  ///< a column for each point
  using Values = Eigen::VectorXd;

  /// What was seen.
  struct Data {
    Points points;
    Values values;  ///< of mean 0 and deviation 1
    Values doubts;  ///< for each value the variance of what it is besides the common noise, or 0
  };
  struct Hyper {
    std::vector<double> log_length;  ///< ln l_j
    double log_signal = 0;           ///< ln s^2
    double log_noise = -6;           ///< ln of the noise's variance
  };
  struct Prediction {
    double mean = 0;
    double variance = 1;  ///< of f, without the noise; positive
  };

  struct Coordinate {
    bool is_category = false;
    double log_length = 0.5;  ///< ln l_j that is expected
  };

  /// `log_noise`: what is expected of ln noise.
  explicit GaussianProcess(std::vector<Coordinate> coordinates, double log_noise = -6);

  /// The most probable hyperparameters, in at most `steps` gradients of O(n^3 + d n^2) each.
  Hyper fit(const Data& data, int steps) const;

  /// From now on, predictions with these. O(n^3).
  void condition(const Hyper& hyper, Data data);
  /// Takes the values at these points to be what is predicted there now: no mean changes, variances
  /// shrink ("kriging believer"). O(m n^2) for m points.
  void believe(const Points& points);

  /// O(n^2).
  Prediction predict(const Eigen::VectorXd& point) const;
  /// All at once, which costs less.
  std::vector<Prediction> predict_all(const Points& points) const;
  /// Of each prediction by its point's coordinates, a column for each; 0 for categories.
  struct Gradients {
    Eigen::MatrixXd mean, variance;
  };
  std::vector<Prediction> predict_all(const Points& points, Gradients* gradients) const;

  const Hyper& hyper() const { return hyper_; }
  /// The means at the points that it was conditioned on.
  Values means() const;
  /// How much better it predicts a value from all others than one who says N(0, 1): the mean of the
  /// differences of the logarithms of the predictive densities (Rasmussen and Williams, eq. 5.10 to
  /// 5.12). Before anything is believed.
  double left_out_gain() const;

  static constexpr double kRoot5 = 2.23606797749978969641;
  /// Added to the covariance's diagonal, in units of the signal.
  static constexpr double kJitter = 1e-8;

 private:
  void rebuild();
  Eigen::Index size() const { return scaled_.rows(); }
  Points scale(const Points& points) const;
  Eigen::VectorXd distances(const Eigen::VectorXd& scaled) const;
  Eigen::MatrixXd distances_to(const Points& scaled) const;

  std::vector<Coordinate> coordinates_;
  double log_noise_;
  Hyper hyper_;
  Eigen::VectorXd inverse_length_;
  double signal_ = 1, noise_ = 1e-3;
  // The points as distances need them: a row for each, and coordinates over their length-scales but
  // for categories.
  Eigen::MatrixXd scaled_;
  Values values_;
  Values diagonal_;          // of the covariance, besides the signal
  Eigen::MatrixXd whiten_;   // L^-1, L L' = the covariance with the noise
  Eigen::VectorXd weights_;  // the covariance's inverse times the values
};

/// ln of the expected improvement below `best` of a value ~ N(mean, deviation^2), and its
/// derivatives by both: "LogEI" of Ament et al., "Unexpected improvements to expected improvement
/// for Bayesian optimization" (NeurIPS 2023), which has a gradient where EI itself is 0.
struct LogImprovement {
  double value = 0;
  double by_mean = 0;
  double by_deviation = 0;
};
LogImprovement log_improvement(double mean, double deviation, double best);

}  // namespace scopa::search
