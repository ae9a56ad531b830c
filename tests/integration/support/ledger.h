#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace scopa::test {

/// What `ledger_trainer` logs can be told beforehand: metric "loss" at each step, and "attempt",
/// which says who logged it.
inline double ledger_loss(std::uint64_t trial, std::int64_t step) {
  std::uint64_t hash = (trial + 1) * 0x9e3779b97f4a7c15ULL ^ static_cast<std::uint64_t>(step);
  hash = (hash ^ (hash >> 31)) * 0xbf58476d1ce4e5b9ULL;
  const double noise = static_cast<double>(hash >> 40) / static_cast<double>(1 << 24);
  return static_cast<double>(trial % 7) + 1.0 / static_cast<double>(step + 1) + 0.01 * noise;
}
inline double ledger_attempt(std::uint32_t attempt, std::int64_t step) {
  return attempt * 1e6 + static_cast<double>(step);
}

/// What one trainer process wrote down for itself, outside of Scopa and with a system call for each
/// step, so that it outlives a kill -9. Its file is FOLDER/TRIAL-ATTEMPT-PID.
struct LedgerEntry {
  std::uint64_t trial = 0;
  std::uint32_t attempt = 0;
  int pid = 0;
  std::int64_t first = 0;        ///< step
  std::int64_t next = 0;         ///< all steps below have been logged; this one perhaps
  std::int64_t checkpoint = -1;  ///< last one saved
  bool ended = false;            ///< by itself
  bool was_stopped = false;
  std::string complaint;  ///< what it did not like about what it was given
};

std::vector<LedgerEntry> read_ledger(const std::string& folder);
/// The trainers with an entry that still live. Their folder is in their environment, so that a
/// process number used again by a stranger is none of them.
std::vector<pid_t> living_trainers(const std::string& folder);

}  // namespace scopa::test
