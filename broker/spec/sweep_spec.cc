#include "broker/spec/sweep_spec.h"

#include <array>

#include "broker/spec/distributions.h"

namespace scopa::spec {

std::string_view name_of(Method method) {
  switch (method) {
    case Method::kRandom:
      return "random";
    case Method::kGrid:
      return "grid";
    case Method::kBayes:
      return "bayes";
  }
  return "?";
}

bool has_categories(DistributionKind kind) {
  return kind == DistributionKind::kConstant || kind == DistributionKind::kCategorical ||
         kind == DistributionKind::kCategoricalWithWeights;
}

std::string_view name_of(DistributionKind kind) {
  for (const DistributionRow& row : distribution_table()) {
    if (row.kind == kind) return row.name;
  }
  return "?";
}

std::string_view name_of(const Pruner& pruner) {
  constexpr std::array<std::string_view, 6> kNames = {"hyperband",  "asha",      "percentile",
                                                      "predictive", "threshold", "patient"};
  const auto* percentile = std::get_if<Percentile>(&pruner.kind);
  return percentile != nullptr && percentile->is_median ? "median" : kNames[pruner.kind.index()];
}

std::string to_text(Reduction reduce, std::uint32_t window) {
  switch (reduce) {
    case Reduction::kBest:
      return "best";
    case Reduction::kMean:
      return "mean(" + std::to_string(window) + ")";
    case Reduction::kLast:
      break;
  }
  return "last";
}

}  // namespace scopa::spec
