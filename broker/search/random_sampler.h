#pragma once

#include <cstdint>
#include <optional>

#include "broker/search/history.h"
#include "broker/search/sampler.h"
#include "broker/search/space.h"

namespace scopa::search {

/// An admissible configuration that `history` lacks: first independent ones from the priors, then
/// the combinations of the finite parameters in order, from a random one on. The second part visits
/// each combination once, so it ends; without constraints only a finite space that is used up gives
/// nothing. With constraints both parts are bounded, too.
std::optional<Point> draw_new(const Space& space, const History& history, std::uint64_t seed,
                              std::uint64_t number);

/// `method: random`: every parameter from its distribution, independently; no configuration twice.
class RandomSampler final : public Sampler {
 public:
  RandomSampler(const spec::SweepSpec& spec, std::uint64_t seed) : space_(spec), seed_(seed) {}
  std::optional<Params> suggest(const History& history, std::uint64_t number) override;

 private:
  Space space_;
  std::uint64_t seed_;
};

}  // namespace scopa::search
