#pragma once

#include <cstdint>
#include <vector>

#include "broker/search/random.h"
#include "broker/search/space.h"

namespace scopa::search {

/// The trials of a model as columns: for each parameter the coordinate of each trial, which is its
/// quantile in (0, 1), or the index of its category; kInactive where it has none.
struct Columns {
  static constexpr double kInactive = -1;
  std::vector<std::vector<double>> of;  // [parameter][trial]
};

/// How wide the kernels of a Parzen estimator are.
struct KernelRule {
  double scale = 0.15;        ///< the width at one trial, as a share of the range
  double floor_exponent = 1;  ///< no narrower than 1 / (1 + n)^floor_exponent
  double floor_min = 0.01;    ///< ... nor than this
};

/// A density over configurations, conditions included: one product kernel for each of a set of
/// trials, and the user's prior as one more component, at full width:
///
///     p(x) = sum_i w_i prod_{j active in x} k_j(x_j | x_ij),   i = 0 (prior), 1 ... n
///
/// In the quantile coordinate the prior is uniform. k_j is
/// - a normal density around x_ij of width s_j, cut to [0, 1] and normalised there; s_j is never
///   below half of a value's share of the prior, so that integers and quantised values act as such;
/// - for categories (1 - b) [x_j = x_ij] + b prior(x_j), with b = C / (n + C) for C categories;
/// - the prior, where parameter j is inactive in trial i.
/// The width is that of Scott's rule, s_j = scale * n^(-1 / (d + 4)), and no less than the floor
/// (the "magic clipping" of Bergstra et al. 2011), which shrinks with n.
///
/// Densities are summed in single precision, relative to the nearest component: to about 1e-5 of
/// them. Its arrays are kept between builds. Not thread-safe.
class Mixture {
 public:
  Mixture(const Space* space, KernelRule rule);

  /// `members`: the trials; `weights`: theirs, and the prior's as the last. `columns` must stay
  /// until the next build.
  void build(const Columns& columns, const std::vector<std::size_t>& members,
             const std::vector<double>& weights);

  /// A configuration from the density; takes its numbers from `stream` in a fixed order.
  Point sample(Stream* stream) const;
  /// The logarithm of the density at a settled point with coordinates `at` (see Columns).
  double log_density(const Point& point, const std::vector<double>& at);
  /// The same of parameter `j` alone: all others are integrated out, and its conditions hold.
  double log_marginal(std::size_t j, const std::vector<double>& at);

 private:
  void set_width(std::size_t n);
  void build_weights(const std::vector<double>& weights);
  void build_ordered(std::size_t j);
  // What is gathered of a configuration's parameters, for the sum over the components.
  struct Sum {
    double common = 0;                 // of all components but the prior: logarithm
    double prior = 0;                  // likewise, of the prior
    std::vector<std::size_t> squares;  // parameters whose squares are still to be added
  };
  void add(std::size_t j, double x, Sum* sum);
  void add_squares(const std::vector<double>& at, const Sum& sum);
  double log_of(const Sum& sum);
  double sample_ordered(std::size_t j, double centre, Stream* stream) const;

  const Space* space_;
  KernelRule rule_;
  std::vector<double> cell_;       // the largest share of one value, by parameter
  std::vector<char> conditional_;  // by parameter: may be inactive, here or in a member
  const Columns* columns_ = nullptr;
  std::vector<std::size_t> members_;
  std::vector<double> width_;      // by parameter
  std::vector<double> log_scale_;  // by parameter: ln of sqrt(2 pi) times the width
  std::vector<double> blur_;       // b, by parameter
  std::vector<double> log_blur_;
  std::vector<std::vector<double>> log_prior_;  // [parameter][category]
  std::vector<double> cumulative_;              // of the weights, the prior last
  double prior_weight_ = 0;

  // A kernel is exp(-exponent); these are what exponents are made of, [parameter][member].
  std::vector<std::vector<float>> centre_;  // / (sqrt(2) width); 0 where inactive; or the category
  std::vector<std::vector<float>> active_;  // 1 or 0 (conditional ones only)
  std::vector<std::vector<float>> cost_;    // of what lies outside [0, 1] (conditional ones only)
  std::vector<float> weight_cost_;          // -log of the weight, by member
  std::vector<float> inside_cost_;          // ... and of what lies outside, where always active
  std::vector<float> exponent_, quantile_, inside_;  // scratch
  std::vector<double> mass_;                         // scratch
  Sum sum_;                                          // scratch
};

}  // namespace scopa::search
