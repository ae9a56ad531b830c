#include "broker/search/feasibility.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "broker/search/random.h"

namespace scopa::search {
namespace {

using Points = GaussianProcess::Points;

constexpr int kFitSteps = 60;
constexpr Eigen::Index kEnded = 60;

/// Two parameters at random places, and which of them failed.
struct Ended {
  Points points;
  std::vector<char> failed;
};
template <typename Fails>
Ended ended(Fails fails) {
  Ended all;
  all.points.resize(2, kEnded);
  Stream stream(3, 0, hash_name("ended"));
  for (double& x : all.points.reshaped()) x = stream.unit();
  for (Eigen::Index i = 0; i < kEnded; ++i) {
    all.failed.push_back(fails(all.points(0, i), stream.unit()) ? 1 : 0);
  }
  return all;
}

Feasibility learned(const Ended& all) {
  Feasibility feasibility(std::vector<GaussianProcess::Coordinate>(2));
  std::vector<std::size_t> every(all.failed.size());
  std::iota(every.begin(), every.end(), std::size_t{0});
  feasibility.learn(all.points, all.failed, every, kFitSteps);
  return feasibility;
}

double probability(const Feasibility& feasibility, double x, double y) {
  return std::exp(feasibility.log_probabilities(Eigen::Vector2d(x, y)).front());
}

TEST(FeasibilityTest, WithoutFailuresItIsCertain) {
  EXPECT_TRUE(learned(ended([](double, double) { return false; })).is_certain());
}

TEST(FeasibilityTest, ARegionInWhichTrialsFailIsLearned) {
  const auto feasibility = learned(ended([](double x, double) { return x > 0.6; }));
  ASSERT_FALSE(feasibility.is_certain());
  for (const double y : {0.2, 0.5, 0.8}) {
    EXPECT_GT(probability(feasibility, 0.2, y), 0.9);
    EXPECT_LT(probability(feasibility, 0.9, y), 0.1);
  }
}

TEST(FeasibilityTest, CrashesByChanceKeepNobodyAway) {
  const Ended all = ended([](double, double coin) { return coin < 0.15; });
  const auto crashes = std::count(all.failed.begin(), all.failed.end(), char{1});
  ASSERT_GE(crashes, 4);
  const auto feasibility = learned(all);
  double least = 1, most = 0;
  for (Eigen::Index i = 0; i < kEnded; ++i) {
    const double p = probability(feasibility, all.points(0, i), all.points(1, i));
    least = std::min(least, p);
    most = std::max(most, p);
  }
  EXPECT_GT(least, 0.5) << "beside a crash, too";
  EXPECT_LT(std::log(most / least), 0.7) << "it is flat";
}

TEST(FeasibilityTest, ItsSlopesAreThoseOfDifferencesAlsoFarInsideAFailingRegion) {
  const auto feasibility = learned(ended([](double x, double) { return x > 0.5; }));
  constexpr double kStep = 1e-5;
  for (const double x : {0.1, 0.45, 0.55, 0.9}) {
    const Eigen::Vector2d at(x, 0.4);
    Eigen::MatrixXd by;
    const double here = feasibility.log_probabilities(at, &by).front();
    EXPECT_NEAR(here, feasibility.log_probabilities(at).front(), 1e-9);
    for (Eigen::Index j = 0; j < 2; ++j) {
      Eigen::Vector2d more = at, less = at;
      more[j] += kStep;
      less[j] -= kStep;
      const double slope = (feasibility.log_probabilities(more).front() -
                            feasibility.log_probabilities(less).front()) /
                           (2 * kStep);
      EXPECT_NEAR(by(j, 0), slope, 1e-3 * std::max(1.0, std::abs(slope))) << x << ", " << j;
    }
  }
}

TEST(FeasibilityTest, ItIsWhatItWasToldLast) {
  const Ended before = ended([](double x, double) { return x < 0.3; });
  const Ended now = ended([](double x, double) { return x > 0.7; });
  Feasibility used = learned(before);
  std::vector<std::size_t> every(now.failed.size());
  std::iota(every.begin(), every.end(), std::size_t{0});
  used.learn(now.points, now.failed, every, kFitSteps);
  EXPECT_EQ(probability(used, 0.4, 0.4), probability(learned(now), 0.4, 0.4));
}

}  // namespace
}  // namespace scopa::search
