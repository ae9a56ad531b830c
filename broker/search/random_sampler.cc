#include "broker/search/random_sampler.h"

namespace scopa::search {
namespace {

constexpr std::uint64_t kKnownMax = 64;  // draws that were tried before
constexpr std::uint64_t kWalkMax = 50;   // steps for each draw, in a space with constraints

}  // namespace

std::optional<Point> draw_new(const Space& space, const History& history, std::uint64_t seed,
                              std::uint64_t number) {
  const auto is_known = [&](const Point& point) {
    return history.contains(canonical_text(space.params(point)));
  };
  Point point;
  std::optional<std::size_t> violated;
  std::uint64_t known = 0;
  for (std::uint64_t attempt = 0; attempt < space.draws_max() && known < kKnownMax; ++attempt) {
    point = space.draw(seed, number, attempt);
    violated = space.violated(point);
    if (violated) continue;
    if (!is_known(point)) return point;
    ++known;
  }
  const Point start = point;
  bool round = false;
  const std::uint64_t steps_max = kWalkMax * space.draws_max();
  for (std::uint64_t step = 0; step < steps_max || !space.is_constrained(); ++step) {
    round |= !space.next(&point, violated);
    if (round && !space.precedes(point, start)) return {};
    violated = space.violated(point);
    if (!violated && !is_known(point)) return point;
  }
  return {};
}

std::optional<Params> RandomSampler::suggest(const History& history, std::uint64_t number) {
  const auto point = draw_new(space_, history, seed_, number);
  if (!point) return {};
  return space_.params(*point);
}

}  // namespace scopa::search
