#include "broker/pruning/hyperband.h"

namespace scopa::pruning {
namespace {

std::unique_ptr<Pruner> make(const spec::Hyperband& spec, Goal goal) {
  auto bands = hyperband_bands(spec);
  if (!bands) return nullptr;
  return std::make_unique<HyperbandPruner>(std::move(bands).value(), spec.eta, spec.strict, goal);
}

}  // namespace

std::unique_ptr<Pruner> make_pruner(const spec::SweepSpec& spec) {
  if (!spec.pruner || !spec.metric) return nullptr;
  const auto* hyperband = std::get_if<spec::Hyperband>(&spec.pruner->kind);
  return hyperband == nullptr ? nullptr : make(*hyperband, spec.metric->goal);
}

}  // namespace scopa::pruning
