#include "broker/search/sampler.h"

#include "broker/search/grid_sampler.h"
#include "broker/search/random_sampler.h"
#include "broker/search/tpe_sampler.h"

namespace scopa::search {

std::unique_ptr<Sampler> make_sampler(const spec::SweepSpec& spec, std::uint64_t seed) {
  switch (spec.method) {
    case spec::Method::kGrid:
      return std::make_unique<GridSampler>(spec);
    case spec::Method::kBayes:
      return std::make_unique<TpeSampler>(spec, seed);
    case spec::Method::kRandom:
      break;
  }
  return std::make_unique<RandomSampler>(spec, seed);
}

std::optional<std::uint64_t> space_size(const spec::SweepSpec& spec) {
  const bool grid = spec.method == spec::Method::kGrid;
  return Space(spec, grid ? Domain::Use::kGrid : Domain::Use::kSampling).count();
}

}  // namespace scopa::search
