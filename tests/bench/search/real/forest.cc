// Random forests: rows, features and thresholds are drawn anew in each trial.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "tests/bench/search/real/training.h"

namespace scopa::bench {
namespace {

using Json = nlohmann::ordered_json;
using Index = Eigen::Index;
using Places = std::vector<Index>;  // rows of the table

struct Node {
  Index feature = -1;  // a leaf has none
  double threshold = 0;
  std::size_t below = 0, above = 0;
  double share = 0;  // of class 1
};

struct Cut {
  Index feature = -1;
  double threshold = 0, gain = 1e-9;
};

/// Grows one tree.
class Grower {
 public:
  Grower(const Table& table, const Config& config, Random* random)
      : table_(table),
        random_(random),
        depth_(config.count("depth")),
        leaf_(config.count("leaf")),
        tried_(std::min(config.count("features"), static_cast<std::size_t>(table.x.cols()))),
        draws_(config.is("cuts", "drawn") ? config.count("draws") : 0),
        by_entropy_(config.is("criterion", "entropy")) {}

  std::vector<Node> tree(const Places& rows) {
    nodes_.clear();
    grow(rows, 0);
    return std::move(nodes_);
  }

 private:
  std::size_t grow(const Places& rows, std::size_t depth) {
    const std::size_t at = nodes_.size();
    nodes_.emplace_back();
    nodes_[at].share = ones(rows) / static_cast<double>(rows.size());
    if (depth == depth_ || rows.size() < 2 * leaf_) return at;
    const Cut cut = best_cut(rows);
    if (cut.feature < 0) return at;
    Places below, above;
    for (const Index row : rows) {
      (table_.x(row, cut.feature) <= cut.threshold ? below : above).push_back(row);
    }
    nodes_[at].feature = cut.feature;
    nodes_[at].threshold = cut.threshold;
    const std::size_t first = grow(below, depth + 1);
    const std::size_t second = grow(above, depth + 1);
    nodes_[at].below = first;
    nodes_[at].above = second;
    return at;
  }

  double ones(const Places& rows) const {
    return std::accumulate(rows.begin(), rows.end(), 0.0,
                           [&](double sum, Index row) { return sum + table_.y(row); });
  }

  // Times the number of rows.
  double impurity(double count, double positive) const {
    const double p = positive / count;
    if (!by_entropy_) return 2 * count * p * (1 - p);
    const auto part = [](double q) { return q > 0 ? -q * std::log(q) : 0; };
    return count * (part(p) + part(1 - p));
  }

  Cut best_cut(const Places& rows) {
    Cut best;
    const auto order = random_->shuffled(static_cast<std::size_t>(table_.x.cols()));
    for (std::size_t k = 0; k < tried_; ++k) {
      const auto feature = static_cast<Index>(order[k]);
      std::vector<std::pair<double, double>> sorted;
      for (const Index row : rows) sorted.emplace_back(table_.x(row, feature), table_.y(row));
      std::sort(sorted.begin(), sorted.end());
      try_feature(feature, sorted, &best);
    }
    return best;
  }

  void try_feature(Index feature, const std::vector<std::pair<double, double>>& sorted, Cut* best) {
    std::vector<double> before(sorted.size() + 1, 0);
    for (std::size_t i = 0; i < sorted.size(); ++i) before[i + 1] = before[i] + sorted[i].second;
    const auto try_at = [&](std::size_t i) {  // the first i rows are below
      if (i < leaf_ || sorted.size() - i < leaf_ || sorted[i - 1].first == sorted[i].first) return;
      const auto count = static_cast<double>(i);
      const auto all = static_cast<double>(sorted.size());
      const double gain = impurity(all, before.back()) - impurity(count, before[i]) -
                          impurity(all - count, before.back() - before[i]);
      if (gain <= best->gain) return;
      *best = {feature, sorted[i - 1].first, gain};
    };
    if (draws_ == 0) {
      for (std::size_t i = 1; i < sorted.size(); ++i) try_at(i);
    } else {
      for (std::size_t k = 0; k < draws_; ++k) try_at(1 + random_->below(sorted.size() - 1));
    }
  }

  const Table& table_;
  Random* random_;
  std::size_t depth_, leaf_, tried_, draws_;
  bool by_entropy_;
  std::vector<Node> nodes_;
};

double told_by_tree(const std::vector<Node>& nodes, const Eigen::MatrixXd& x, Index row) {
  std::size_t at = 0;
  while (nodes[at].feature >= 0) {
    at = x(row, nodes[at].feature) <= nodes[at].threshold ? nodes[at].below : nodes[at].above;
  }
  return nodes[at].share;
}

Places drawn_rows(const Config& config, std::size_t rows, Random* random) {
  const auto size = std::max<std::size_t>(
      2, static_cast<std::size_t>(config.number("rows") * static_cast<double>(rows)));
  const auto order = random->shuffled(rows);
  Places drawn;
  for (std::size_t k = 0; k < size; ++k) {
    const std::size_t at = config.is("repeats", "true") ? random->below(rows) : order[k];
    drawn.push_back(static_cast<Index>(at));
  }
  return drawn;
}

Trained trained_forest(const Split& split, const Config& config, std::uint64_t seed) {
  Random random(seed, "forest");
  Grower grower(split.train, config, &random);
  const std::size_t trees = config.count("trees");
  Eigen::VectorXd told = Eigen::VectorXd::Zero(split.valid.y.size());
  for (std::size_t k = 0; k < trees; ++k) {
    const auto rows = static_cast<std::size_t>(split.train.y.size());
    const auto tree = grower.tree(drawn_rows(config, rows, &random));
    for (Index i = 0; i < told.size(); ++i) told(i) += told_by_tree(tree, split.valid.x, i);
  }
  double sum = 0;
  for (Index i = 0; i < told.size(); ++i) {
    const double smooth = config.number("smoothing");
    const double p = (told(i) + smooth) / (static_cast<double>(trees) + 2 * smooth);
    sum -= std::log(std::max(split.valid.y(i) > 0 ? p : 1 - p, 1e-3));
  }
  Trained made;
  made.step_seconds = 1e-2 * static_cast<double>(trees) * config.number("features") *
                      config.number("rows") * (1 + config.number("depth"));
  made.curve = {sum / static_cast<double>(told.size())};
  return made;
}

}  // namespace

std::vector<Trainer> forests(const Data& data) {
  const Split rows = split(data->cancer, 150, 400);
  const Json parameters = {{"trees", log_int_range(1, 40)},
                           {"depth", int_range(1, 10)},
                           {"leaf", log_int_range(1, 40)},
                           {"features", int_range(1, 30)},
                           {"rows", real_range(0.1, 1)},
                           {"repeats", one_of({false, true})},
                           {"criterion", one_of({"gini", "entropy"})},
                           {"cuts", one_of({"best", "drawn"})},
                           {"draws", int_range(1, 20)},
                           {"smoothing", log_range(1e-3, 1)}};
  const Json conditions = {active_if("draws", "cuts", {"drawn"})};
  return {{"forest_cancer", parameters, conditions, 1, 5,
           [rows](const Config& config, std::uint64_t seed) {
             return trained_forest(rows, config, seed);
           }}};
}

}  // namespace scopa::bench
