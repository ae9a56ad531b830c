#pragma once

#include <cstdint>
#include <utility>

#include "broker/search/space.h"
#include "broker/spec/sweep_spec.h"
#include "rehearsal/problem.h"
#include "rehearsal/rehearse.h"

namespace scopa::rehearsal {

/// A problem as an objective. What its own conditions make inactive is left out, whatever the sweep
/// says. Pure; const calls may come from several threads.
class ProblemObjective {
 public:
  /// `spec` is the problem's sweep file with its conditions as `when`.
  ProblemObjective(Problem problem, const spec::SweepSpec& spec)
      : problem_(std::move(problem)), space_(spec) {}

  /// Errors: those of Problem::run.
  Result<Training> training(const Params& params, std::uint64_t seed, std::uint64_t number) const;
  const Problem& problem() const { return problem_; }

 private:
  Params active(const Params& params) const;

  Problem problem_;
  search::Space space_;
};

}  // namespace scopa::rehearsal
