#include "broker/pruning/expected_survivors.h"

#include <algorithm>
#include <functional>
#include <optional>

#include "broker/pruning/asha.h"
#include "broker/pruning/comparison_steps.h"
#include "broker/pruning/hyperband.h"
#include "broker/pruning/percentile.h"

namespace scopa::pruning {
namespace {

using Forecast = std::vector<RungForecast>;

struct Forecaster {
  std::uint64_t trials;
  std::optional<std::int64_t> max_steps;

  Forecast operator()(const spec::Hyperband& hyperband) const {
    auto bands = hyperband_bands(hyperband);
    if (!bands) return {};
    bands->erase(std::unique(bands->begin(), bands->end()), bands->end());
    return halving(
        *bands, [&](std::uint64_t n) { return n == 0 ? 0 : hyperband_cut(hyperband.eta, n) + 1; });
  }

  Forecast operator()(const spec::Asha& asha) const {
    const auto rungs = asha_rungs(asha, max_steps);
    if (!rungs) return {};
    return halving(*rungs, [&](std::uint64_t n) {
      const std::uint64_t kept = asha_survivors(asha.eta, n);
      return kept == 0 ? n : kept;
    });
  }

  Forecast operator()(const spec::Percentile& percentile) const {
    const auto steps = comparison_steps(percentile.warmup, percentile.interval, max_steps);
    if (!steps) return {};
    const std::uint64_t rank = trials == 0 ? 0 : percentile_rank(percentile, trials - 1);
    Forecast result;
    for (const std::uint64_t step : *steps) result.push_back({step, rank == 0 ? trials : rank});
    return result;
  }

  Forecast operator()(const spec::Predictive&) const { return {}; }  // as the curves have it
  Forecast operator()(const spec::Threshold&) const { return {}; }

  Forecast operator()(const spec::Patient& patient) const {
    return patient.wraps.empty() ? Forecast() : std::visit(*this, patient.wraps.front().kind);
  }

  Forecast halving(const std::vector<std::uint64_t>& rungs,
                   const std::function<std::uint64_t(std::uint64_t)>& survivors) const {
    Forecast result;
    std::uint64_t left = trials;
    for (const std::uint64_t rung : rungs) {
      left = survivors(left);
      result.push_back({rung, left});
    }
    return result;
  }
};

}  // namespace

std::vector<RungForecast> forecast(const spec::SweepSpec& spec, std::uint64_t trials) {
  if (!spec.pruner) return {};
  return std::visit(Forecaster{trials, spec.max_steps}, spec.pruner->kind);
}

}  // namespace scopa::pruning
