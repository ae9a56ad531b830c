#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "broker/store/engine.h"
#include "sdk/base/limits.h"
#include "sdk/base/status.h"

/// Whether all that a store holds is what a broker would have written: every key and value is read,
/// every sequence and state checked (broker/core/log_check.h), and the state rebuilt from it.
namespace scopa::store {

struct Problem {
  std::string family;
  std::string key;  ///< as hexadecimal digits; of a whole sweep, its id alone
  std::string text;
};

struct Verified {
  std::uint64_t schema = 0;
  std::string software;  ///< that made it
  std::uint64_t sweeps = 0, trials = 0, attempts = 0;
  std::uint64_t removed = 0;  ///< sweeps of which nothing is left, not counted in `sweeps`
  std::uint64_t events = 0, reports = 0, points = 0;
  std::uint64_t last_seq = 0;
  std::uint64_t problem_count = 0;
  std::vector<Problem> problems;  ///< at most limits::kStoreProblemsMax
  bool is_sound() const { return problem_count == 0; }
};

/// Called now and then with the number of entries read so far.
using VerifyProgress = std::function<void(std::uint64_t entries)>;

/// Keeps one sweep at a time in memory, and 8 bytes for each event and report. Errors: only where
/// nothing can be said of the rest, as reading fails.
Result<Verified> verify(const Engine& engine, const VerifyProgress& progress = {});

/// Of the store in `folder`, which is only read; also beside a broker. Errors: those of
/// Store::open.
Result<Verified> verify_folder(const std::string& folder, const VerifyProgress& progress = {});

}  // namespace scopa::store
