#include "broker/search/region.h"

#include <algorithm>

namespace scopa::search {
namespace {

constexpr double kKept = 0.7;        // of drawn points have the centre's category
constexpr double kBeside = 1.1;      // values that an ordered parameter may move at least, each way
constexpr std::uint64_t kMany = 10;  // values; of fewer each is often the first or the last
constexpr double kOnBound = 0.001;

bool has_many_values(const Domain& domain) {
  if (domain.is_categorical() || domain.is_constant()) return false;
  return !domain.is_finite() || domain.count() >= kMany;
}

}  // namespace

Region::Region(const Space& space) : space_(space), low_(space.size(), 0), high_(space.size(), 1) {}

Region Region::inside(const Space& space, double margin) {
  Region region(space);
  for (std::size_t j = 0; j < space.size(); ++j) {
    if (!has_many_values(space.domain(j))) continue;
    region.low_[j] = margin;
    region.high_[j] = 1 - margin;
  }
  return region;
}

Region::Region(const Space& space, const Point& centre, double side) : Region(space) {
  centre_ = centre;
  for (std::size_t j = 0; j < space.size(); ++j) {
    const Domain& domain = space.domain(j);
    if (domain.is_categorical() || !centre[j].active) continue;
    const double at = quantile(domain, centre[j]);
    const double step = domain.is_finite() ? kBeside * domain.width(centre[j].index) : 0;
    const double half = std::max(side / 2, step);
    low_[j] = std::max(at - half, 0.0);
    high_[j] = std::min(at + half, 1.0);
  }
}

Point Region::bring_in(Point point, Stream coins) const {
  for (std::size_t j = 0; j < point.size(); ++j) {
    const Domain& domain = space_.domain(j);
    if (domain.is_categorical()) {
      if (!has_centre()) continue;
      const bool keep = centre_[j].active && coins.unit_at(j) < kKept;
      point[j].index = keep ? centre_[j].index : domain.index_at(point[j].unit);
      continue;
    }
    point[j].unit = low_[j] + point[j].unit * (high_[j] - low_[j]);
    if (domain.is_finite()) point[j].index = domain.index_at(point[j].unit);
  }
  space_.settle(&point);
  return point;
}

double Region::nearest(std::size_t parameter, double unit) const {
  return std::clamp(unit, low_[parameter], high_[parameter]);
}

bool Region::has(std::size_t parameter, std::uint64_t index) const {
  const double at = space_.domain(parameter).centre(index);
  return at >= low_[parameter] && at <= high_[parameter];
}

double share_on_bounds(const Space& space, const Point& point) {
  std::size_t ordered = 0;
  std::size_t on_bounds = 0;
  for (std::size_t j = 0; j < space.size(); ++j) {
    const Domain& domain = space.domain(j);
    if (!point[j].active || !has_many_values(domain)) continue;
    ++ordered;
    const double at = quantile(domain, point[j]);
    const bool is_first = domain.is_finite() ? point[j].index == 0 : at < kOnBound;
    const bool is_last =
        domain.is_finite() ? point[j].index + 1 == domain.count() : at > 1 - kOnBound;
    if (is_first || is_last) ++on_bounds;
  }
  return ordered == 0 ? 0 : static_cast<double>(on_bounds) / static_cast<double>(ordered);
}

}  // namespace scopa::search
