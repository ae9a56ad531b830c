#include "broker/search/random_sampler.h"

namespace scopa::search {
namespace {

constexpr std::uint64_t kDraws = 64;

bool same_indexes(const Point& a, const Point& b) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i].active != b[i].active || a[i].index != b[i].index) return false;
  }
  return true;
}

}  // namespace

std::optional<Point> draw_new(const Space& space, const History& history, std::uint64_t seed,
                              std::uint64_t number) {
  const auto is_new = [&](const Point& point) {
    return !history.contains(canonical_text(space.params(point)));
  };
  Point point;
  for (std::uint64_t attempt = 0; attempt < kDraws; ++attempt) {
    point = space.draw(seed, number, attempt);
    if (is_new(point)) return point;
  }
  const Point start = point;
  do {
    space.next(&point);
    if (is_new(point)) return point;
  } while (!same_indexes(point, start));
  return {};
}

std::optional<Params> RandomSampler::suggest(const History& history, std::uint64_t number) {
  const auto point = draw_new(space_, history, seed_, number);
  if (!point) return {};
  return space_.params(*point);
}

}  // namespace scopa::search
