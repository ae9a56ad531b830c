#include "broker/search/gaussian_process.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <limits>

#include "broker/search/exact.h"
#include "broker/search/fast_math.h"
#include "broker/search/math.h"

namespace scopa::search {
namespace {

constexpr double kVarianceMin = 1e-12;
constexpr double kBelieved = 1e-6;  // noise of what is believed, in units of the signal

// Otherwise Eigen cuts its products by the sizes of this machine's caches, and sums depend on it.
void be_the_same_everywhere() {
  static const bool done = [] {
    Eigen::setCpuCacheSizes(32 * 1024, 256 * 1024, 2 * 1024 * 1024);
    return true;
  }();
  (void)done;
}

double difference(bool is_category, double a, double b) {
  if (is_category) return a == b ? 0 : 1;
  return a - b;
}

// By the square of the scaled distance.
double covariance_at(double square, double signal) {
  const double r = GaussianProcess::kRoot5 * std::sqrt(square);
  return (1 + r + r * r / 3) * signal * exp_of_negative(-r);
}

}  // namespace

GaussianProcess::GaussianProcess(std::vector<Coordinate> coordinates)
    : coordinates_(std::move(coordinates)) {
  be_the_same_everywhere();
}

void GaussianProcess::condition(const Hyper& hyper, Data data) {
  hyper_ = hyper;
  const auto d = static_cast<Eigen::Index>(coordinates_.size());
  inverse_square_length_.resize(d);
  for (Eigen::Index j = 0; j < d; ++j) {
    inverse_square_length_[j] = exp_exactly(-2 * hyper.log_length[static_cast<std::size_t>(j)]);
  }
  signal_ = exp_exactly(hyper.log_signal);
  noise_ = exp_exactly(hyper.log_noise);
  data_ = std::move(data);
  rebuild();
}

// The new rows of L^-1 below the old ones: with A = L^-1 K12 and D D' = K22 - A' A they are
// [-D^-1 A' L^-1, D^-1]. Values that are as predicted have no weight.
void GaussianProcess::believe(const Points& points) {
  const Eigen::Index n = data_.points.cols();
  const Eigen::Index more = points.cols();
  const Eigen::MatrixXd across = whiten_.triangularView<Eigen::Lower>() * covariance_with(points);
  data_.points.conservativeResize(Eigen::NoChange, n + more);
  data_.points.rightCols(more) = points;
  Eigen::MatrixXd rest = covariance_with(points).bottomRows(more) - across.transpose() * across;
  // Some noise at least, as the same configuration may be pending twice.
  rest.diagonal().array() += noise_ + signal_ * kBelieved;
  const Eigen::LLT<Eigen::MatrixXd, Eigen::Lower> factor(rest.selfadjointView<Eigen::Lower>());
  if (factor.info() != Eigen::Success) {
    data_.points.conservativeResize(Eigen::NoChange, n);
    return;
  }
  Eigen::MatrixXd whiten = Eigen::MatrixXd::Zero(n + more, n + more);
  whiten.topLeftCorner(n, n) = whiten_;
  whiten.bottomRightCorner(more, more) =
      factor.matrixL().solve(Eigen::MatrixXd::Identity(more, more));
  whiten.bottomLeftCorner(more, n) = -factor.matrixL().solve(
      (whiten_.transpose().triangularView<Eigen::Upper>() * across).transpose());
  whiten_ = std::move(whiten);
  weights_.conservativeResize(n + more);
  weights_.tail(more).setZero();
}

Eigen::MatrixXd GaussianProcess::covariance_with(const Points& points) const {
  Eigen::MatrixXd covariance(data_.points.cols(), points.cols());
  for (Eigen::Index k = 0; k < points.cols(); ++k) {
    const Eigen::VectorXd square = distances(points.col(k));
    for (Eigen::Index a = 0; a < square.size(); ++a) {
      covariance(a, k) = covariance_at(square[a], signal_);
    }
  }
  return covariance;
}

void GaussianProcess::rebuild() {
  const Eigen::Index n = data_.points.cols();
  Eigen::MatrixXd covariance(n, n);
  for (Eigen::Index a = 0; a < n; ++a) {
    const Eigen::VectorXd square = distances(data_.points.col(a));
    for (Eigen::Index b = a; b < n; ++b) covariance(b, a) = covariance_at(square[b], signal_);
  }
  diagonal_ = data_.doubts.array() + (signal_ * kJitter + noise_);
  covariance.diagonal() += diagonal_;
  // With enough on the diagonal it is positive definite; up to a tenth of the signal is tried.
  for (double extra = 0; extra < 1; extra = extra == 0 ? 1e-6 : extra * 10) {
    Eigen::MatrixXd sum = covariance;
    sum.diagonal().array() += extra * signal_;
    const Eigen::LLT<Eigen::MatrixXd, Eigen::Lower> factor(sum.selfadjointView<Eigen::Lower>());
    if (factor.info() != Eigen::Success) continue;
    whiten_ = factor.matrixL().solve(Eigen::MatrixXd::Identity(n, n));
    weights_ = factor.solve(data_.values);
    diagonal_.array() += extra * signal_;
    return;
  }
  diagonal_.setConstant(signal_ + noise_);
  whiten_ = Eigen::MatrixXd::Identity(n, n) / std::sqrt(signal_ + noise_);
  weights_ = data_.values / (signal_ + noise_);
}

Eigen::VectorXd GaussianProcess::distances(const Eigen::VectorXd& point) const {
  const Eigen::Index n = data_.points.cols();
  Eigen::VectorXd square = Eigen::VectorXd::Zero(n);
  for (Eigen::Index a = 0; a < n; ++a) {
    for (Eigen::Index j = 0; j < data_.points.rows(); ++j) {
      const double by = difference(coordinates_[static_cast<std::size_t>(j)].is_category, point[j],
                                   data_.points(j, a));
      square[a] += inverse_square_length_[j] * by * by;
    }
  }
  return square;
}

GaussianProcess::Prediction GaussianProcess::predict(const Eigen::VectorXd& point) const {
  return predict_all(point).front();
}

std::vector<GaussianProcess::Prediction> GaussianProcess::predict_all(const Points& points) const {
  const Eigen::MatrixXd covariance = covariance_with(points);
  const Eigen::VectorXd means = covariance.transpose() * weights_;
  const Eigen::MatrixXd white = whiten_.triangularView<Eigen::Lower>() * covariance;
  const Eigen::VectorXd explained = white.colwise().squaredNorm();
  std::vector<Prediction> all(static_cast<std::size_t>(points.cols()));
  for (Eigen::Index k = 0; k < points.cols(); ++k) {
    all[static_cast<std::size_t>(k)] = {means[k],
                                        std::max(signal_ - explained[k], kVarianceMin * signal_)};
  }
  return all;
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
  const Eigen::VectorXd white = whiten_.triangularView<Eigen::Lower>() * covariance;
  const Eigen::VectorXd solved = whiten_.transpose().triangularView<Eigen::Upper>() * white;
  mean_gradient->setZero(data_.points.rows());
  variance_gradient->setZero(data_.points.rows());
  for (Eigen::Index a = 0; a < covariance.size(); ++a) {
    const double for_mean = 2 * slope[a] * weights_[a];
    const double for_variance = -4 * slope[a] * solved[a];
    for (Eigen::Index j = 0; j < data_.points.rows(); ++j) {
      if (coordinates_[static_cast<std::size_t>(j)].is_category) continue;
      const double by = inverse_square_length_[j] * (point[j] - data_.points(j, a));
      (*mean_gradient)[j] += for_mean * by;
      (*variance_gradient)[j] += for_variance * by;
    }
  }
  return {covariance.dot(weights_),
          std::max(signal_ - white.squaredNorm(), kVarianceMin * signal_)};
}

GaussianProcess::Values GaussianProcess::means() const {
  return data_.values - diagonal_.cwiseProduct(weights_.head(data_.values.size()));
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
