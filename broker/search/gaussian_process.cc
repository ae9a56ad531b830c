#include "broker/search/gaussian_process.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "broker/search/exact.h"
#include "broker/search/fast_math.h"
#include "broker/search/math.h"

namespace scopa::search {
namespace {

constexpr double kRoot5 = 2.23606797749978969641;
constexpr double kJitter = 1e-8;  // of the covariance's diagonal, in units of the signal
constexpr double kVarianceMin = 1e-12;

// Otherwise Eigen cuts its products by the sizes of this machine's caches, and sums depend on it.
void be_the_same_everywhere() {
  static const bool done = [] {
    Eigen::setCpuCacheSizes(32 * 1024, 256 * 1024, 2 * 1024 * 1024);
    return true;
  }();
  (void)done;
}

double difference(char is_category, double a, double b) {
  if (is_category != 0) return a == b ? 0 : 1;
  return a - b;
}

struct Prior {
  double mean = 0, deviation = 1;
  double log_density(double x) const {
    const double z = (x - mean) / deviation;
    return -0.5 * z * z;
  }
  double gradient(double x) const { return -(x - mean) / (deviation * deviation); }
};

Prior length_prior(std::size_t dimensions) {
  return {std::numbers::sqrt2 +
              0.5 * log_exactly(static_cast<double>(std::max<std::size_t>(dimensions, 1))),
          std::numbers::sqrt3};
}
constexpr Prior kSignalPrior{0, 1};
constexpr Prior kNoisePrior{-6, 2};

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

 private:
  Eigen::VectorXd step_, last_;
};

}  // namespace

GaussianProcess::GaussianProcess(std::vector<char> is_category)
    : is_category_(std::move(is_category)) {
  be_the_same_everywhere();
}

double GaussianProcess::log_posterior(const Hyper& hyper, const Points& points,
                                      const Values& values, Eigen::VectorXd* gradient) const {
  const Eigen::Index n = points.cols();
  const auto d = static_cast<Eigen::Index>(is_category_.size());
  const double signal = exp_exactly(hyper.log_signal);
  const double noise = exp_exactly(hyper.log_noise);
  Eigen::VectorXd scale(d);
  for (Eigen::Index j = 0; j < d; ++j) {
    scale[j] = exp_exactly(-2 * hyper.log_length[static_cast<std::size_t>(j)]);
  }
  Eigen::MatrixXd covariance(n, n);
  Eigen::MatrixXd slope(n, n);  // of the covariance by r^2
  for (Eigen::Index a = 0; a < n; ++a) {
    for (Eigen::Index b = 0; b < a; ++b) {
      double square = 0;
      for (Eigen::Index j = 0; j < d; ++j) {
        const double by =
            difference(is_category_[static_cast<std::size_t>(j)], points(j, a), points(j, b));
        square += scale[j] * by * by;
      }
      const double r = kRoot5 * std::sqrt(square);
      const double decay = signal * exp_of_negative(-r);
      covariance(a, b) = (1 + r + r * r / 3) * decay;
      slope(a, b) = -5.0 / 6 * (1 + r) * decay;
    }
    covariance(a, a) = signal * (1 + kJitter) + noise;
    slope(a, a) = 0;
  }
  const Eigen::LLT<Eigen::MatrixXd, Eigen::Lower> factor(
      covariance.selfadjointView<Eigen::Lower>());
  if (factor.info() != Eigen::Success) return -std::numeric_limits<double>::infinity();
  const Eigen::VectorXd weights = factor.solve(values);
  double log_determinant = 0;
  for (Eigen::Index a = 0; a < n; ++a) log_determinant += 2 * log_exactly(factor.matrixLLT()(a, a));
  const Prior lengths = length_prior(is_category_.size());
  double log_density = -0.5 * values.dot(weights) - 0.5 * log_determinant +
                       kSignalPrior.log_density(hyper.log_signal) +
                       kNoisePrior.log_density(hyper.log_noise);
  for (const double length : hyper.log_length) log_density += lengths.log_density(length);

  const Eigen::MatrixXd inverse = factor.solve(Eigen::MatrixXd::Identity(n, n));
  gradient->setZero(d + 2);
  double by_signal = 0;
  double trace = 0;
  for (Eigen::Index a = 0; a < n; ++a) {
    for (Eigen::Index b = 0; b < a; ++b) {
      // Both halves of the matrix: twice a half.
      const double pull = weights[a] * weights[b] - inverse(a, b);
      by_signal += pull * covariance(a, b);
      const double common = pull * slope(a, b);
      for (Eigen::Index j = 0; j < d; ++j) {
        const double by =
            difference(is_category_[static_cast<std::size_t>(j)], points(j, a), points(j, b));
        (*gradient)[j] += common * by * by;
      }
    }
    const double pull = weights[a] * weights[a] - inverse(a, a);
    by_signal += 0.5 * pull * signal * (1 + kJitter);
    trace += 0.5 * pull;
  }
  for (Eigen::Index j = 0; j < d; ++j) {
    const double length = hyper.log_length[static_cast<std::size_t>(j)];
    (*gradient)[j] = -2 * scale[j] * (*gradient)[j] + lengths.gradient(length);
  }
  (*gradient)[d] = by_signal + kSignalPrior.gradient(hyper.log_signal);
  (*gradient)[d + 1] = trace * noise + kNoisePrior.gradient(hyper.log_noise);
  return log_density;
}

GaussianProcess::Hyper GaussianProcess::fit(const Points& points, const Values& values,
                                            int steps) const {
  const auto d = static_cast<Eigen::Index>(is_category_.size());
  const auto hyper_of = [d](const Eigen::VectorXd& at) {
    Hyper hyper;
    hyper.log_length.assign(at.data(), at.data() + d);
    hyper.log_signal = at[d];
    hyper.log_noise = at[d + 1];
    return hyper;
  };
  Eigen::VectorXd at(d + 2);
  at.head(d).setConstant(length_prior(is_category_.size()).mean - 1);
  at[d] = 0;
  at[d + 1] = -4;
  Eigen::VectorXd best = at;
  double best_density = -std::numeric_limits<double>::infinity();
  Climber climber(d + 2);
  Eigen::VectorXd gradient(d + 2);
  for (int step = 0; step < steps; ++step) {
    const double density = log_posterior(hyper_of(at), points, values, &gradient);
    if (!std::isfinite(density)) break;
    if (density > best_density) {
      best_density = density;
      best = at;
    }
    climber.move(gradient, &at);
    at = at.cwiseMax(-14).cwiseMin(8);
  }
  return hyper_of(best);
}

void GaussianProcess::condition(const Hyper& hyper, const Points& points, const Values& values) {
  hyper_ = hyper;
  const auto d = static_cast<Eigen::Index>(is_category_.size());
  inverse_square_length_.resize(d);
  for (Eigen::Index j = 0; j < d; ++j) {
    inverse_square_length_[j] = exp_exactly(-2 * hyper.log_length[static_cast<std::size_t>(j)]);
  }
  signal_ = exp_exactly(hyper.log_signal);
  noise_ = exp_exactly(hyper.log_noise);
  points_ = points;
  values_ = values;
  rebuild();
}

void GaussianProcess::believe(const Points& points) {
  const Eigen::Index n = points_.cols();
  Values means(points.cols());
  for (Eigen::Index a = 0; a < points.cols(); ++a) means[a] = predict(points.col(a)).mean;
  points_.conservativeResize(Eigen::NoChange, n + points.cols());
  points_.rightCols(points.cols()) = points;
  values_.conservativeResize(n + points.cols());
  values_.tail(points.cols()) = means;
  rebuild();
}

void GaussianProcess::rebuild() {
  const Eigen::Index n = points_.cols();
  Eigen::MatrixXd covariance(n, n);
  for (Eigen::Index a = 0; a < n; ++a) {
    const Eigen::VectorXd square = distances(points_.col(a));
    for (Eigen::Index b = a; b < n; ++b) {
      const double r = kRoot5 * std::sqrt(square[b]);
      covariance(b, a) = signal_ * (1 + r + r * r / 3) * exp_of_negative(-r);
    }
    covariance(a, a) = signal_ * (1 + kJitter) + noise_;
  }
  // With enough on the diagonal it is positive definite; up to a tenth of the signal is tried.
  for (double extra = 0; extra < 1; extra = extra == 0 ? 1e-6 : extra * 10) {
    Eigen::MatrixXd sum = covariance;
    sum.diagonal().array() += extra * signal_;
    const Eigen::LLT<Eigen::MatrixXd, Eigen::Lower> factor(sum.selfadjointView<Eigen::Lower>());
    if (factor.info() != Eigen::Success) continue;
    inverse_ = factor.solve(Eigen::MatrixXd::Identity(n, n));
    weights_ = factor.solve(values_);
    return;
  }
  inverse_ = Eigen::MatrixXd::Identity(n, n) / (signal_ + noise_);
  weights_ = inverse_ * values_;
}

Eigen::VectorXd GaussianProcess::distances(const Eigen::VectorXd& point) const {
  Eigen::VectorXd square = Eigen::VectorXd::Zero(points_.cols());
  for (Eigen::Index a = 0; a < points_.cols(); ++a) {
    for (Eigen::Index j = 0; j < points_.rows(); ++j) {
      const double by =
          difference(is_category_[static_cast<std::size_t>(j)], point[j], points_(j, a));
      square[a] += inverse_square_length_[j] * by * by;
    }
  }
  return square;
}

GaussianProcess::Prediction GaussianProcess::predict(const Eigen::VectorXd& point) const {
  Eigen::VectorXd covariance = distances(point);
  for (double& each : covariance) {
    const double r = kRoot5 * std::sqrt(each);
    each = signal_ * (1 + r + r * r / 3) * exp_of_negative(-r);
  }
  const double explained = covariance.dot(inverse_ * covariance);
  return {covariance.dot(weights_), std::max(signal_ - explained, kVarianceMin * signal_)};
}

GaussianProcess::Prediction GaussianProcess::predict(const Eigen::VectorXd& point,
                                                     Eigen::VectorXd* mean_gradient,
                                                     Eigen::VectorXd* variance_gradient) const {
  Eigen::VectorXd covariance = distances(point);
  Eigen::VectorXd slope(covariance.size());  // by r^2
  for (Eigen::Index a = 0; a < covariance.size(); ++a) {
    const double r = kRoot5 * std::sqrt(covariance[a]);
    const double decay = signal_ * exp_of_negative(-r);
    covariance[a] = (1 + r + r * r / 3) * decay;
    slope[a] = -5.0 / 6 * (1 + r) * decay;
  }
  const Eigen::VectorXd solved = inverse_ * covariance;
  mean_gradient->setZero(points_.rows());
  variance_gradient->setZero(points_.rows());
  for (Eigen::Index a = 0; a < covariance.size(); ++a) {
    const double for_mean = 2 * slope[a] * weights_[a];
    const double for_variance = -4 * slope[a] * solved[a];
    for (Eigen::Index j = 0; j < points_.rows(); ++j) {
      if (is_category_[static_cast<std::size_t>(j)] != 0) continue;
      const double by = inverse_square_length_[j] * (point[j] - points_(j, a));
      (*mean_gradient)[j] += for_mean * by;
      (*variance_gradient)[j] += for_variance * by;
    }
  }
  return {covariance.dot(weights_),
          std::max(signal_ - covariance.dot(solved), kVarianceMin * signal_)};
}

GaussianProcess::Values GaussianProcess::means() const {
  Values means(points_.cols());
  for (Eigen::Index a = 0; a < points_.cols(); ++a) means[a] = predict(points_.col(a)).mean;
  return means;
}

LogImprovement log_improvement(double mean, double deviation, double best) {
  // EI = s h(z), h(z) = phi(z) + z Phi(z). Below -5 by the series of h and Phi in 1 / z^2, whose
  // factor phi(z) goes into the exponent.
  constexpr double kLogRoot2Pi = 0.91893853320467274178;
  const double z = (best - mean) / deviation;
  const double log_density = -0.5 * z * z - kLogRoot2Pi;
  double h = 0;    // over phi(z)
  double cdf = 0;  // over phi(z)
  if (z < -5) {
    const double q = 1 / (z * z);
    h = q * (1 - q * (3 - q * (15 - q * 105)));
    cdf = -(1 - q * (1 - q * (3 - q * 15))) / z;
  } else {
    const double density = exp_exactly(log_density);
    if (!(density > 1e-300)) {  // z is so large that EI = best - mean
      return {log_exactly(best - mean), -1 / (best - mean), 0};
    }
    cdf = normal_cdf(z) / density;
    h = 1 + z * cdf;
  }
  return {log_exactly(deviation) + log_density + log_exactly(h), -cdf / (deviation * h),
          1 / (deviation * h)};
}

}  // namespace scopa::search
