#pragma once

#include <string>

#include "broker/spec/sweep_spec.h"
#include "rehearsal/problem.h"
#include "sdk/base/status.h"

namespace scopa::cli {

/// The problem `id` of the lists in `data`: a folder, of which every *.json that holds a list
/// `{"problems":[...]}` is read, or one such file. The network that it names is NAME.json and
/// NAME.f32 beside the list. Errors: kNotFound for what is not there, with what is;
/// kInvalidArgument for data that is none.
Result<rehearsal::Problem> read_problem(const std::string& data, const std::string& id);

/// The problem's sweep file, its conditions as `when`. Errors: kInvalidArgument.
Result<spec::SweepSpec> spec_of(const rehearsal::Problem& problem);

}  // namespace scopa::cli
