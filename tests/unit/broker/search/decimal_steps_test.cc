#include "broker/search/decimal_steps.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <limits>
#include <string>

namespace scopa::search {
namespace {

TEST(DecimalStepsTest, PointsAreCountedInDecimal) {
  EXPECT_EQ(DecimalSteps(0, 0.1).at(3), 0.3);
  EXPECT_EQ(DecimalSteps(0, 0.1).at(6), 0.6);
  EXPECT_EQ(DecimalSteps(0, 0.3).at(3), 0.9);
  EXPECT_EQ(DecimalSteps(0, 0.1).at(-7), -0.7);
  EXPECT_EQ(DecimalSteps(0, 0.01).at(41), 0.41);
  EXPECT_EQ(DecimalSteps(0, 1e-5).at(3), 3e-5);
  EXPECT_EQ(DecimalSteps(0, 2.5).at(3), 7.5);
  EXPECT_EQ(DecimalSteps(0, 16).at(3), 48);
  EXPECT_EQ(DecimalSteps(-9.211, 2.341).at(3), -2.188);
  EXPECT_EQ(DecimalSteps(0.05, 0.1).at(6), 0.65);
  EXPECT_EQ(DecimalSteps(0, 0.1).at(0), 0.0);
  EXPECT_FALSE(std::signbit(DecimalSteps(0, 0.1).at(-0.0)));
}

// Against the decimal number itself, written out and read.
TEST(DecimalStepsTest, EveryPointIsTheNearestDouble) {
  for (const std::string step : {"1", "3", "7", "25", "123", "999"}) {
    for (int exponent = -30; exponent <= 30; exponent += 3) {
      const std::string suffix = "e" + std::to_string(exponent);
      const DecimalSteps steps(0, std::strtod((step + suffix).c_str(), nullptr));
      for (const std::int64_t k : {1, 2, 3, 6, 7, 11, 99, 1000, 12345, 99999999}) {
        const std::string digits = std::to_string(k * std::stoll(step));
        EXPECT_EQ(steps.at(static_cast<double>(k)), std::strtod((digits + suffix).c_str(), nullptr))
            << digits << suffix;
      }
    }
  }
}

TEST(DecimalStepsTest, WhatHasNoRoomIsTheSumOfDoubles) {
  EXPECT_EQ(DecimalSteps(0, 0.12345678901234567).at(1e9), 0.12345678901234567 * 1e9);
  EXPECT_EQ(DecimalSteps(1e300, 1e-300).at(5), 1e300 + 5e-300);
  EXPECT_EQ(DecimalSteps(0, 1e300).at(1e10), INFINITY);
  EXPECT_EQ(DecimalSteps(0, 0.1).at(1e17), 1e17 * 0.1);
  EXPECT_EQ(DecimalSteps(0, 5e-324).at(3), 3 * 5e-324);
}

}  // namespace
}  // namespace scopa::search
