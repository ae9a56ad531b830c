#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "broker/search/decimal_steps.h"
#include "broker/spec/sweep_spec.h"
#include "sdk/base/status.h"
#include "sdk/base/value.h"

namespace scopa::search {

/// One distribution of a sweep file, made ready: its inverse CDF, its CDF, and (where it has
/// finitely many values) its values by index. docs/samplers.md gives the formulas.
///
/// The model's coordinate of every parameter is its quantile, `unit`, in [0, 1]: in it the user's
/// prior is uniform, whatever the distribution. A value of a finite domain owns an interval of
/// quantiles and stands at its middle.
///
/// W&B's semantics, with these repairs: quantised values stay inside [min, max] (the nearest
/// multiple of q inside) and are counted in decimal (0.6, not 0.6000000000000001), bounds come out
/// as they are written, where all values are whole they are integers, sigma 0 is a constant, and no
/// value is NaN or infinite. Immutable, so thread-safe.
///
///     Domain lr(parameter.distribution);
///     Value v = lr.value(0.5);        // the median
///     double u = *lr.unit_of(v);      // 0.5 again
class Domain {
 public:
  /// kGrid: what a grid search goes through. It differs for q_uniform: min, min + q, min + 2q ...
  /// below max, where all else takes multiples of q.
  enum class Use : std::uint8_t { kSampling, kGrid };

  explicit Domain(spec::Distribution distribution, Use use = Use::kSampling);

  const spec::Distribution& distribution() const { return spec_; }
  /// Categories have no order; all else has one.
  bool is_categorical() const { return categorical_; }
  bool is_finite() const { return count_ > 0; }
  bool is_constant() const { return count_ == 1; }
  /// The number of different values; 0 when there is no end of them.
  std::uint64_t count() const { return count_; }

  /// The inverse CDF. `unit` is brought into [0, 1] first.
  Value value(double unit) const;
  /// Finite domains: value `index`, in the order of the file (categories) or ascending.
  Value at(std::uint64_t index) const;
  std::uint64_t index_at(double unit) const;
  /// The middle of the quantiles that belong to value `index`, and how many these are: its share of
  /// the prior.
  double centre(std::uint64_t index) const;
  double width(std::uint64_t index) const;

  /// Finite domains: the index of a value in any spelling (1, 1.0); nothing when it has none.
  std::optional<std::uint64_t> index_of(const Value& value) const;
  /// The coordinate of a value; nothing when it is not of this domain.
  std::optional<double> unit_of(const Value& value) const;

  /// The CDF at a number; for categories at the index of one. Quantisation plays no part in it.
  double cdf(double x) const;

  /// The value as this distribution would give it (1 for 1.0 where integers are meant).
  /// Errors: kInvalidArgument, saying what is allowed.
  Result<Value> admit(const Value& value) const;
  /// What is allowed, for people: "between 1e-05 and 0.1", "one of adam, sgd".
  std::string describe() const;

 private:
  void list_categories();
  void be_constant(double x);
  void set_steps(double origin, double step);
  void lay_lattice();
  void lay_grid();
  double real(double unit) const;       // the inverse CDF before quantisation
  Value number(double k) const;         // lattice point k
  double lattice_edge(double k) const;  // the quantile between lattice points k - 1 and k

  spec::Distribution spec_;
  Use use_;
  bool categorical_ = false;
  bool lattice_ = false;   // values are first_ + index steps
  bool integral_ = false;  // quantised values are integers
  std::uint64_t count_ = 0;
  double lower_ = 0;  // the support
  double upper_ = 0;
  double first_ = 0;   // of the lattice, in steps
  double origin_ = 0;  // value of lattice point 0
  double step_ = 1;
  DecimalSteps steps_;  // the two of them
  std::optional<Value> constant_;
  std::vector<Value> categories_;   // different ones, in the order of the file
  std::vector<double> cumulative_;  // by position in the file
  std::vector<std::uint64_t> position_category_;
  std::vector<double> category_mass_;
  std::unordered_map<std::string, std::uint64_t> category_index_;  // by canonical text
};

/// The inverse CDF for quantiles from outside. Errors: kInvalidArgument outside [0, 1].
Result<Value> ppf(const Domain& domain, double unit);

/// The same text for every spelling of one value (1, 1.0).
std::string canonical_text(const Value& value);

}  // namespace scopa::search
