#include "broker/pruning/expected_survivors.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>

#include "broker/pruning/asha.h"
#include "broker/pruning/comparison_steps.h"
#include "broker/pruning/hyperband.h"
#include "broker/pruning/last_quarter.h"
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
    for (const std::uint64_t step : before_last_quarter(*steps, max_steps)) {
      result.push_back({step, rank == 0 ? trials : rank});
    }
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

std::vector<std::uint64_t> or_none(Result<std::vector<std::uint64_t>> rungs) {
  return rungs ? std::move(rungs).value() : std::vector<std::uint64_t>();
}

// All that a pruner would have below max_steps.
struct AllRungs {
  std::int64_t max_steps;

  std::vector<std::uint64_t> operator()(const spec::Asha& asha) const {
    spec::Asha whole = asha;
    whole.max_resource = std::min(asha.max_resource.value_or(max_steps), max_steps);
    return or_none(asha_rungs(whole, {}));
  }
  std::vector<std::uint64_t> operator()(const spec::Percentile& percentile) const {
    return or_none(comparison_steps(percentile.warmup, percentile.interval, max_steps));
  }
  std::vector<std::uint64_t> operator()(const spec::Predictive& predictive) const {
    return or_none(comparison_steps(predictive.warmup, {}, max_steps));
  }
  std::vector<std::uint64_t> operator()(const spec::Patient& patient) const {
    return patient.wraps.empty() ? std::vector<std::uint64_t>()
                                 : std::visit(*this, patient.wraps.front().kind);
  }
  std::vector<std::uint64_t> operator()(const spec::Hyperband&) const { return {}; }
  std::vector<std::uint64_t> operator()(const spec::Threshold&) const { return {}; }
};

}  // namespace

std::vector<std::uint64_t> late_rungs(const spec::SweepSpec& spec) {
  if (!spec.pruner || !spec.max_steps) return {};
  std::vector<std::uint64_t> rungs = std::visit(AllRungs{*spec.max_steps}, spec.pruner->kind);
  const auto late = std::lower_bound(rungs.begin(), rungs.end(), last_quarter(spec.max_steps));
  return {late, rungs.end()};
}

std::vector<RungForecast> forecast(const spec::SweepSpec& spec, std::uint64_t trials) {
  if (!spec.pruner) return {};
  return std::visit(Forecaster{trials, spec.max_steps}, spec.pruner->kind);
}

}  // namespace scopa::pruning
