#include "tests/bench/search/real/data.h"

#include <zlib.h>

#include <cmath>
#include <cstdlib>
#include <memory>
#include <numbers>

namespace scopa::bench {
namespace {

constexpr std::size_t kLineMax = 4096;

std::vector<double> numbers_of(const char* line) {
  std::vector<double> numbers;
  for (char* end = nullptr;; line = *end == ',' ? end + 1 : end) {
    const double x = std::strtod(line, &end);
    if (end == line) return numbers;
    numbers.push_back(x);
  }
}

Result<Table> table_of(const std::filesystem::path& path) {
  const std::unique_ptr<gzFile_s, int (*)(gzFile)> file(gzopen(path.c_str(), "rb"), gzclose);
  if (file == nullptr) return Status{Code::kNotFound, "there is no " + path.string()};
  std::vector<std::vector<double>> rows;
  char line[kLineMax];
  while (gzgets(file.get(), line, sizeof line) != nullptr) rows.push_back(numbers_of(line));
  if (rows.empty()) return Status{Code::kInvalidArgument, path.string() + " is empty"};
  const auto features = static_cast<Eigen::Index>(rows[0].size()) - 1;
  Table table{Eigen::MatrixXd(rows.size(), features), Eigen::VectorXd(rows.size())};
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].size() != rows[0].size()) {
      return Status{Code::kInvalidArgument, path.string() + ": rows differ in length"};
    }
    const auto row = static_cast<Eigen::Index>(i);
    for (Eigen::Index j = 0; j < features; ++j) table.x(row, j) = rows[i][static_cast<size_t>(j)];
    table.y(row) = rows[i].back();
  }
  return table;
}

}  // namespace

Result<DataSets> DataSets::load(const std::filesystem::path& folder) {
  DataSets sets;
  SCOPA_ASSIGN_OR_RETURN(sets.digits, table_of(folder / "digits.csv.gz"));
  SCOPA_ASSIGN_OR_RETURN(sets.cancer, table_of(folder / "cancer.csv.gz"));
  SCOPA_ASSIGN_OR_RETURN(sets.wine, table_of(folder / "wine.csv.gz"));
  SCOPA_ASSIGN_OR_RETURN(sets.diabetes, table_of(folder / "diabetes.csv.gz"));
  return sets;
}

double Random::normal() {
  const double length = std::sqrt(-2 * std::log(unit()));
  return length * std::cos(2 * std::numbers::pi * unit());
}

std::vector<std::size_t> Random::shuffled(std::size_t n) {
  std::vector<std::size_t> order(n);
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t at = below(i + 1);
    order[i] = order[at];
    order[at] = i;
  }
  return order;
}

Split split(const Table& table, std::size_t train, std::size_t valid) {
  const auto order = Random(0, "rows").shuffled(static_cast<std::size_t>(table.y.size()));
  const auto rows = [&](std::size_t first, std::size_t count) {
    const auto size = static_cast<Eigen::Index>(count);
    Table part{Eigen::MatrixXd(size, table.x.cols()), Eigen::VectorXd(size)};
    for (Eigen::Index i = 0; i < size; ++i) {
      const auto row = static_cast<Eigen::Index>(order[first + static_cast<std::size_t>(i)]);
      part.x.row(i) = table.x.row(row);
      part.y(i) = table.y(row);
    }
    return part;
  };
  return {rows(0, train), rows(train, valid)};
}

Split standardised(Split split) {
  for (Eigen::Index j = 0; j < split.train.x.cols(); ++j) {
    const double mean = split.train.x.col(j).mean();
    const double deviation = root_mean_square(split.train.x.col(j).array() - mean);
    const double scale = deviation > 0 ? 1 / deviation : 0;
    for (Table* part : {&split.train, &split.valid}) {
      part->x.col(j) = (part->x.col(j).array() - mean) * scale;
    }
  }
  return split;
}

Split with_standard_target(Split split) {
  const double mean = split.train.y.mean();
  const double deviation = root_mean_square(split.train.y.array() - mean);
  for (Table* part : {&split.train, &split.valid}) {
    part->y = (part->y.array() - mean) / deviation;
  }
  return split;
}

Split with_products(const Split& split) {
  const auto expanded = [](const Table& table) {
    const Eigen::Index n = table.x.cols();
    Table made{Eigen::MatrixXd(table.x.rows(), 2 * n + n * (n - 1) / 2), table.y};
    made.x.leftCols(n) = table.x;
    made.x.middleCols(n, n) = table.x.array().square();
    Eigen::Index at = 2 * n;
    for (Eigen::Index i = 0; i < n; ++i) {
      for (Eigen::Index j = i + 1; j < n; ++j) {
        made.x.col(at++) = table.x.col(i).array() * table.x.col(j).array();
      }
    }
    return made;
  };
  return standardised({expanded(split.train), expanded(split.valid)});
}

double root_mean_square(const Eigen::VectorXd& residual) {
  return std::sqrt(residual.squaredNorm() / static_cast<double>(residual.size()));
}

}  // namespace scopa::bench
