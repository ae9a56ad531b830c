#include "broker/search/gaussian_process.h"

#include <gtest/gtest.h>

#include <cmath>

#include "broker/search/random.h"

namespace scopa::search {
namespace {

using Points = GaussianProcess::Points;
using Values = GaussianProcess::Values;

using Data = GaussianProcess::Data;

Data exact(Points points, Values values) {
  const auto n = values.size();
  return {std::move(points), std::move(values), Values::Zero(n)};
}

GaussianProcess::Hyper hyper(std::size_t dimensions, double length, double noise) {
  return {std::vector<double>(dimensions, std::log(length)), 0, std::log(noise)};
}

std::vector<GaussianProcess::Coordinate> ordered(std::size_t dimensions) {
  return std::vector<GaussianProcess::Coordinate>(dimensions);
}

Points scattered(Eigen::Index dimensions, Eigen::Index count) {
  Points points(dimensions, count);
  Stream stream(3, 0, hash_name("points"));
  for (double& x : points.reshaped()) x = stream.unit();
  return points;
}

Values normalised(Values values) {
  values.array() -= values.mean();
  return values / std::sqrt(values.squaredNorm() / static_cast<double>(values.size()));
}

TEST(GaussianProcessTest, GoesThroughWhatWasSeenAndKnowsLittleFarFromIt) {
  GaussianProcess process(ordered(2));
  const Points points = scattered(2, 20);
  const Values values = normalised((points.row(0) * 5).array().sin());
  process.condition(hyper(2, 0.3, 1e-8), exact(points, values));
  for (Eigen::Index i = 0; i < points.cols(); ++i) {
    const auto predicted = process.predict(points.col(i));
    EXPECT_NEAR(predicted.mean, values[i], 1e-3);
    EXPECT_LT(predicted.variance, 1e-4);
  }
  const auto far = process.predict(Eigen::Vector2d(40, -40));
  EXPECT_NEAR(far.mean, 0, 1e-6);
  EXPECT_NEAR(far.variance, 1, 1e-6);
}

TEST(GaussianProcessTest, ItsGradientsAreThoseOfThePrediction) {
  auto coordinates = ordered(3);
  coordinates[1].is_category = true;
  GaussianProcess process(coordinates);
  Points points = scattered(3, 15);
  for (Eigen::Index i = 0; i < 15; ++i) points(1, i) = static_cast<double>(i % 3);
  process.condition(hyper(3, 0.5, 1e-3), exact(points, normalised(points.row(0) + points.row(2))));
  const Eigen::VectorXd at = Eigen::Vector3d(0.4, 1, 0.7);
  GaussianProcess::Gradients by;
  const auto here = process.predict_all(at, &by).front();
  EXPECT_DOUBLE_EQ(here.mean, process.predict(at).mean);
  constexpr double kStep = 1e-5;
  for (const Eigen::Index j : {0, 2}) {
    Eigen::VectorXd more = at, less = at;
    more[j] += kStep;
    less[j] -= kStep;
    const auto above = process.predict(more), below = process.predict(less);
    EXPECT_NEAR(by.mean(j, 0), (above.mean - below.mean) / (2 * kStep), 1e-6);
    EXPECT_NEAR(by.variance(j, 0), (above.variance - below.variance) / (2 * kStep), 1e-6);
  }
  EXPECT_EQ(by.mean(1, 0), 0) << "a category";
}

TEST(GaussianProcessTest, WhatItGainsIsThatOfLeavingEachValueOutAndPredictingIt) {
  const Points points = scattered(2, 12);
  Values values = normalised((points.row(0) * 5).array().sin());
  const auto used = hyper(2, 0.4, 1e-2);
  double sum = 0;
  for (Eigen::Index left = 0; left < 12; ++left) {
    Points others(2, 11);
    Values seen(11);
    for (Eigen::Index i = 0, k = 0; i < 12; ++i) {
      if (i == left) continue;
      others.col(k) = points.col(i);
      seen[k++] = values[i];
    }
    GaussianProcess process(ordered(2));
    process.condition(used, exact(others, seen));
    const auto predicted = process.predict(points.col(left));
    const double variance = predicted.variance + 1e-2;
    const double by = values[left] - predicted.mean;
    sum += -0.5 * std::log(variance) - 0.5 * by * by / variance + 0.5 * values[left] * values[left];
  }
  GaussianProcess process(ordered(2));
  process.condition(used, exact(points, values));
  EXPECT_NEAR(process.left_out_gain(), sum / 12, 1e-6);
  EXPECT_GT(process.left_out_gain(), 0.5) << "a sine is predictable";
  Stream stream(4, 0, hash_name("noise"));
  for (double& x : values) x = stream.unit();
  process.condition(used, exact(points, normalised(values)));
  EXPECT_LT(process.left_out_gain(), 0) << "it is too sure of what is noise";
}

TEST(GaussianProcessTest, WhatDoesNotMatterGetsALongLengthScale) {
  auto coordinates = ordered(3);
  coordinates[2].is_category = true;
  GaussianProcess process(coordinates);
  Points points = scattered(3, 60);
  for (Eigen::Index i = 0; i < 60; ++i) points(2, i) = std::floor(points(2, i) * 3);
  const Values values = normalised((points.row(0) * 6).array().sin());
  const auto fitted = process.fit(exact(points, values), 60);
  EXPECT_LT(fitted.log_length[0] + 1, fitted.log_length[1]);
  EXPECT_LT(fitted.log_length[0] + 1, fitted.log_length[2]);
  EXPECT_LT(fitted.log_noise, -6);
}

TEST(GaussianProcessTest, NoiseIsToldFromTheFunction) {
  GaussianProcess process(ordered(1));
  const Points points = scattered(1, 80);
  Stream stream(1, 0, hash_name("noise"));
  Values values = (points.row(0) * 4).array().sin();
  for (double& value : values) value += 0.5 * (stream.unit() - 0.5) * std::sqrt(12.0);
  const auto fitted = process.fit(exact(points, normalised(values)), 60);
  EXPECT_GT(fitted.log_noise, std::log(0.1));
}

TEST(GaussianProcessTest, WhatItBelievesChangesNoMeanAndMakesItSurer) {
  GaussianProcess process(ordered(2));
  const Points points = scattered(2, 12);
  process.condition(hyper(2, 0.4, 1e-4), exact(points, normalised(points.row(0) - points.row(1))));
  const Eigen::VectorXd pending = Eigen::Vector2d(0.9, 0.1);
  const Eigen::VectorXd beside = Eigen::Vector2d(0.85, 0.15);
  const auto before = process.predict(pending), before_beside = process.predict(beside);
  GaussianProcess::Points both(2, 2);
  both << pending, Eigen::Vector2d(0.2, 0.8);
  process.believe(both);
  EXPECT_NEAR(process.predict(pending).mean, before.mean, 1e-6);
  EXPECT_NEAR(process.predict(beside).mean, before_beside.mean, 1e-6);
  EXPECT_LT(process.predict(pending).variance, 0.1 * before.variance);
  EXPECT_LT(process.predict(beside).variance, before_beside.variance);
}

TEST(GaussianProcessTest, WhatIsDoubtfulPullsLess) {
  GaussianProcess process(ordered(1));
  Points points(1, 2);
  points << 0.2, 0.8;
  const Values values = Eigen::Vector2d(1, -1);
  process.condition(hyper(1, 0.1, 1e-6), {points, values, Eigen::Vector2d(0, 100)});
  const auto sure = process.predict(points.col(0)), doubtful = process.predict(points.col(1));
  EXPECT_NEAR(sure.mean, 1, 1e-3);
  EXPECT_NEAR(doubtful.mean, 0, 0.02);
  EXPECT_GT(doubtful.variance, 0.9);
}

TEST(GaussianProcessTest, AllAtOnceAreAsOneByOne) {
  GaussianProcess process(ordered(2));
  const Points points = scattered(2, 12);
  process.condition(hyper(2, 0.4, 1e-4), exact(points, normalised(points.row(0))));
  process.believe(points.leftCols(2) * 0.5);
  const auto all = process.predict_all(points * 0.9);
  for (Eigen::Index i = 0; i < points.cols(); ++i) {
    const auto one = process.predict(points.col(i) * 0.9);
    EXPECT_NEAR(all[static_cast<std::size_t>(i)].mean, one.mean, 1e-10);
    EXPECT_NEAR(all[static_cast<std::size_t>(i)].variance, one.variance, 1e-10);
  }
}

TEST(GaussianProcessTest, RepeatedPointsAreNoTrouble) {
  GaussianProcess process(ordered(1));
  const Points points = Points::Constant(1, 30, 0.5);
  process.condition(hyper(1, 1000, 1e-12), exact(points, Values::Zero(30)));
  EXPECT_TRUE(std::isfinite(process.predict(Eigen::VectorXd::Constant(1, 0.5)).mean));
  EXPECT_TRUE(std::isfinite(process.fit(exact(points, Values::Zero(30)), 20).log_signal));
}

TEST(LogImprovementTest, IsTheLogarithmOfTheExpectedImprovement) {
  for (const double mean : {-2.0, 0.0, 0.7, 3.0}) {
    for (const double deviation : {0.2, 1.0, 2.5}) {
      double expected = 0;  // by the trapezoidal rule
      constexpr int kSteps = 200'000;
      for (int i = 0; i <= kSteps; ++i) {
        const double z = -10 + 20.0 * i / kSteps;
        const double improvement = std::max(0.0, 0.5 - (mean + deviation * z));
        expected += improvement * std::exp(-0.5 * z * z) / std::sqrt(2 * M_PI) * 20 / kSteps;
      }
      if (expected < 1e-15) continue;
      EXPECT_NEAR(log_improvement(mean, deviation, 0.5).value, std::log(expected), 1e-5)
          << mean << ' ' << deviation;
    }
  }
}

TEST(LogImprovementTest, HasAValueAndTheRightSlopesWhereTheImprovementIsNothing) {
  constexpr double kStep = 1e-6;
  for (const double mean : {-1e3, -40.0, -3.0, 0.0, 4.9, 5.2, 30.0, 1e4}) {
    const auto here = log_improvement(mean, 1, 0);
    ASSERT_TRUE(std::isfinite(here.value)) << mean;
    const double step = kStep * std::max(1.0, std::abs(mean));
    const auto by_mean = [&] {
      return (log_improvement(mean + step, 1, 0).value - log_improvement(mean - step, 1, 0).value) /
             (2 * step);
    };
    EXPECT_NEAR(here.by_mean, by_mean(), 2e-3 * (1 + std::abs(here.by_mean))) << mean;
    EXPECT_LT(here.by_mean, 0);
    EXPECT_GE(here.by_deviation, 0);
  }
  EXPECT_NEAR(log_improvement(5 - 1e-9, 1, 0).value, log_improvement(5 + 1e-9, 1, 0).value, 5e-3);
}

}  // namespace
}  // namespace scopa::search
