#pragma once

#include <cstdint>

#include "sdk/session/environment.h"

namespace scopa::worker {

/// The cores that this worker's trainers may use: those to which the process is bound, and no more
/// than SLURM has given to the task, whether or not it binds tasks to cores.
std::uint32_t usable_cores(const session::Environment& env);

}  // namespace scopa::worker
