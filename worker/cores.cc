#include "worker/cores.h"

#include <sched.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>

namespace scopa::worker {

namespace {

std::uint32_t bound_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return static_cast<std::uint32_t>(std::max(CPU_COUNT(&set), 1));
}

std::optional<std::uint32_t> number_in(const session::Environment& env, const char* name) {
  const std::string text = env(name).value_or("");
  std::uint32_t number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size() || number == 0) return {};
  return number;
}

}  // namespace

std::uint32_t usable_cores(const session::Environment& env) {
  const std::uint32_t bound = bound_cores();
  if (!session::is_in_slurm(env)) return bound;
  auto given = number_in(env, "SLURM_CPUS_PER_TASK");
  // Without --cpus-per-task: all that the job has on this node, of which a task has its share.
  if (!given) {
    given = number_in(env, "SLURM_CPUS_ON_NODE");
    const auto tasks = number_in(env, "SLURM_NTASKS_PER_NODE");
    if (given && tasks) given = std::max(*given / *tasks, 1U);
  }
  return given ? std::min(*given, bound) : bound;
}

}  // namespace scopa::worker
