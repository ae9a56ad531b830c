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
/// sqrt(2) + ln(d) / 2 with deviation sqrt(3), so that with more coordinates each matters less
/// (Hvarfner, Hellsten, Nardi, "Vanilla Bayesian optimization performs great in high dimensions",
/// ICML 2024); ln s^2 around 0 with deviation 1, ln noise around -6 with deviation 2.
///
/// The same input gives the same bits wherever the same program runs. Not thread-safe; predict()
/// is, as long as nothing else is called.
class GaussianProcess {
 public:
  using Points = Eigen::MatrixXd;  ///< a column for each point
  using Values = Eigen::VectorXd;

  struct Hyper {
    std::vector<double> log_length;  ///< ln l_j
    double log_signal = 0;           ///< ln s^2
    double log_noise = -6;           ///< ln of the noise's variance
  };
  struct Prediction {
    double mean = 0;
    double variance = 1;  ///< of f, without the noise; positive
  };

  explicit GaussianProcess(std::vector<char> is_category);

  /// The most probable hyperparameters for `values` of mean 0 and deviation 1 at `points`, in at
  /// most `steps` gradients of O(n^3 + d n^2) each.
  Hyper fit(const Points& points, const Values& values, int steps) const;

  /// From now on, predictions with these. O(n^3).
  void condition(const Hyper& hyper, const Points& points, const Values& values);
  /// Takes the values at these points to be what is predicted there now: no mean changes, variances
  /// shrink ("kriging believer"). O(n^3).
  void believe(const Points& points);

  /// O(n^2).
  Prediction predict(const Eigen::VectorXd& point) const;
  /// With the gradients by the coordinates; 0 for categories.
  Prediction predict(const Eigen::VectorXd& point, Eigen::VectorXd* mean_gradient,
                     Eigen::VectorXd* variance_gradient) const;

  const Hyper& hyper() const { return hyper_; }
  /// The means at the points that it was conditioned on.
  Values means() const;

 private:
  double log_posterior(const Hyper& hyper, const Points& points, const Values& values,
                       Eigen::VectorXd* gradient) const;
  void rebuild();
  Eigen::VectorXd distances(const Eigen::VectorXd& point) const;

  std::vector<char> is_category_;
  Hyper hyper_;
  Eigen::VectorXd inverse_square_length_;
  double signal_ = 1, noise_ = 1e-3;
  Points points_;
  Values values_;
  Eigen::MatrixXd inverse_;  // of the covariance with the noise
  Eigen::VectorXd weights_;  // inverse_ * values_
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
