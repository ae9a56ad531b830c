#pragma once

#include <string_view>
#include <vector>

#include "broker/spec/parse.h"

namespace scopa::lint {

/// What is valid in a sweep file and probably not meant, or a waste of trials: each finding with a
/// code of rules.h, its place in the file and a remedy to paste. Errors among them are what the
/// broker would refuse. None on a sound file. `text` is
/// what `spec` was parsed from, without errors.
///
///     warning[L001]: `lr` is uniform over 4 decades: 90 % of its values lie above 0.01
///       --> sweep.yaml:5:5
///     help: write `lr: {distribution: log_uniform_values, min: 1e-5, max: 0.1}`
///
/// Pure, and bounded in time whatever the file.
std::vector<spec::Diagnostic> lint(const spec::SweepSpec& spec, std::string_view text);

}  // namespace scopa::lint
