#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "broker/spec/sweep_spec.h"
#include "cli/context.h"
#include "rehearsal/rehearse.h"
#include "sdk/base/limits.h"
#include "sdk/base/status.h"

namespace scopa::cli {

/// What sweeps are to be rehearsed on, as the command line says: one of the three.
struct ObjectiveChoice {
  std::string from;       ///< a sweep of the store
  std::string problem;    ///< an id ...
  std::string data;       ///< ... and the folder or list of problems that has it
  std::string evaluator;  ///< a command
  std::chrono::milliseconds patience = limits::kEvaluatorPatience;
};

struct RehearsalObjective {
  std::string kind;  ///< "sweep", "problem", "evaluator"
  std::string name;  ///< for people: "problem branin"
  /// The objective of the rehearsal with a seed. It may be called from several threads, unless
  /// `one_thread`, and must not outlive this.
  std::function<rehearsal::Objective(std::uint64_t seed)> with_seed;
  bool one_thread = false;
  /// The sweep that it knows, whose parameters others must have; none: it takes any.
  std::optional<spec::SweepSpec> spec;
  std::vector<std::string> metrics;  ///< that it can tell; empty: any
  std::vector<std::string> remarks;  ///< what someone should know of it
};

/// Reads what is needed. Of a recorded sweep the curves of `metric`. `leave` ends a long wait.
/// Errors: those of the connection, kNotFound for a sweep or problem that is not there (with what
/// is), kInvalidArgument for data that is none.
Result<RehearsalObjective> open_objective(const Context& context, const ObjectiveChoice& choice,
                                          const spec::Metric& metric,
                                          const std::function<bool()>& leave);

}  // namespace scopa::cli
