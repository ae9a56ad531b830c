#pragma once

#include <cstddef>
#include <vector>

#include "broker/search/random.h"
#include "broker/search/space.h"

namespace scopa::search {

/// The part of a space in which a suggestion is looked for: all of it, all but what is near the
/// bounds, or a box around one point.
///
/// The variance of a stationary process grows towards the bounds, the more the more parameters
/// there are (Siivola, Vehtari, Vanhatalo, Gonzalez, Andersen, "Correcting boundary
/// over-exploration deficiencies in Bayesian optimization", 2018), so that a search of the whole
/// space goes from corner to corner. A box keeps it where something is known to be good (Eriksson,
/// Pearce, Gardner, Turner, Poloczek, "Scalable global optimization via local Bayesian
/// optimization", NeurIPS 2019).
///
/// Immutable; the space must outlive it.
class Region {
 public:
  /// Everything.
  explicit Region(const Space& space);
  /// All but the quantiles within `margin` of a bound, of ordered parameters with many values.
  static Region inside(const Space& space, double margin);
  /// Of ordered parameters the quantiles within half of `side` of the centre's, and at least the
  /// values next to its own; of categories all, but its own in most of what is drawn. What is
  /// inactive at the centre is free.
  Region(const Space& space, const Point& centre, double side);

  bool has_centre() const { return !centre_.empty(); }
  /// From anywhere in the space to a place inside: quantiles are scaled; `coins` say which
  /// categories are kept.
  Point bring_in(Point point, Stream coins) const;
  /// The nearest quantile of an ordered parameter that lies inside.
  double nearest(std::size_t parameter, double unit) const;
  /// Whether an ordered parameter may have the value with this index.
  bool has(std::size_t parameter, std::uint64_t index) const;

 private:
  const Space& space_;
  Point centre_;  // empty: none
  std::vector<double> low_, high_;
};

/// Of a point's active ordered parameters with many values the share that is on a bound: at the
/// first or last value, or within .001 of it in the quantiles. 0 where there are none.
double share_on_bounds(const Space& space, const Point& point);

}  // namespace scopa::search
