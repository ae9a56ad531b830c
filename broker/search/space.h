#pragma once

#include <cstdint>
#include <optional>
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
/// A configuration as coordinates: one choice for each parameter of the space, in the spec's order.
using Point = std::vector<Choice>;

/// The parameters of a sweep with their conditions: what can be asked for, and in which order.
///
/// A parameter is active when, for each of its conditions, the parent is active and has one of the
/// values. Inactive parameters are absent from a configuration. Immutable, so thread-safe.
class Space {
 public:
  struct Condition {
    std::size_t parent = 0;
    std::vector<std::uint64_t> allowed;  // value indexes of the parent, ascending
  };

  explicit Space(const spec::SweepSpec& spec, Domain::Use use = Domain::Use::kSampling);

  std::size_t size() const { return domains_.size(); }
  const Domain& domain(std::size_t i) const { return domains_[i]; }
  const std::string& name(std::size_t i) const { return names_[i]; }
  const std::vector<Condition>& conditions(std::size_t i) const { return conditions_[i]; }
  /// All parameters, parents before their children, else by path, level by level (W&B's order).
  const std::vector<std::size_t>& order() const { return order_; }
  std::optional<std::size_t> find(std::string_view name) const;

  /// Whether parameter `i` is active given the choices of its parents (which must be settled).
  bool is_active(const Point& point, std::size_t i) const;
  /// Sets all `active` flags from the choices; inactive parameters get index 0.
  void settle(Point* point) const;
  /// The configuration that a settled point stands for.
  Params params(const Point& point) const;
  /// Where a configuration lies; a parameter with a value that is not of the space is inactive.
  Point locate(const Params& params) const;

  /// Configuration `attempt` of suggestion `number`: every parameter by its own distribution.
  Point draw(std::uint64_t seed, std::uint64_t number, std::uint64_t attempt) const;

  /// The first point in order: index 0 everywhere.
  Point first() const;
  /// The next combination of the finite parameters, the last in order() running fastest; each
  /// different configuration comes once. Infinite ones keep their quantile. False after the last,
  /// and the point is the first one again.
  bool next(Point* point) const;
  /// Whether an active parameter of the point has no end of values.
  bool is_open(const Point& point) const;

  /// The number of different configurations; nothing when infinite, above 2^63, or with so many
  /// combinations of conditions that nobody could count them.
  std::optional<std::uint64_t> count() const;

 private:
  void sort_parameters(const spec::SweepSpec& spec);
  std::optional<std::uint64_t> count_group(const std::vector<std::size_t>& group,
                                           const std::vector<char>& is_parent) const;

  std::vector<Domain> domains_;
  std::vector<std::string> names_;
  std::vector<std::uint64_t> name_hashes_;
  std::vector<std::vector<Condition>> conditions_;
  std::vector<std::size_t> order_;
};

}  // namespace scopa::search
