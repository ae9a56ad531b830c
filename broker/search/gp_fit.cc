// The most probable hyperparameters of a Gaussian process.
#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <limits>

#include "broker/search/fast_math.h"
#include "broker/search/gaussian_process.h"
#include "broker/search/math.h"

namespace scopa::search {
namespace {

struct Prior {
  double mean = 0, deviation = 1;
  double log_density(double x) const {
    const double z = (x - mean) / deviation;
    return -0.5 * z * z;
  }
  double gradient(double x) const { return -(x - mean) / (deviation * deviation); }
};

constexpr double kLengthDeviation = 1;
constexpr Prior kSignalPrior{0, 1};
constexpr double kNoiseDeviation = 2;

// Resilient gradient steps (Riedmiller and Braun 1993, without weight backtracking): only signs of
// the gradient count, so coordinates of any scale move alike.
class Climber {
 public:
  explicit Climber(Eigen::Index n)
      : step_(Eigen::VectorXd::Constant(n, 0.3)), last_(Eigen::VectorXd::Zero(n)) {}
  void move(const Eigen::VectorXd& gradient, Eigen::VectorXd* at) {
    for (Eigen::Index i = 0; i < gradient.size(); ++i) {
      const double agreement = gradient[i] * last_[i];
      if (agreement > 0) step_[i] = std::min(step_[i] * 1.3, 1.0);
      if (agreement < 0) step_[i] = std::max(step_[i] * 0.5, 1e-4);
      last_[i] = agreement < 0 ? 0 : gradient[i];
      (*at)[i] += gradient[i] > 0 ? step_[i] : gradient[i] < 0 ? -step_[i] : 0;
    }
  }
  double largest_step() const { return step_.maxCoeff(); }

 private:
  Eigen::VectorXd step_, last_;
};

// The log posterior density of the hyperparameters (ln l_1 ... ln l_d, ln s^2, ln noise) and its
// gradient. What does not depend on them is computed once; the pairs of points are one column after
// the other of the covariance's lower half.
class Posterior {
 public:
  Posterior(const GaussianProcess::Data& data,
            const std::vector<GaussianProcess::Coordinate>& coordinates, double log_noise)
      : data_(data),
        n_(data.points.cols()),
        d_(data.points.rows()),
        noise_{log_noise, kNoiseDeviation},
        squares_(n_ * (n_ - 1) / 2, d_),
        covariance_(n_, n_),
        inverse_(n_, n_),
        by_square_(squares_.rows()) {
    for (Eigen::Index j = 0; j < d_; ++j) {
      const bool category = coordinates[static_cast<std::size_t>(j)].is_category;
      lengths_.push_back({coordinates[static_cast<std::size_t>(j)].log_length, kLengthDeviation});
      Eigen::Index pair = 0;
      for (Eigen::Index a = 0; a < n_; ++a) {
        for (Eigen::Index b = a + 1; b < n_; ++b, ++pair) {
          const double by = data.points(j, a) - data.points(j, b);
          squares_(pair, j) = !category ? by * by : by == 0 ? 0 : 1;
        }
      }
    }
  }

  // -infinity where the covariance is not positive definite.
  double at(const Eigen::VectorXd& hyper, Eigen::VectorXd* gradient) {
    Eigen::VectorXd scale(d_);
    for (Eigen::Index j = 0; j < d_; ++j) scale[j] = exp_exactly(-2 * hyper[j]);
    const double signal = exp_exactly(hyper[d_]);
    const double noise = exp_exactly(hyper[d_ + 1]);
    fill(scale, signal, noise);
    factor_.compute(covariance_.selfadjointView<Eigen::Lower>());
    if (factor_.info() != Eigen::Success) return -std::numeric_limits<double>::infinity();
    const Eigen::VectorXd weights = factor_.solve(data_.values);
    double log_density = -0.5 * data_.values.dot(weights);
    for (Eigen::Index a = 0; a < n_; ++a) log_density -= log_exactly(factor_.matrixLLT()(a, a));
    log_density += kSignalPrior.log_density(hyper[d_]) + noise_.log_density(hyper[d_ + 1]);
    for (Eigen::Index j = 0; j < d_; ++j) {
      log_density += lengths_[static_cast<std::size_t>(j)].log_density(hyper[j]);
    }

    invert();
    // d/dK of the density is half of w w' - K^-1; both halves of the matrix: twice a half.
    double by_signal = 0;
    double by_noise = 0;
    Eigen::Index pair = 0;
    for (Eigen::Index a = 0; a < n_; ++a) {
      const double own = 0.5 * (weights[a] * weights[a] - inverse_(a, a));
      by_signal += own * signal * (1 + GaussianProcess::kJitter);
      by_noise += own * noise;
      for (Eigen::Index b = a + 1; b < n_; ++b, ++pair) {
        const double pull = weights[a] * weights[b] - inverse_(b, a);
        by_signal += pull * covariance_(b, a);
        by_square_[pair] *= pull;
      }
    }
    gradient->resize(d_ + 2);
    gradient->head(d_) = -2 * scale.cwiseProduct(squares_.transpose() * by_square_);
    for (Eigen::Index j = 0; j < d_; ++j) {
      (*gradient)[j] += lengths_[static_cast<std::size_t>(j)].gradient(hyper[j]);
    }
    (*gradient)[d_] = by_signal + kSignalPrior.gradient(hyper[d_]);
    (*gradient)[d_ + 1] = by_noise + noise_.gradient(hyper[d_ + 1]);
    return log_density;
  }

 private:
  // The covariance's lower half, and the slope of each pair's by r^2.
  void fill(const Eigen::VectorXd& scale, double signal, double noise) {
    by_square_.noalias() = squares_ * scale;
    Eigen::Index pair = 0;
    for (Eigen::Index a = 0; a < n_; ++a) {
      covariance_(a, a) = signal * (1 + GaussianProcess::kJitter) + noise + data_.doubts[a];
      for (Eigen::Index b = a + 1; b < n_; ++b, ++pair) {
        const double r = GaussianProcess::kRoot5 * std::sqrt(by_square_[pair]);
        const double decay = signal * exp_of_negative(-r);
        covariance_(b, a) = (1 + r + r * r / 3) * decay;
        by_square_[pair] = -5.0 / 6 * (1 + r) * decay;
      }
    }
  }

  // The lower half of K^-1 = L^-T L^-1.
  void invert() {
    const Eigen::MatrixXd half =
        factor_.matrixL().solve(Eigen::MatrixXd::Identity(n_, n_)).transpose();
    inverse_.setZero();
    inverse_.selfadjointView<Eigen::Lower>().rankUpdate(half);
  }

  const GaussianProcess::Data& data_;
  Eigen::Index n_, d_;
  Prior noise_;
  std::vector<Prior> lengths_;
  Eigen::MatrixXd squares_;  // of the coordinates' differences: pairs x d
  Eigen::MatrixXd covariance_, inverse_;
  Eigen::VectorXd by_square_;
  Eigen::LLT<Eigen::MatrixXd, Eigen::Lower> factor_;
};

}  // namespace

GaussianProcess::Hyper GaussianProcess::fit(const Data& data, int steps) const {
  constexpr double kConverged = 0.01;
  const Eigen::Index d = data.points.rows();
  Posterior posterior(data, coordinates_, log_noise_);
  Eigen::VectorXd at(d + 2);
  at.head(d).setConstant(-0.3);
  at[d] = 0;
  at[d + 1] = log_noise_ + kNoiseDeviation;
  Eigen::VectorXd best = at;
  double best_density = -std::numeric_limits<double>::infinity();
  Climber climber(d + 2);
  Eigen::VectorXd gradient(d + 2);
  for (int step = 0; step < steps && climber.largest_step() > kConverged; ++step) {
    const double density = posterior.at(at, &gradient);
    if (!std::isfinite(density)) break;
    if (density > best_density) {
      best_density = density;
      best = at;
    }
    climber.move(gradient, &at);
    at = at.cwiseMax(-14).cwiseMin(8);
  }
  Hyper hyper;
  hyper.log_length.assign(best.data(), best.data() + d);
  hyper.log_signal = best[d];
  hyper.log_noise = best[d + 1];
  return hyper;
}

}  // namespace scopa::search
