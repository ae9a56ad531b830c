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

// Of squares of scaled distances.
void to_covariances(double signal, double* squares, Eigen::Index n) {
  for (Eigen::Index i = 0; i < n; ++i) {
    const double r = GaussianProcess::kRoot5 * std::sqrt(squares[i]);
    squares[i] = (1 + r + r * r / 3) * signal * exp_of_negative(-r);
  }
}

// ... and the slope by the square.
void to_covariances(double signal, double* squares, double* slopes, Eigen::Index n) {
  for (Eigen::Index i = 0; i < n; ++i) {
    const double r = GaussianProcess::kRoot5 * std::sqrt(squares[i]);
    const double decay = signal * exp_of_negative(-r);
    squares[i] = (1 + r + r * r / 3) * decay;
    slopes[i] = -5.0 / 6 * (1 + r) * decay;
  }
}

}  // namespace

GaussianProcess::GaussianProcess(std::vector<Coordinate> coordinates, double log_noise)
    : coordinates_(std::move(coordinates)), log_noise_(log_noise) {
  be_the_same_everywhere();
}

void GaussianProcess::condition(const Hyper& hyper, Data data) {
  hyper_ = hyper;
  inverse_length_.resize(static_cast<Eigen::Index>(coordinates_.size()));
  for (std::size_t j = 0; j < coordinates_.size(); ++j) {
    inverse_length_[static_cast<Eigen::Index>(j)] = exp_exactly(-hyper.log_length[j]);
  }
  signal_ = exp_exactly(hyper.log_signal);
  noise_ = exp_exactly(hyper.log_noise);
  scaled_ = scale(data.points).transpose();
  values_ = std::move(data.values);
  diagonal_ = std::move(data.doubts);
  rebuild();
}

GaussianProcess::Points GaussianProcess::scale(const Points& points) const {
  Points scaled = points;
  for (std::size_t j = 0; j < coordinates_.size(); ++j) {
    if (coordinates_[j].is_category) continue;
    scaled.row(static_cast<Eigen::Index>(j)) *= inverse_length_[static_cast<Eigen::Index>(j)];
  }
  return scaled;
}

// The new rows of L^-1 below the old ones: with A = L^-1 K12 and D D' = K22 - A' A they are
// [-D^-1 A' L^-1, D^-1]. Values that are as predicted have no weight.
void GaussianProcess::believe(const Points& points) {
  const Eigen::Index n = size();
  const Eigen::Index more = points.cols();
  const Points scaled = scale(points);
  scaled_.conservativeResize(n + more, Eigen::NoChange);
  scaled_.bottomRows(more) = scaled.transpose();
  Eigen::MatrixXd covariance = distances_to(scaled);
  to_covariances(signal_, covariance.data(), covariance.size());
  const Eigen::MatrixXd across =
      whiten_.triangularView<Eigen::Lower>() * covariance.topRows(n).eval();
  Eigen::MatrixXd rest = covariance.bottomRows(more) - across.transpose() * across;
  // Some noise at least, as the same configuration may be pending twice.
  rest.diagonal().array() += noise_ + signal_ * kBelieved;
  const Eigen::LLT<Eigen::MatrixXd, Eigen::Lower> factor(rest.selfadjointView<Eigen::Lower>());
  if (factor.info() != Eigen::Success) {
    scaled_.conservativeResize(n, Eigen::NoChange);
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

void GaussianProcess::rebuild() {
  const Eigen::Index n = size();
  Eigen::MatrixXd covariance = distances_to(scaled_.transpose());
  to_covariances(signal_, covariance.data(), covariance.size());
  diagonal_.array() += signal_ * kJitter + noise_;
  covariance.diagonal() += diagonal_;
  // With enough on the diagonal it is positive definite; up to a tenth of the signal is tried.
  for (double extra = 0; extra < 1; extra = extra == 0 ? 1e-6 : extra * 10) {
    Eigen::MatrixXd sum = covariance;
    sum.diagonal().array() += extra * signal_;
    const Eigen::LLT<Eigen::MatrixXd, Eigen::Lower> factor(sum.selfadjointView<Eigen::Lower>());
    if (factor.info() != Eigen::Success) continue;
    whiten_ = factor.matrixL().solve(Eigen::MatrixXd::Identity(n, n));
    weights_ = factor.solve(values_);
    diagonal_.array() += extra * signal_;
    return;
  }
  diagonal_.setConstant(signal_ + noise_);
  whiten_ = Eigen::MatrixXd::Identity(n, n) / std::sqrt(signal_ + noise_);
  weights_ = values_ / (signal_ + noise_);
}

// Squares of them, to all points that it knows.
Eigen::VectorXd GaussianProcess::distances(const Eigen::VectorXd& scaled) const {
  Eigen::VectorXd squares = Eigen::VectorXd::Zero(size());
  for (Eigen::Index j = 0; j < scaled_.cols(); ++j) {
    if (coordinates_[static_cast<std::size_t>(j)].is_category) {
      const double differs = inverse_length_[j] * inverse_length_[j];
      squares.array() += (scaled_.col(j).array() != scaled[j]).cast<double>() * differs;
    } else {
      squares.array() += (scaled_.col(j).array() - scaled[j]).square();
    }
  }
  return squares;
}

Eigen::MatrixXd GaussianProcess::distances_to(const Points& scaled) const {
  Eigen::MatrixXd squares(size(), scaled.cols());
  for (Eigen::Index k = 0; k < scaled.cols(); ++k) squares.col(k) = distances(scaled.col(k));
  return squares;
}

GaussianProcess::Prediction GaussianProcess::predict(const Eigen::VectorXd& point) const {
  return predict_all(point).front();
}

std::vector<GaussianProcess::Prediction> GaussianProcess::predict_all(const Points& points) const {
  return predict_all(points, nullptr);
}

std::vector<GaussianProcess::Prediction> GaussianProcess::predict_all(const Points& points,
                                                                      Gradients* gradients) const {
  const Points scaled = scale(points);
  Eigen::MatrixXd covariance = distances_to(scaled);
  Eigen::MatrixXd slopes;
  if (gradients == nullptr) {
    to_covariances(signal_, covariance.data(), covariance.size());
  } else {
    slopes.resizeLike(covariance);
    to_covariances(signal_, covariance.data(), slopes.data(), covariance.size());
  }
  const Eigen::VectorXd means = covariance.transpose() * weights_;
  const Eigen::MatrixXd white = whiten_.triangularView<Eigen::Lower>() * covariance;
  const Eigen::VectorXd explained = white.colwise().squaredNorm();
  std::vector<Prediction> all(static_cast<std::size_t>(points.cols()));
  for (Eigen::Index k = 0; k < points.cols(); ++k) {
    all[static_cast<std::size_t>(k)] = {means[k],
                                        std::max(signal_ - explained[k], kVarianceMin * signal_)};
  }
  if (gradients == nullptr) return all;

  // By r^2 the mean has the slope w k', the variance -2 (K^-1 k) k'; r^2 by the coordinate
  // 2 (x - x_a) / l^2.
  Eigen::MatrixXd by_variance = whiten_.transpose().triangularView<Eigen::Upper>() * white;
  by_variance = -4 * by_variance.cwiseProduct(slopes);
  const Eigen::MatrixXd by_mean = 2 * weights_.asDiagonal() * slopes;
  gradients->mean.setZero(points.rows(), points.cols());
  gradients->variance.setZero(points.rows(), points.cols());
  for (Eigen::Index j = 0; j < points.rows(); ++j) {
    if (coordinates_[static_cast<std::size_t>(j)].is_category) continue;
    for (Eigen::Index k = 0; k < points.cols(); ++k) {
      const auto by = (scaled(j, k) - scaled_.col(j).array()).matrix();
      gradients->mean(j, k) = inverse_length_[j] * by.dot(by_mean.col(k));
      gradients->variance(j, k) = inverse_length_[j] * by.dot(by_variance.col(k));
    }
  }
  return all;
}

GaussianProcess::Values GaussianProcess::means() const {
  return values_ - diagonal_.cwiseProduct(weights_.head(values_.size()));
}

double GaussianProcess::left_out_gain() const {
  const Eigen::ArrayXd precision = whiten_.colwise().squaredNorm().transpose();
  double sum = 0;
  for (Eigen::Index i = 0; i < values_.size(); ++i) {
    sum += log_exactly(precision[i]) - weights_[i] * weights_[i] / precision[i] +
           values_[i] * values_[i];
  }
  return 0.5 * sum / static_cast<double>(values_.size());
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
