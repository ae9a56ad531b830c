#include "broker/pruning/asha.h"
#include "broker/pruning/comparison_steps.h"
#include "broker/pruning/hyperband.h"
#include "broker/pruning/last_quarter.h"
#include "broker/pruning/patient.h"
#include "broker/pruning/percentile.h"
#include "broker/pruning/predictive.h"
#include "broker/pruning/threshold.h"

namespace scopa::pruning {
namespace {

struct Maker {
  Goal goal;
  std::optional<std::int64_t> max_steps;

  std::unique_ptr<Pruner> operator()(const spec::Hyperband& spec) const {
    auto bands = hyperband_bands(spec);
    if (!bands) return nullptr;
    return std::make_unique<HyperbandPruner>(std::move(bands).value(), spec.eta, spec.strict, goal);
  }

  std::unique_ptr<Pruner> operator()(const spec::Asha& spec) const {
    auto rungs = asha_rungs(spec, max_steps);
    if (!rungs) return nullptr;
    return std::make_unique<AshaPruner>(std::move(rungs).value(), spec.eta, goal,
                                        last_quarter(max_steps));
  }

  std::unique_ptr<Pruner> operator()(const spec::Percentile& spec) const {
    auto steps = comparison_steps(spec.warmup, spec.interval, max_steps);
    if (!steps) return nullptr;
    auto early = before_last_quarter(std::move(steps).value(), max_steps);
    if (early.empty()) return nullptr;
    return std::make_unique<PercentilePruner>(std::move(early), spec, goal,
                                              last_quarter(max_steps));
  }

  std::unique_ptr<Pruner> operator()(const spec::Predictive& spec) const {
    if (!max_steps) return nullptr;
    // Places before the warmup tell the trend.
    const auto judged = comparison_steps(spec.warmup, {}, max_steps);
    if (!judged || before_last_quarter(*judged, max_steps).empty()) return nullptr;
    auto steps = comparison_steps(0, {}, max_steps);
    if (!steps) return nullptr;
    return std::make_unique<PredictivePruner>(std::move(steps).value(),
                                              static_cast<std::uint64_t>(*max_steps), spec, goal);
  }

  std::unique_ptr<Pruner> operator()(const spec::Threshold& spec) const {
    return std::make_unique<ThresholdPruner>(spec);
  }

  std::unique_ptr<Pruner> operator()(const spec::Patient& spec) const {
    std::unique_ptr<Pruner> wrapped;
    if (!spec.wraps.empty()) {
      wrapped = std::visit(*this, spec.wraps.front().kind);
      // Patience alone would stop trials that the file's pruner never would.
      if (!wrapped) return nullptr;
    }
    return std::make_unique<PatientPruner>(spec, std::move(wrapped), goal);
  }
};

}  // namespace

std::unique_ptr<Pruner> make_pruner(const spec::SweepSpec& spec) {
  if (!spec.pruner || !spec.metric) return nullptr;
  return std::visit(Maker{spec.metric->goal, spec.max_steps}, spec.pruner->kind);
}

}  // namespace scopa::pruning
