#include <algorithm>
#include <string>
#include <vector>

#include "broker/search/random_sampler.h"
#include "broker/search/sampler.h"
#include "broker/search/space.h"

namespace scopa::search {
namespace {

constexpr std::uint64_t kSampled = 200;  // draws, to say which constraint is the tightest

// 20000 as 20,000.
std::string grouped(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3; at -= 3) text.insert(at - 3, ",");
  return text;
}

}  // namespace

Status check_searchable(const spec::SweepSpec& spec, std::uint64_t seed) {
  const bool grid = spec.method == spec::Method::kGrid;
  const Space space(spec, grid ? Domain::Use::kGrid : Domain::Use::kSampling);
  if (!space.is_constrained() || draw_new(space, History{}, seed, 0, nullptr)) return Status::ok();
  spec::SweepSpec alone = spec;
  std::vector<std::uint64_t> held;
  for (const spec::Expression& constraint : spec.constraints) {
    alone.constraints = {constraint};
    const Space one(alone);
    std::uint64_t count = 0;
    for (std::uint64_t attempt = 0; attempt < kSampled; ++attempt) {
      count += one.admits(one.draw(seed, 0, attempt)) ? 1 : 0;
    }
    held.push_back(count);
  }
  const auto tightest =
      static_cast<std::size_t>(std::min_element(held.begin(), held.end()) - held.begin());
  return {Code::kInvalidArgument,
          "no configuration satisfies the constraints: none of " + grouped(space.draws_max()) +
              " draws did",
          "the tightest is `" + spec.constraints[tightest].text() + "`: alone it holds in " +
              std::to_string(held[tightest]) + " of " + std::to_string(kSampled) +
              "; loosen it, or change the ranges"};
}

}  // namespace scopa::search
