#pragma once

#include <string>

#include "broker/spec/sweep_spec.h"
#include "cli/context.h"
#include "cli/errors.h"
#include "cli/query.h"
#include "sdk/base/status.h"

namespace scopa::cli {

/// What `scopa run` leaves on stdout: the ten best on a terminal, all trials in a pipe.
std::string run_board(const Context& context, const Snapshot& snapshot);
/// What it says on stderr after that: the best configuration ready to paste, why it is finished,
/// what pruning saved, where the store is, and what to type next. `spec` is the sweep's file.
std::string run_closing(const Context& context, const Snapshot& snapshot,
                        const Result<spec::SweepSpec>& spec);

/// "with --dir" where the folder is not the usual one, for commands to paste.
std::string folder_option(const Context& context);

/// S131: the sweep paused itself because its trials fail; with the last words of the latest one.
Failure trials_fail(const Context& context, const Snapshot& snapshot);

}  // namespace scopa::cli
