#pragma once

#include <string>
#include <vector>

#include "broker/lint/plan.h"
#include "broker/spec/parse.h"
#include "cli/context.h"
#include "cli/sweep_file.h"

namespace scopa::cli {

/// What the linter says of a file, or the parser: {"severity", "code", "message", ...}.
std::string json_of(const spec::Diagnostic& diagnostic);

/// The first configuration of a plan that has one.
Params first_of(const lint::Plan& plan);

/// The plan of a sweep for people: the search, its size, the rungs, the first configurations.
std::string plan_text(const Context& context, const lint::Plan& plan, const spec::SweepSpec& spec);
std::string plan_json(const lint::Plan& plan, const spec::SweepSpec& spec);

/// Before a sweep is created: the linter's warnings, two lines each, and the rungs in one. On
/// stderr; nothing with --quiet or --json. `run_cap`, if not 0, stands for the file's.
void say_before_launch(const Context& context, const SweepFile& file, std::uint64_t run_cap);

}  // namespace scopa::cli
