#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/spec/parse.h"
#include "cli/connect.h"
#include "cli/context.h"
#include "cli/errors.h"
#include "sdk/base/value.h"
#include "sdk/wire/messages.h"

/// What a sweep's trials will run, as far as this machine can say.
namespace scopa::cli {

/// The command line of a trial with these parameters. Variables of the environment that are not set
/// here stay as the file has them, ${args_json_file} is "params.json". Nothing where the file names
/// nothing to run.
std::optional<std::vector<std::string>> command_line(const spec::SweepSpec& spec,
                                                     const Params& params);

/// That such a trial could not be started in the current folder of this machine, in the words that
/// a worker would use: no such program, no right to run it, an interpreter that is not there.
/// Empty where nothing speaks against it. Looks at files and runs nothing.
std::vector<spec::Diagnostic> check_program(const spec::SweepSpec& spec, std::string_view text,
                                            const Params& params);

/// The error, S135, of a command that would run trials of this file here though none can be
/// started: the file names nothing to run, or what check_program() finds. `file` is its name.
std::optional<Failure> cannot_start(const spec::SweepSpec& spec, std::string_view text,
                                    const std::string& file);
/// The same of a sweep, with the remedy that a sweep has. Nothing where it has ended, and where
/// this version cannot read its file.
std::optional<Failure> cannot_start(Link& link, const wire::SweepInfo& sweep,
                                    const Context& context);

}  // namespace scopa::cli
