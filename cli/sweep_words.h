#pragma once

#include "broker/spec/sweep_spec.h"
#include "cli/connect.h"
#include "sdk/base/program_text.h"

namespace scopa::cli {

/// The sweep's file, read anew. Errors: those of the broker, kUnsupported where this version cannot
/// read it.
Result<spec::SweepSpec> get_spec(Link& link, const SweepId& sweep);

/// The words that the sweep's program is given for booleans and null; JSON's where that cannot be
/// told.
Words words_for(const Result<spec::SweepSpec>& spec);

}  // namespace scopa::cli
