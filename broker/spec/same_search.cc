#include "broker/spec/same_search.h"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace scopa::spec {
namespace {

bool same(const std::vector<Expression>& a, const std::vector<Expression>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const auto& x, const auto& y) { return x.text() == y.text(); });
}

bool same(const Parameter& a, const Parameter& b) {
  return a.path == b.path && a.distribution == b.distribution && a.when == b.when &&
         same(a.predicates, b.predicates);
}

bool same(const Derived& a, const Derived& b) {
  return a.path == b.path && a.expression.text() == b.expression.text() && a.when == b.when &&
         same(a.predicates, b.predicates);
}

/// The first of two lists that differ, by name.
template <class Item>
std::optional<std::string> first_difference(const std::vector<Item>& before,
                                            const std::vector<Item>& now) {
  for (std::size_t i = 0; i < std::max(before.size(), now.size()); ++i) {
    if (i >= now.size()) return "parameters." + before[i].name;
    if (i >= before.size() || !same(before[i], now[i])) return "parameters." + now[i].name;
  }
  return std::nullopt;
}

std::optional<std::string> metric_differs(const std::optional<Metric>& before,
                                          const std::optional<Metric>& now) {
  if (before.has_value() != now.has_value()) return "metric";
  if (!now) return std::nullopt;
  if (before->goal != now->goal) return "metric.goal";
  if (before->reduce != now->reduce || before->reduce_window != now->reduce_window) {
    return "metric.reduce";
  }
  if (before->impute != now->impute) return "metric.impute";
  if (before->impute_while_running != now->impute_while_running) {
    return "metric.impute_while_running";
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> search_differs(const SweepSpec& before, const SweepSpec& now) {
  if (before.method != now.method) return "method";
  if (before.bayes_model != now.bayes_model) return "bayes.model";
  if (before.seed != now.seed) return "seed";
  if (auto parameter = first_difference(before.parameters, now.parameters)) return parameter;
  if (auto derived = first_difference(before.derived, now.derived)) return derived;
  if (!same(before.constraints, now.constraints)) return "constraints";
  if (before.initial != now.initial) return "initial";
  if (before.on_nan != now.on_nan) return "on_nan";
  if (before.max_steps != now.max_steps) return "max_steps";
  if (before.replicates != now.replicates) return "replicates";
  return metric_differs(before.metric, now.metric);
}

}  // namespace scopa::spec
