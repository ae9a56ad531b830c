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
/// `why` may be null; else the draws are added to it, and what came of them.
std::optional<Point> draw_new(const Space& space, const History& history, std::uint64_t seed,
                              std::uint64_t number, Why* why);

/// Fills Why::parameters with what the point's parameters are.
void note_parameters(const Space& space, const Point& point, Why* why);

/// `method: random`: every parameter from its distribution, independently; no configuration twice.
class RandomSampler final : public Sampler {
 public:
  RandomSampler(const spec::SweepSpec& spec, std::uint64_t seed) : space_(spec), seed_(seed) {}

 private:
  std::optional<Params> propose(const History& history, std::uint64_t number, Why* why) override;

  Space space_;
  std::uint64_t seed_;
};

}  // namespace scopa::search
