#pragma once

#include <optional>
#include <string>
#include <vector>

#include "broker/spec/sweep_spec.h"

namespace scopa::rehearsal {

/// Whether a sweep can be rehearsed on an objective that knows the parameters of another one. Pure.
struct Fit {
  struct Misfit {
    std::string path;     ///< in the sweep file: "parameters.lr"
    std::string message;  ///< without the path
    std::string help;
  };
  std::optional<Misfit> misfit;      ///< the first one; none: it fits
  std::vector<std::string> remarks;  ///< what fits and is doubtful
};

/// A parameter that the sweep varies must be known, one that is known and has no condition must be
/// given, and no category may be new. A range that goes beyond the known one is a remark.
/// `known_as` is the objective's name for people: "problem branin".
Fit fit_of(const spec::SweepSpec& sweep, const spec::SweepSpec& known, const std::string& known_as);

}  // namespace scopa::rehearsal
