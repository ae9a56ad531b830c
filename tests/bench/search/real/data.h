#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "broker/search/random.h"
#include "sdk/base/status.h"

namespace scopa::bench {

/// Rows of features, and what is to be told from them: a number, or that of a class.
struct Table {
  Eigen::MatrixXd x;
  Eigen::VectorXd y;
};

/// What a training may see, and what it is measured on.
struct Split {
  Table train, valid;
};

/// The data sets of README.md beside this file.
struct DataSets {
  Table digits, cancer, wine, diabetes;
  static Result<DataSets> load(const std::filesystem::path& folder);
};

/// Numbers for one training, the same on every machine.
class Random {
 public:
  Random(std::uint64_t seed, std::string_view purpose)
      : stream_(seed, 0, search::hash_name(purpose)) {}
  double unit() { return stream_.unit(); }
  double normal();
  std::size_t below(std::size_t n) { return stream_.below(n); }
  /// 0 to n - 1 in any order.
  std::vector<std::size_t> shuffled(std::size_t n);

 private:
  search::Stream stream_;
};

/// The first `train` rows and the `valid` ones after them, of the rows in an order that is always
/// the same.
Split split(const Table& table, std::size_t train, std::size_t valid);
/// Features with mean 0 and deviation 1 on the rows for the training; one without deviation is 0.
Split standardised(Split split);
/// The same for numbers to be told: an error of 1 is that of their mean.
Split with_standard_target(Split split);
/// Features, their squares and their products by twos, in this order; standardised.
Split with_products(const Split& split);

double root_mean_square(const Eigen::VectorXd& residual);

}  // namespace scopa::bench
