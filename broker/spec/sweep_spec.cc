#include "broker/spec/sweep_spec.h"

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

std::string_view name_of(DistributionKind kind) {
  for (const DistributionRow& row : distribution_table()) {
    if (row.kind == kind) return row.name;
  }
  return "?";
}

}  // namespace scopa::spec
