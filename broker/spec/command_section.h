#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "broker/spec/findings.h"
#include "broker/spec/sweep_spec.h"
#include "broker/spec/tree.h"

namespace scopa::spec {

/// Reads `command`, and holds its macros against the parameters of `spec`: ${param:NAME} must name
/// one, and `${lr}` inside an argument, which no shell expands, is an error where `lr` is one.
std::vector<std::string> read_command(const Entry& entry, const SweepSpec& spec,
                                      Findings* findings);

/// Whether an argument is a program in another language, so that a `$` in it is not ours: what
/// follows `bash -c`, `sh -euc`, `perl -e`, or comes after `ssh`, which hands all to a shell.
bool is_script(const std::vector<std::string>& command, std::size_t argument);

}  // namespace scopa::spec
