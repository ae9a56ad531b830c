#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "broker/spec/sweep_spec.h"

/// What each distribution of a sweep file promises, worked out from its definition or by
/// Boost.Math: none of the code under test takes part.
namespace scopa::search::testing {

struct StatisticsCase {
  spec::DistributionKind kind{};
  std::string text;  ///< the parameter as in the sweep file, in one line

  /// Continuous kinds: the CDF, and where it is 0 and 1.
  std::function<double(double)> cdf;
  double lowest = 0;
  double highest = 0;

  /// All others: the probability of each value, by its canonical text. Tails that nearly never come
  /// are left out; `shares` then sum to a little less than 1.
  std::map<std::string, double> shares;
};

/// Every kind, with several settings each.
const std::vector<StatisticsCase>& statistics_cases();

}  // namespace scopa::search::testing
