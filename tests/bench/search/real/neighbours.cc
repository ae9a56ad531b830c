// What neighbours tell, by distances that count each feature at its own scale: kernel ridge
// regression and nearest neighbours.
#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>

#include "tests/bench/search/real/training.h"

namespace scopa::bench {
namespace {

using Json = nlohmann::ordered_json;
using Index = Eigen::Index;

std::string scale_name(Index j) { return (j < 10 ? "scale0" : "scale") + std::to_string(j); }

Json scales(Index count, double min, double max) {
  Json parameters;
  for (Index j = 0; j < count; ++j) parameters[scale_name(j)] = log_range(min, max);
  return parameters;
}

Eigen::MatrixXd scaled(const Eigen::MatrixXd& x, const Config& config) {
  Eigen::MatrixXd made = x;
  for (Index j = 0; j < x.cols(); ++j) made.col(j) /= config.number(scale_name(j));
  return made;
}

/// Of each row of `a` to each of `b`.
Eigen::MatrixXd squared_distances(const Eigen::MatrixXd& a, const Eigen::MatrixXd& b) {
  Eigen::MatrixXd made = -2 * a * b.transpose();
  made.colwise() += a.rowwise().squaredNorm();
  made.rowwise() += b.rowwise().squaredNorm().transpose();
  return made.cwiseMax(0);
}

Eigen::MatrixXd kernel_of(const std::string& kind, const Eigen::MatrixXd& squared) {
  if (kind == "gauss") return (-0.5 * squared.array()).exp();
  if (kind == "cauchy") return (1 + squared.array()).inverse();
  const Eigen::ArrayXXd distance = squared.array().sqrt();
  if (kind == "exponential") return (-distance).exp();
  return (1 + std::sqrt(3) * distance) * (-std::sqrt(3) * distance).exp();  // Matern's, 3/2
}

Trainer kernel_diabetes(const DataSets& sets) {
  const Split rows = with_standard_target(standardised(split(sets.diabetes, 150, 292)));
  Json parameters = scales(rows.train.x.cols(), 0.3, 100);
  parameters["kernel"] = one_of({"gauss", "cauchy", "exponential", "matern"});
  parameters["ridge"] = log_range(1e-4, 10);
  return {
      "kernel_diabetes", parameters, nullptr, 1, 1, [rows](const Config& config, std::uint64_t) {
        const std::string kind = config.text("kernel");
        const Eigen::MatrixXd train = scaled(rows.train.x, config);
        const Eigen::MatrixXd valid = scaled(rows.valid.x, config);
        Eigen::MatrixXd kernel = kernel_of(kind, squared_distances(train, train));
        kernel.diagonal().array() += config.number("ridge");
        const Eigen::VectorXd weights = kernel.llt().solve(rows.train.y);
        const Eigen::VectorXd told = kernel_of(kind, squared_distances(valid, train)) * weights;
        return Trained{{root_mean_square(told - rows.valid.y)}};
      }};
}

/// Each row is told from its k nearest among the others; the squared distance of what is told from
/// the truth, as a mean.
double loss_without_itself(const Table& table, const Eigen::MatrixXd& squared, std::size_t k,
                           double power) {
  constexpr Index kClasses = 3;
  const auto size = static_cast<std::size_t>(table.y.size());
  std::vector<std::pair<double, Index>> near;
  double sum = 0;
  for (std::size_t i = 0; i < size; ++i) {
    near.clear();
    for (std::size_t j = 0; j < size; ++j) {
      const auto other = static_cast<Index>(j);
      if (j != i) near.emplace_back(squared(static_cast<Index>(i), other), other);
    }
    std::nth_element(near.begin(), near.begin() + static_cast<std::ptrdiff_t>(k), near.end());
    Eigen::VectorXd votes = Eigen::VectorXd::Constant(kClasses, 1e-12);
    for (std::size_t n = 0; n < k; ++n) {
      const double weight = std::pow(near[n].first + 1e-6, -power / 2);
      votes(static_cast<Index>(table.y(near[n].second))) += weight;
    }
    votes /= votes.sum();
    votes(static_cast<Index>(table.y(static_cast<Index>(i)))) -= 1;
    sum += votes.squaredNorm();
  }
  return sum / static_cast<double>(size);
}

Trainer knn_wine(const DataSets& sets) {
  const Table table = standardised(split(sets.wine, 178, 0)).train;
  Json parameters = scales(table.x.cols(), 0.1, 100);
  parameters["k"] = int_range(1, 40);
  parameters["power"] = real_range(0, 3);
  return {"knn_wine", parameters, nullptr, 1, 1, [table](const Config& config, std::uint64_t) {
            const Eigen::MatrixXd x = scaled(table.x, config);
            return Trained{{loss_without_itself(table, squared_distances(x, x), config.count("k"),
                                                config.number("power"))}};
          }};
}

}  // namespace

std::vector<Trainer> neighbours(const Data& data) {
  return {kernel_diabetes(*data), knn_wine(*data)};
}

}  // namespace scopa::bench
