#pragma once

#include <string>

#include "cli/context.h"
#include "sdk/base/status.h"

namespace scopa::cli {

/// The process's exit codes; docs/cli.md lists them.
enum Exit : int {
  kExitOk = 0,
  kExitFailed = 1,
  kExitUsage = 2,
  kExitNotFound = 3,
  kExitUnreachable = 4,  ///< or not allowed
  kExitInvalid = 5,      ///< the sweep file
  kExitUnmet = 6,        ///< a condition is not met, or timed out
  kExitInterrupted = 130,
  kExitTerminated = 143,
};

/// One error, as it is shown.
struct Failure {
  Exit exit = kExitFailed;
  std::string code;     ///< stable, e.g. "S120"; docs/cli.md lists them
  std::string message;  ///< one sentence
  std::string details;  ///< lines below it, indented; may be empty
  std::string help;     ///< the remedy; may be empty
  std::string file;     ///< with --json
  int line = 0;
  int column = 0;
};

/// Code and exit code follow the status's code.
Failure failure_of(const Status& status);

/// "error[S120]: no sweep `x`\nhelp: ...\n", or with --json the document {"error": {...}}.
std::string render(const Failure& failure, bool json, bool color);

/// Writes it to stderr and returns its exit code: `return fail(context, ...)`.
int fail(const Context& context, const Failure& failure);
int fail(const Context& context, const Status& status);
/// What was given cannot mean anything: its own words, exit code 2.
int fail_as_usage(const Context& context, const Status& status);
/// A misused command line: exit code 2 and a pointer to the help.
int fail_usage(const Context& context, const std::string& message, const std::string& command);

}  // namespace scopa::cli
