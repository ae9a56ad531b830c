#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "broker/search/distribution.h"
#include "broker/spec/sweep_spec.h"
#include "sdk/base/status.h"
#include "sdk/base/value.h"

namespace scopa::search {

/// What one parameter of a configuration is.
struct Choice {
  bool active = false;
  std::uint64_t index = 0;  ///< of the value, in a finite domain
  double unit = 0.5;        ///< the quantile, in an infinite one
};
/// Where the choice of an ordered parameter stands: its quantile, or the middle of those that its
/// value owns.
inline double quantile(const Domain& domain, const Choice& choice) {
  return domain.is_finite() ? domain.centre(choice.index) : choice.unit;
}
/// A configuration as coordinates: one choice for each parameter of the space, in the spec's order.
using Point = std::vector<Choice>;

/// Values that take the place of what the coordinates say: where a quantile does not give a value
/// back to its last bit. By parameter; may be empty.
using Given = std::span<const std::optional<Value>>;

/// The parameters of a sweep with their conditions, derived values and constraints: what can be
/// asked for, and in which order.
///
/// A parameter is active when, for each of its conditions, the parent is active and has one of the
/// values, and when its predicates hold. Inactive parameters are absent from a configuration.
/// Immutable, so thread-safe.
class Space {
 public:
  struct Condition {
    std::size_t parent = 0;
    std::vector<std::uint64_t> allowed;  // value indexes of the parent, ascending
  };

  explicit Space(const spec::SweepSpec& spec, Domain::Use use = Domain::Use::kSampling);

  /// Of searched parameters; derived ones are none.
  std::size_t size() const { return domains_.size(); }
  /// Of those that have more than one value.
  std::size_t searched() const {
    return static_cast<std::size_t>(
        std::count_if(domains_.begin(), domains_.end(),
                      [](const Domain& domain) { return !domain.is_constant(); }));
  }
  const Domain& domain(std::size_t i) const { return domains_[i]; }
  const std::string& name(std::size_t i) const { return names_[i]; }
  const std::vector<Condition>& conditions(std::size_t i) const { return conditions_[i]; }
  const std::vector<spec::Expression>& predicates(std::size_t i) const { return predicates_[i]; }
  /// All parameters, parents before their children, else by path, level by level (W&B's order).
  const std::vector<std::size_t>& order() const { return order_; }
  std::optional<std::size_t> find(std::string_view name) const;
  bool has_derived(std::string_view name) const;

  /// Sets all `active` flags from the choices; inactive parameters get index 0.
  void settle(Point* point, Given given = {}) const;
  /// The configuration that a settled point stands for, derived parameters at its end.
  Params params(const Point& point, Given given = {}) const;
  /// Where a configuration lies; a parameter with a value that is not of the space is inactive.
  Point locate(const Params& params) const;

  bool is_constrained() const { return !constraints_.empty(); }
  const std::vector<spec::Expression>& constraints() const { return constraints_; }
  /// A constraint that a settled point violates: of several, the one that the walk in order()
  /// leaves behind first. Nothing for an admissible point.
  std::optional<std::size_t> violated(const Point& point, Given given = {}) const;
  bool admits(const Point& point) const { return !violated(point); }
  /// Whether what is active, or admissible, rests on values by expressions.
  bool has_rules() const { return has_predicates_ || is_constrained(); }
  /// How many configurations one draws before one gives up: 20,000, fewer where expressions are so
  /// long that it would take seconds.
  std::uint64_t draws_max() const { return draws_max_; }

  /// Configuration `attempt` of suggestion `number`: every parameter by its own distribution.
  Point draw(std::uint64_t seed, std::uint64_t number, std::uint64_t attempt) const;

  /// The first point in order: index 0 everywhere.
  Point first() const;
  /// The next combination of the finite parameters, the last in order() running fastest; each
  /// different configuration comes once. Infinite ones keep their quantile. With `violated`, the
  /// constraint that the point violates, those that must violate it as well are left out. False
  /// after the last, and the point is the first one again.
  bool next(Point* point, std::optional<std::size_t> violated = {}) const;
  /// Whether the walk comes to `a` before it comes to `b`.
  bool precedes(const Point& a, const Point& b) const;

  /// The number of different admissible configurations; nothing when infinite, above 2^63, or with
  /// more than 10^6 combinations of those values that conditions and constraints tie together.
  std::optional<std::uint64_t> count() const;

 private:
  class Values;

  void read_expressions(const spec::SweepSpec& spec);
  void sort_parameters(const spec::SweepSpec& spec);
  void place_constraints();
  std::vector<std::size_t> sources(const std::vector<std::size_t>& parameters) const;

  bool is_active(std::size_t i, Values* values) const;
  void look_up(const std::vector<std::size_t>& parameters, Values* values) const;
  Value value_at(const Point& point, std::size_t i, Given given) const;
  void derive(std::size_t i, Values* values) const;
  bool fails(std::size_t constraint, Values* values) const;
  std::optional<std::size_t> violated_among(const std::vector<std::size_t>& constraints,
                                            const Point& point, Given given = {}) const;

  struct Group;
  std::vector<Group> groups() const;
  std::optional<std::uint64_t> count_group(const Group& group) const;

  // Parameters have the numbers 0 ... size() - 1, derived ones follow.
  std::vector<Domain> domains_;
  std::vector<std::string> names_;
  std::vector<std::uint64_t> name_hashes_;
  std::vector<std::vector<Condition>> conditions_;         // of derived ones too
  std::vector<std::vector<spec::Expression>> predicates_;  // of derived ones too
  std::vector<std::string> derived_names_;
  std::vector<spec::Expression> derived_;
  std::vector<spec::Expression> constraints_;
  // For each constraint, the parameters that its truth rests on, and the place in order() up to
  // which all of them stand.
  std::vector<std::vector<std::size_t>> constraint_sources_;
  std::vector<std::size_t> constraint_place_;
  std::vector<std::size_t> constraint_order_;  // by that place
  std::vector<std::size_t> order_;
  std::vector<std::size_t> place_;  // in order_, by parameter
  std::uint64_t draws_max_ = 0;
  bool has_predicates_ = false;  // of parameters
};

}  // namespace scopa::search
