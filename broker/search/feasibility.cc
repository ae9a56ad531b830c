#include "broker/search/feasibility.h"

#include <algorithm>
#include <cmath>

#include "broker/search/math.h"

namespace scopa::search {
namespace {

constexpr double kVarianceMin = 1e-4;  // of zeros and ones that are all alike
constexpr double kLogNoise = -1;       // expected: crashes by chance are no rare thing
constexpr double kBetween = 0.5;
constexpr double kMargin = 0.01;  // of the variance: nothing is quite certain

// ln Phi(z) and its slope.
struct LogNormal {
  double value = 0, slope = 0;
};
LogNormal log_normal_cdf(double z) {
  constexpr double kLogRoot2Pi = 0.91893853320467274178;
  const double log_density = -0.5 * z * z - kLogRoot2Pi;
  if (z < -6) {  // Phi(z) = phi(z) / -z (1 - 1 / z^2 ...)
    return {log_density - log_exactly(-z) - 1 / (z * z), -z - 1 / z};
  }
  const double cdf = normal_cdf(z);
  return {log_exactly(cdf), exp_exactly(log_density) / cdf};
}

}  // namespace

Feasibility::Feasibility(std::vector<GaussianProcess::Coordinate> coordinates)
    : process_(std::move(coordinates), kLogNoise) {}

void Feasibility::learn(const GaussianProcess::Points& points, const std::vector<char>& failed,
                        std::span<const std::size_t> to_fit, int steps) {
  is_certain_ = std::count(failed.begin(), failed.end(), char{1}) == 0;
  if (is_certain_) return;
  std::vector<double> key;
  for (const std::size_t i : to_fit) {
    key.push_back(static_cast<double>(i));
    key.push_back(failed[i]);
  }
  if (key != fitted_to_) {
    GaussianProcess::Points few(points.rows(), static_cast<Eigen::Index>(to_fit.size()));
    std::vector<char> failed_of_few;
    for (const std::size_t i : to_fit) {
      few.col(static_cast<Eigen::Index>(failed_of_few.size())) =
          points.col(static_cast<Eigen::Index>(i));
      failed_of_few.push_back(failed[i]);
    }
    hyper_ = process_.fit(standardised(std::move(few), failed_of_few), steps);
    fitted_to_ = std::move(key);
  }
  process_.condition(hyper_, standardised(points, failed));
}

GaussianProcess::Data Feasibility::standardised(GaussianProcess::Points points,
                                                const std::vector<char>& failed) {
  const auto n = static_cast<Eigen::Index>(failed.size());
  const auto failures = static_cast<double>(std::count(failed.begin(), failed.end(), char{1}));
  mean_ = failures / static_cast<double>(n);
  deviation_ = std::sqrt(std::max(mean_ * (1 - mean_), kVarianceMin));
  GaussianProcess::Data data;
  data.points = std::move(points);
  data.values.resize(n);
  data.doubts.setZero(n);
  for (Eigen::Index i = 0; i < n; ++i) {
    data.values[i] = (failed[static_cast<std::size_t>(i)] - mean_) / deviation_;
  }
  return data;
}

std::vector<double> Feasibility::log_probabilities(const GaussianProcess::Points& points) const {
  return log_probabilities(points, nullptr);
}

std::vector<double> Feasibility::log_probabilities(const GaussianProcess::Points& points,
                                                   Eigen::MatrixXd* gradients) const {
  GaussianProcess::Gradients by;
  const auto predicted =
      gradients == nullptr ? process_.predict_all(points) : process_.predict_all(points, &by);
  const double square = deviation_ * deviation_;
  const double noise = exp_exactly(hyper_.log_noise) * square;
  std::vector<double> logs;
  logs.reserve(predicted.size());
  if (gradients != nullptr) gradients->resize(points.rows(), points.cols());
  for (std::size_t k = 0; k < predicted.size(); ++k) {
    const double mean = mean_ + deviation_ * predicted[k].mean;
    const double variance = square * predicted[k].variance + noise + kMargin;
    const double root = std::sqrt(variance);
    const double z = (kBetween - mean) / root;
    const LogNormal log = log_normal_cdf(z);
    logs.push_back(log.value);
    if (gradients == nullptr) continue;
    const auto column = static_cast<Eigen::Index>(k);
    gradients->col(column) = log.slope * (-deviation_ / root * by.mean.col(column) -
                                          z * square / (2 * variance) * by.variance.col(column));
  }
  return logs;
}

}  // namespace scopa::search
