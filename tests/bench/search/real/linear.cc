// Linear models: by least squares with a penalty for each group of features, and by stochastic
// gradient descent.
#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>

#include "tests/bench/search/real/training.h"

namespace scopa::bench {
namespace {

using Json = nlohmann::ordered_json;
using Index = Eigen::Index;

constexpr Index kDiabetes = 10;  // features of the data set

std::string penalty_name(std::size_t k) {
  return (k < 10 ? "penalty0" : "penalty") + std::to_string(k);
}

Json penalties(std::size_t count) {
  Json parameters;
  for (std::size_t k = 0; k < count; ++k) parameters[penalty_name(k)] = log_range(1e-2, 1e4);
  return parameters;
}

Eigen::VectorXd penalties_in(const Config& config, std::size_t count) {
  Eigen::VectorXd all(static_cast<Index>(count));
  for (std::size_t k = 0; k < count; ++k) {
    all(static_cast<Index>(k)) = config.number(penalty_name(k));
  }
  return all;
}

// Targets by column. The features have mean 0 on the rows for the training, as have the targets.
Eigen::MatrixXd told_by_ridge(const Split& rows, const Eigen::MatrixXd& targets,
                              const Eigen::VectorXd& penalty) {
  Eigen::MatrixXd normal = rows.train.x.transpose() * rows.train.x;
  normal.diagonal() += penalty;
  const Eigen::MatrixXd weights = normal.llt().solve(rows.train.x.transpose() * targets);
  return rows.valid.x * weights;
}

// A penalty for each feature, for each square, and for each feature one that its products share
// with those of their other factors.
Trainer ridge_diabetes(const DataSets& sets) {
  constexpr std::size_t kCount = 3 * kDiabetes;
  const Split rows =
      with_products(with_standard_target(standardised(split(sets.diabetes, 150, 292))));
  return {"ridge_diabetes",
          penalties(kCount),
          nullptr,
          1,
          1,
          [rows](const Config& config, std::uint64_t) {
            const Eigen::VectorXd all = penalties_in(config, kCount);
            Eigen::VectorXd penalty(rows.train.x.cols());
            penalty.head(2 * kDiabetes) = all.head(2 * kDiabetes);
            Index at = 2 * kDiabetes;
            for (Index i = 0; i < kDiabetes; ++i) {
              for (Index j = i + 1; j < kDiabetes; ++j) {
                penalty(at++) = std::sqrt(all(2 * kDiabetes + i) * all(2 * kDiabetes + j));
              }
            }
            const Eigen::MatrixXd told = told_by_ridge(rows, rows.train.y, penalty);
            return Trained{{root_mean_square(told.col(0) - rows.valid.y)}};
          }};
}

// Least squares on the ten classes, a penalty for each two pixels; the share of errors.
Trainer ridge_digits(const DataSets& sets) {
  constexpr std::size_t kCount = 32;
  const Split rows = standardised(split(sets.digits, 150, 500));
  Eigen::MatrixXd targets = Eigen::MatrixXd::Zero(rows.train.y.size(), 10);
  for (Index i = 0; i < targets.rows(); ++i) targets(i, static_cast<Index>(rows.train.y(i))) = 1;
  const Eigen::RowVectorXd share = targets.colwise().mean();
  targets.rowwise() -= share;
  return {"ridge_digits",
          penalties(kCount),
          nullptr,
          1,
          1,
          [rows, targets, share](const Config& config, std::uint64_t) {
            const Eigen::VectorXd all = penalties_in(config, kCount);
            Eigen::VectorXd penalty(rows.train.x.cols());
            for (Index j = 0; j < penalty.size(); ++j) penalty(j) = all(j / 2);
            Eigen::MatrixXd told = told_by_ridge(rows, targets, penalty);
            told.rowwise() += share;
            double errors = 0;
            for (Index i = 0; i < told.rows(); ++i) {
              Index most = 0;
              told.row(i).maxCoeff(&most);
              errors += static_cast<double>(most) == rows.valid.y(i) ? 0 : 1;
            }
            return Trained{{errors / static_cast<double>(told.rows())}};
          }};
}

constexpr std::uint64_t kEpochs = 15;
constexpr double kDiverged = 10;  // times the error of telling the mean of all

/// Descent row by row; what it knows of its state.
class Descent {
 public:
  explicit Descent(const Split& rows, const Config& config)
      : rows_(rows),
        rate_(config.number("lr")),
        momentum_(config.number("momentum")),
        l2_(config.number("l2")),
        power_(config.is("schedule", "inverse") ? config.number("power") : 0),
        huber_(config.is("loss", "huber") ? config.number("delta") : 1e300),
        batch_(config.count("batch")),
        averages_(config.is("average", "true")),
        weights_(Eigen::VectorXd::Zero(rows.train.x.cols())),
        velocity_(weights_),
        mean_(weights_) {}

  void epoch(Random* random) {
    const auto order = random->shuffled(static_cast<std::size_t>(rows_.train.y.size()));
    for (std::size_t first = 0; first < order.size(); first += batch_) {
      const std::size_t end = std::min(first + batch_, order.size());
      Eigen::VectorXd gradient = l2_ * weights_;
      for (std::size_t k = first; k < end; ++k) {
        const auto row = static_cast<Index>(order[k]);
        const double residual = rows_.train.x.row(row).dot(weights_) - rows_.train.y(row);
        const double pull = std::clamp(residual, -huber_, huber_);
        gradient += pull / static_cast<double>(end - first) * rows_.train.x.row(row).transpose();
      }
      const double rate = rate_ / std::pow(1 + 0.1 * static_cast<double>(steps_), power_);
      velocity_ = momentum_ * velocity_ - rate * gradient;
      weights_ += velocity_;
      ++steps_;
      mean_ += (weights_ - mean_) / static_cast<double>(steps_);
    }
  }
  double error() const {
    return root_mean_square(rows_.valid.x * (averages_ ? mean_ : weights_) - rows_.valid.y);
  }

 private:
  const Split& rows_;
  double rate_, momentum_, l2_, power_, huber_;
  std::size_t batch_;
  bool averages_;
  std::uint64_t steps_ = 0;
  Eigen::VectorXd weights_, velocity_, mean_;
};

Trained descended(const Split& rows, const Config& config, std::uint64_t seed) {
  Random random(seed, "descent");
  Descent descent(rows, config);
  Trained made;
  made.step_seconds = 1 + 4 / config.number("batch");
  for (std::uint64_t epoch = 0; epoch < kEpochs && !made.failed; ++epoch) {
    descent.epoch(&random);
    made.curve.push_back(descent.error());
    made.failed = !(made.curve.back() < kDiverged);
  }
  if (made.failed) made.curve.pop_back();
  return made;
}

Trainer sgd_diabetes(const DataSets& sets) {
  const Split rows =
      with_products(with_standard_target(standardised(split(sets.diabetes, 200, 242))));
  const Json parameters = {{"lr", log_range(1e-5, 1)},
                           {"momentum", real_range(0, 0.99)},
                           {"batch", one_of({1, 4, 16, 64})},
                           {"l2", log_range(1e-4, 10)},
                           {"schedule", one_of({"constant", "inverse"})},
                           {"power", real_range(0.1, 1)},
                           {"loss", one_of({"squared", "huber"})},
                           {"delta", log_range(0.01, 3)},
                           {"average", one_of({false, true})}};
  const Json conditions = {active_if("power", "schedule", {"inverse"}),
                           active_if("delta", "loss", {"huber"})};
  return {
      "sgd_diabetes",
      parameters,
      conditions,
      kEpochs,
      5,
      [rows](const Config& config, std::uint64_t seed) { return descended(rows, config, seed); }};
}

}  // namespace

std::vector<Trainer> linear_models(const Data& data) {
  return {ridge_diabetes(*data), ridge_digits(*data), sgd_diabetes(*data)};
}

}  // namespace scopa::bench
