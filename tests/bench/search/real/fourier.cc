// Ridge regression on random Fourier features, on a machine with little memory: what does not fit
// fails.
#include <Eigen/Cholesky>
#include <cmath>
#include <numbers>

#include "tests/bench/search/real/training.h"

namespace scopa::bench {
namespace {

using Json = nlohmann::ordered_json;
using Index = Eigen::Index;

constexpr double kMemoryBytes = 700e3;
constexpr Index kClassCount = 10;

struct Sizes {
  Index features = 0, rows = 0, pixels = 0;
  double number_bytes = 4;
};

Sizes sizes_of(const Config& config) {
  return {static_cast<Index>(config.number("features")), static_cast<Index>(config.number("rows")),
          64, config.is("numbers", "double") ? 8.0 : 4.0};
}

// The features of all rows, their products, the frequencies and the weights.
double memory_bytes(const Sizes& sizes) {
  const auto features = static_cast<double>(sizes.features);
  const auto others = static_cast<double>(sizes.rows + sizes.pixels + kClassCount);
  return sizes.number_bytes * features * (features + others);
}

double frequency(const std::string& kernel, Random* random) {
  const double normal = random->normal();
  if (kernel == "gauss") return normal;
  if (kernel == "laplace") return std::tan(std::numbers::pi * (random->unit() - 0.5));
  return normal / std::sqrt(-std::log(random->unit()));  // with heavier tails than the normal
}

template <typename Matrix>
Matrix features_of(const Matrix& x, const Matrix& frequencies, const Matrix& phases) {
  Matrix made = x * frequencies;
  made.rowwise() += phases.row(0);
  return made.array().cos() * std::sqrt(2 / static_cast<typename Matrix::Scalar>(made.cols()));
}

template <typename Matrix>
double share_of_errors(const Split& split, const Config& config, const Sizes& sizes) {
  using Scalar = typename Matrix::Scalar;
  Random random(1, "frequencies");
  Matrix frequencies(sizes.pixels, sizes.features);
  Matrix phases(1, sizes.features);
  for (Index k = 0; k < sizes.features; ++k) {
    phases(0, k) = static_cast<Scalar>(2 * std::numbers::pi * random.unit());
    for (Index j = 0; j < sizes.pixels; ++j) {
      const double drawn = frequency(config.text("kernel"), &random);
      frequencies(j, k) = static_cast<Scalar>(drawn / config.number("width"));
    }
  }
  const Matrix x = split.train.x.topRows(sizes.rows).template cast<Scalar>();
  const Matrix train = features_of<Matrix>(x, frequencies, phases);
  Matrix targets = Matrix::Constant(sizes.rows, kClassCount, Scalar{-1} / kClassCount);
  for (Index i = 0; i < sizes.rows; ++i) targets(i, static_cast<Index>(split.train.y(i))) += 1;
  Matrix normal = train.transpose() * train;
  normal.diagonal().array() += static_cast<Scalar>(config.number("ridge"));
  const Matrix weights = normal.ldlt().solve(train.transpose() * targets);
  const Matrix valid = split.valid.x.template cast<Scalar>();
  const Matrix told = features_of<Matrix>(valid, frequencies, phases) * weights;
  double errors = 0;
  for (Index i = 0; i < told.rows(); ++i) {
    Index most = 0;
    told.row(i).maxCoeff(&most);
    errors += static_cast<double>(most) == split.valid.y(i) ? 0 : 1;
  }
  return errors / static_cast<double>(told.rows());
}

Trained trained_fourier(const Split& split, const Config& config) {
  const Sizes sizes = sizes_of(config);
  Trained made;
  made.failed = memory_bytes(sizes) > kMemoryBytes;
  if (made.failed) return made;
  const auto features = static_cast<double>(sizes.features);
  made.step_seconds =
      1e-6 * (features * features * (features / 3 + static_cast<double>(sizes.rows)) +
              features * 64 * static_cast<double>(sizes.rows));
  made.curve = {sizes.number_bytes == 8 ? share_of_errors<Eigen::MatrixXd>(split, config, sizes)
                                        : share_of_errors<Eigen::MatrixXf>(split, config, sizes)};
  return made;
}

}  // namespace

std::vector<Trainer> fourier_features(const Data& data) {
  Split rows = split(data->digits, 600, 400);
  for (Table* part : {&rows.train, &rows.valid}) part->x /= 16;
  const Json parameters = {
      {"features", log_int_range(8, 1024)},     {"rows", int_range(20, 600)},
      {"numbers", one_of({"float", "double"})}, {"kernel", one_of({"gauss", "laplace", "student"})},
      {"width", log_range(0.1, 100)},           {"ridge", log_range(1e-9, 10)}};
  return {{"fourier_digits", parameters, nullptr, 1, 1,
           [rows](const Config& config, std::uint64_t) { return trained_fourier(rows, config); }}};
}

}  // namespace scopa::bench
