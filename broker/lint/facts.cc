#include "broker/lint/facts.h"

#include <algorithm>

#include "broker/search/sampler.h"

namespace scopa::lint {
namespace {

constexpr std::uint64_t kDraws = 64;  // to see how many conditional parameters are active

std::size_t active_at_a_time(const search::Space& space, const std::vector<std::size_t>& searched) {
  const bool conditional = std::any_of(searched.begin(), searched.end(),
                                       [&](std::size_t i) { return !space.conditions(i).empty(); });
  if (!conditional) return searched.size();
  std::size_t active = 0;
  for (std::uint64_t draw = 0; draw < kDraws; ++draw) {
    const search::Point point = space.draw(0, draw, 0);
    for (const std::size_t i : searched) active += point[i].active ? 1 : 0;
  }
  return (active + kDraws / 2) / kDraws;
}

}  // namespace

Facts::Facts(const spec::SweepSpec& of, bool counted)
    : spec(of),
      space(of, of.method == spec::Method::kGrid ? search::Domain::Use::kGrid
                                                 : search::Domain::Use::kSampling) {
  for (std::size_t i = 0; i < spec.parameters.size(); ++i) {
    meaning.push_back(meaning_of(name(i)));
    if (!space.domain(i).is_constant()) searched.push_back(i);
  }
  if (!counted) return;
  dimensions = active_at_a_time(space, searched);
  size = search::space_size(spec);
  if (spec.run_cap > 0) trials = spec.run_cap;
  if (size && (!trials || *size < *trials)) trials = size;
}

std::string Facts::path(std::size_t i) const {
  std::string path;
  for (const std::string& part : spec.parameters[i].path) {
    path = spec::join(spec::join(path, "parameters"), part);
  }
  return path;
}

std::string Facts::path(std::size_t i, const std::string& key) const {
  return spec::join(path(i), key);
}

std::string Facts::values_path(std::size_t i, const Remarks& remarks) const {
  const std::string values = path(i, "values");
  return remarks.has(values) ? values : path(i, "value");
}

}  // namespace scopa::lint
