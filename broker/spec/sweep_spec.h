#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/base/states.h"
#include "sdk/base/value.h"

namespace scopa::spec {

/// W&B's names. `bayes` is our TPE.
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

struct Distribution {
  DistributionKind kind = DistributionKind::kConstant;
  std::vector<Value> values;          ///< the constant, or the categories
  std::vector<double> probabilities;  ///< as many as values, for kCategoricalWithWeights
  double min = 0, max = 0;
  double mu = 0, sigma = 1;
  double a = 1, b = 1;
  double q = 1;
  bool q_is_integer = false;  ///< an integer q gives integer samples, a real q reals
};

/// The parameter is active only while `parent` is active and has one of `values`.
struct Condition {
  std::string parent;  ///< dotted name
  std::vector<Value> values;
};

/// One searchable leaf (or constant) of `parameters`, nested ones flattened.
struct Parameter {
  std::vector<std::string> path;  ///< keys from the top, e.g. {"optimizer", "lr"}
  std::string name;               ///< the path joined by dots
  Distribution distribution;
  std::vector<Condition> when;  ///< all must hold
};

struct Metric {
  std::string name;
  Goal goal = Goal::kMinimize;
  std::optional<double> target;  ///< the sweep ends when a trial reaches it
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

/// A sweep file that has been read, checked and had its defaults written in.
struct SweepSpec {
  std::string name;
  std::string description;
  std::string project;
  std::string program;
  Method method = Method::kRandom;
  std::optional<Metric> metric;
  std::vector<Parameter> parameters;  ///< in the order of the file, nested ones in place
  std::optional<Hyperband> hyperband;
  std::vector<std::string> command;   ///< empty: W&B's default command
  std::uint64_t run_cap = 0;          ///< 0: none
  std::optional<std::uint64_t> seed;  ///< none: the broker draws one and records it
};

}  // namespace scopa::spec
