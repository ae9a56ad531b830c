#include "broker/search/random_sampler.h"

#include "broker/search/random.h"

namespace scopa::search {
namespace {

constexpr std::uint64_t kKnownMax = 64;  // draws that were tried before
constexpr std::uint64_t kWalkMax = 50;   // steps for each draw, in a space with constraints

void note_draw(const Space& space, const Point& point, std::uint64_t seed, std::uint64_t number,
               std::uint64_t attempt, Why* why) {
  why->how = Why::How::kDrawn;
  why->seed = seed;
  why->numbers.clear();
  why->parameters.clear();
  for (std::size_t i = 0; i < space.size(); ++i) {
    if (!point[i].active || space.domain(i).is_constant()) continue;
    const Stream stream(seed, number, hash_name(space.name(i)));
    why->numbers.push_back({"draw of `" + space.name(i) + "`", stream.key(), attempt});
  }
  note_parameters(space, point, why);
}

}  // namespace

void note_parameters(const Space& space, const Point& point, Why* why) {
  const Params params = space.params(point);
  why->parameters.clear();
  for (std::size_t i = 0; i < space.size(); ++i) {
    const Value* value = find_param(params, space.name(i));
    if (value == nullptr || space.domain(i).is_constant()) continue;
    why->parameters.push_back({space.name(i), *value, {}, {}, {}});
  }
}

std::optional<Point> draw_new(const Space& space, const History& history, std::uint64_t seed,
                              std::uint64_t number, Why* why) {
  const auto is_known = [&](const Point& point) {
    return history.contains(canonical_text(space.params(point)));
  };
  Point point;
  std::optional<std::size_t> violated;
  std::uint64_t known = 0;
  for (std::uint64_t attempt = 0; attempt < space.draws_max() && known < kKnownMax; ++attempt) {
    point = space.draw(seed, number, attempt);
    violated = space.violated(point);
    if (why != nullptr) {
      ++why->draws;
      why->refused += violated ? 1 : 0;
    }
    if (violated) continue;
    if (!is_known(point)) {
      if (why != nullptr) note_draw(space, point, seed, number, attempt, why);
      return point;
    }
    ++known;
    if (why != nullptr) ++why->known;
  }
  if (why != nullptr) why->walked = true;
  const Point start = point;
  bool round = false;
  const std::uint64_t steps_max = kWalkMax * space.draws_max();
  for (std::uint64_t step = 0; step < steps_max || !space.is_constrained(); ++step) {
    round |= !space.next(&point, violated);
    if (round && !space.precedes(point, start)) return {};
    violated = space.violated(point);
    if (violated || is_known(point)) continue;
    if (why != nullptr) note_draw(space, point, seed, number, why->draws - 1, why);
    return point;
  }
  return {};
}

std::optional<Params> RandomSampler::propose(const History& history, std::uint64_t number,
                                             Why* why) {
  if (why != nullptr) {
    why->sampler = "random";
    why->rule = "every parameter from its own distribution";
  }
  const auto point = draw_new(space_, history, seed_, number, why);
  if (!point) return {};
  return space_.params(*point);
}

}  // namespace scopa::search
