#pragma once

#include <cstdint>
#include <string>

#include "sdk/session/environment.h"

namespace scopa::session {

/// This machine's name, as far as it tells machines apart: under SLURM the node's.
std::string host_name(const Environment& env);

/// A name that no other worker has: host-pid-random, under SLURM node-job-restart-pid-random. It
/// names folders: letters, digits, `.`, `_` and `-` alone.
std::string worker_id(const Environment& env, std::int64_t pid, std::uint64_t random);

}  // namespace scopa::session
