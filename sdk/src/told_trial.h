#pragma once

#include <optional>

#include "sdk/journal/journal.h"

namespace scopa::sdk {

/// Whether the environment names a trial that a worker started.
bool is_in_a_trial();

/// What the environment and the trial's folder tell of it where its journal cannot be seen, as on
/// another machine: the parameters are in SCOPA_PARAMS, else in params.json of SCOPA_FOLDER.
/// Nothing where they are nowhere, for half of a trial is none.
std::optional<journal::TrialHeader> told_trial();

}  // namespace scopa::sdk
