#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "broker/spec/expression.h"
#include "sdk/base/limits.h"
#include "sdk/base/states.h"
#include "sdk/base/value.h"

namespace scopa::spec {

/// W&B's names. What `bayes` models the search with is BayesModel's.
enum class Method : std::uint8_t { kRandom, kGrid, kBayes };
std::string_view name_of(Method method);

/// Every distribution of the W&B schema. docs/spec.md gives each one's keys and inverse CDF.
enum class DistributionKind : std::uint8_t {
  kConstant,
  kCategorical,             ///< values
  kCategoricalWithWeights,  ///< values, probabilities
  kIntUniform,              ///< min, max: integers, both included
  kUniform,
  kQUniform,
  kLogUniform,        ///< min, max are exponents of e
  kLogUniformValues,  ///< min, max are values
  kQLogUniform,
  kQLogUniformValues,
  kInvLogUniform,
  kInvLogUniformValues,
  kNormal,
  kQNormal,
  kLogNormal,
  kQLogNormal,
  kBeta,
  kQBeta,
};
std::string_view name_of(
    DistributionKind kind);  ///< as in the sweep file, e.g. "q_log_uniform_values"

/// True where `values` holds all that can come out: of constants and categories.
bool has_categories(DistributionKind kind);

struct Distribution {
  DistributionKind kind = DistributionKind::kConstant;
  std::vector<Value> values;          ///< the constant, or the categories
  std::vector<double> probabilities;  ///< as many as values, for kCategoricalWithWeights
  double min = 0, max = 0;
  double mu = 0, sigma = 1;
  double a = 1, b = 1;
  double q = 1;
  bool q_is_integer = false;  ///< as the file spells it: 2, not 2.0
  bool operator==(const Distribution&) const = default;
};

/// The parameter is active only while `parent` is active and has one of `values`.
struct Condition {
  std::string parent;  ///< dotted name
  std::vector<Value> values;
  bool operator==(const Condition&) const = default;
};

/// One searchable leaf (or constant) of `parameters`, nested ones flattened.
struct Parameter {
  std::vector<std::string> path;  ///< keys from the top, e.g. {"optimizer", "lr"}
  std::string name;               ///< the path joined by dots
  Distribution distribution;
  std::vector<Condition> when;  ///< all must hold
  /// What else must hold: the parts of `when` that rest on several parameters, or on one with too
  /// many values to list them.
  std::vector<Expression> predicates;
};

/// A parameter whose value follows from others (`{expr: "0.1 * steps"}`). It is not searched.
struct Derived {
  std::vector<std::string> path;
  std::string name;
  Expression expression;        ///< where its value is absent, so is the parameter
  std::vector<Condition> when;  ///< on searched parameters; all must hold
  std::vector<Expression> predicates;
};

/// How the finite values of a learning curve become the trial's one value.
enum class Reduction : std::uint8_t {
  kLast,
  kBest,
  kMean,  ///< of the last `reduce_window` values, or of all while there are fewer
};

struct Metric {
  std::string name;
  Goal goal = Goal::kMinimize;
  std::optional<double> target;  ///< the sweep ends when a trial's value reaches it
  /// Used alike by the model, the pruner, the target and the leaderboard.
  Reduction reduce = Reduction::kLast;
  std::uint32_t reduce_window = 1;  ///< 1 ... limits::kReduceWindowMax
  std::string impute = "worst";  ///< W&B's "best", "worst" or "latest": what a failed trial counts
  std::string impute_while_running = "false";  ///< the same for running trials, or "false"
};

/// W&B's `early_terminate: {type: hyperband}`.
struct Hyperband {
  std::optional<std::int64_t> min_iter;
  std::optional<std::int64_t> max_iter;
  std::optional<std::int64_t> s;
  double eta = 3;
  bool strict = true;
};

/// Asynchronous successive halving by steps: rungs at min_resource * eta^k below max_resource; at
/// each the best 1/eta go on.
struct Asha {
  std::int64_t min_resource = 1;
  std::optional<std::int64_t> max_resource;  ///< none: max_steps, or no end
  double eta = 3;
};

/// Stops what is behind the best `percentile` percent of the other trials at the same step; the
/// median rule is the 50th.
struct Percentile {
  double percentile = 50;   ///< above 0, below 100: this share goes on
  std::int64_t warmup = 0;  ///< no comparison before this step
  std::optional<std::int64_t>
      interval;                  ///< steps between comparisons; none: 1, 2, 3, 4, 6, 8, 12 ...
  std::uint32_t min_trials = 5;  ///< others that must have come that far
  bool is_median = false;        ///< the file calls it `median`
};

/// Stops what will not end among the best quarter, as its curve and those of ended trials foretell;
/// needs max_steps.
struct Predictive {
  double confidence = 0.9;       ///< above 0, below 1: how surely
  std::int64_t warmup = 0;       ///< nothing is stopped before this step
  std::uint32_t min_trials = 5;  ///< that must have come to the end before ends decide; >= 4
};

/// Stops a trial whose value leaves [lower, upper].
struct Threshold {
  std::optional<double> lower, upper;  ///< at least one
  std::int64_t warmup = 0;             ///< not before this step
};

struct Pruner;

/// Lets a trial go on, whatever the wrapped pruner says, until it has not improved by more than
/// min_delta for `patience` steps. Without a wrapped pruner it stops the trial then.
struct Patient {
  std::int64_t patience = 1;
  double min_delta = 0;
  std::vector<Pruner> wraps;  ///< none or one, itself not patient
  std::int64_t warmup = 0;    ///< nothing is stopped before this step
};

/// `early_terminate`.
struct Pruner {
  std::variant<Hyperband, Asha, Percentile, Predictive, Threshold, Patient> kind;
};
std::string_view name_of(const Pruner& pruner);  ///< as in the sweep file, e.g. "median"
std::string to_text(Reduction reduce, std::uint32_t window);  ///< "last", "best", "mean(5)"

/// What happens to a trial whose goal metric becomes NaN or infinite after a finite value.
enum class OnNan : std::uint8_t {
  kStop,    ///< it is stopped and has diverged
  kFail,    ///< it is stopped and has failed
  kIgnore,  ///< the value is left out; the trial has diverged if its last value was none
};

/// What `method: bayes` models the search with.
enum class BayesModel : std::uint8_t {
  kAuto,  ///< kGp, with many parameters kTpe
  kTpe,
  kGp,
};

/// What a sweep may use; when one of them is used up the sweep ends. `run_cap` is the third.
struct Budget {
  std::optional<std::chrono::microseconds> wall_time;    ///< since the first attempt started
  std::optional<std::chrono::microseconds> device_time;  ///< of all attempts together
};

/// A sweep file that has been read, checked and had its defaults written in.
struct SweepSpec {
  std::string name;
  std::string description;
  std::string project;
  std::string program;
  Method method = Method::kRandom;
  std::optional<Metric> metric;
  /// In the order of the file, nested ones in place, but what a parameter depends on before it.
  /// Expressions number them from 0 on, and `derived` after them.
  std::vector<Parameter> parameters;
  std::vector<Derived> derived;  ///< each after those that it depends on
  /// A configuration must make them true. One that mentions an absent parameter does not bind.
  std::vector<Expression> constraints;
  std::optional<Pruner> pruner;
  std::vector<std::string> command;   ///< empty: W&B's default command
  std::uint64_t run_cap = 0;          ///< 0: none; counts configurations, not replicates
  std::optional<std::uint64_t> seed;  ///< none: the broker draws one and records it

  // Scopa's own.
  std::vector<Params> initial;  ///< tried first, in this order; what they leave out is drawn
  OnNan on_nan = OnNan::kStop;
  std::optional<std::chrono::microseconds> max_trial_time;  ///< of one attempt
  std::optional<std::int64_t> max_steps;  ///< a trial is complete when a goal value has this step
  std::chrono::microseconds grace = limits::kGraceDefault;  ///< of a trial that is told to stop
  std::uint32_t retries = 0;     ///< more attempts for a trial that failed
  std::uint32_t replicates = 1;  ///< runs of one configuration, with different seeds
  Budget budget;
  BayesModel bayes_model = BayesModel::kAuto;
};

}  // namespace scopa::spec
